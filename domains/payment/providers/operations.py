"""Requests to the provider of a payment, each bounded in time and made outside any database transaction."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta
from typing import Final, TypeVar

import structlog

from domains.kernel.database import Reader
from domains.kernel.values.money import Money
from domains.payment.accounts.accounts import PaymentAccounts
from domains.payment.errors import AmountMismatch, ProviderCredentialsRefused, ProviderUnavailable
from domains.payment.models import Payment
from domains.payment.providers.requests import (
    AuthorizationRequest,
    PaymentInstrument,
    PaymentReference,
    ProviderCustomer,
)
from domains.payment.providers.results import ProviderPayment, ProviderStatus

log = structlog.get_logger("domains.payment")
T = TypeVar("T")
ANSWER_TIME: Final = timedelta(seconds=15)  # below the time limit of a request
UNANSWERED: Final = ProviderPayment.unanswered()
RELEASED: Final = {ProviderStatus.CANCELLED, ProviderStatus.FAILED}
STATUSES_WITH_AMOUNT: Final = {ProviderStatus.AUTHORIZED, ProviderStatus.SUCCEEDED}


class Operations:
    """Authorizes, captures, cancels and looks up payments at their provider.

    Each request is idempotent: the provider knows the payment by its id. A request without an answer within
    ANSWER_TIME gives NO_ANSWER, and so do credentials that the provider refuses, which are logged. Each raises
    ProviderNotConfigured, and AmountMismatch when the amount at the provider is not the payment's, or more than that
    is captured; the result is then not recorded.
    """

    def __init__(self, accounts: PaymentAccounts) -> None:
        self._accounts = accounts

    async def authorize(
        self,
        db: Reader,
        payment: Payment,
        instrument: PaymentInstrument,
        *,
        return_url: str | None = None,
        keep_method_for: ProviderCustomer | None = None,
        description: str | None = None,
    ) -> ProviderPayment:
        """Authorize a payment, and capture it unless its capture method is MANUAL.

        Raises ProviderUnavailable when the provider refuses the account's credentials. The payment stays open,
        because a part of it may have been carried out, and reconciliation asks for it. Nothing but the payment is
        stored: whoever repeats the request after a crash gives the same values again.
        """
        request = AuthorizationRequest(
            payment.id,
            _amount(payment),
            instrument,
            payment.capture_method,
            return_url=return_url,
            keep_method_for=keep_method_for,
            description=description,
        )
        provider = await self._accounts.opened(db, payment.provider)
        try:
            result = await bounded(provider.authorize(request), UNANSWERED)
        except ProviderCredentialsRefused as refused:
            _log(refused, payment)
            raise ProviderUnavailable from None
        return _require_amount(payment, result)

    async def confirm(self, db: Reader, payment: Payment) -> ProviderPayment:
        """Carry out a payment that its buyer has approved; any other payment is looked up."""
        provider = await self._accounts.opened(db, payment.provider)
        return _require_amount(payment, await answer(provider.confirm(reference_of(payment)), UNANSWERED, payment))

    async def capture(self, db: Reader, payment: Payment) -> ProviderPayment:
        """Capture the requested amount of an authorized payment; the provider releases the rest.

        When the provider refuses, the whole amount is released, so that a FAILED payment holds nothing.
        """
        provider = await self._accounts.opened(db, payment.provider)
        amount = Money(payment.capture_amount or payment.amount, payment.currency)
        result = await answer(provider.capture(reference_of(payment), amount), UNANSWERED, payment)
        if result.status is not ProviderStatus.FAILED:
            return _require_amount(payment, result)
        released = await answer(provider.cancel(reference_of(payment)), UNANSWERED, payment)
        if released.status not in RELEASED:
            return UNANSWERED  # it is captured again later
        return replace(result, transactions=released.transactions or result.transactions)

    async def cancel(self, db: Reader, payment: Payment) -> ProviderPayment:
        """Cancel a payment. A provider that has not received it yet will not take money when it arrives."""
        provider = await self._accounts.opened(db, payment.provider)
        return await answer(provider.cancel(reference_of(payment)), UNANSWERED, payment)

    async def find(self, db: Reader, payment: Payment) -> ProviderPayment | None:
        """Look a payment up; None when the provider has not received it."""
        provider = await self._accounts.opened(db, payment.provider)
        result = await answer(provider.find(reference_of(payment)), UNANSWERED, payment)
        return result and _require_amount(payment, result)


def reference_of(payment: Payment) -> PaymentReference:
    """The payment as its provider knows it."""
    return PaymentReference(payment.id, payment.provider_transaction_id, _amount(payment))


async def answer(request: Awaitable[T], default: T, payment: Payment | None = None) -> T:
    """The provider's answer, or `default` when none arrives within ANSWER_TIME or it refuses the credentials.

    The latter is logged as an error, with the payment that the request is about.
    """
    try:
        return await bounded(request, default)
    except ProviderCredentialsRefused as refused:
        _log(refused, payment)
        return default


def _log(refused: ProviderCredentialsRefused, payment: Payment | None) -> None:
    about = {"company_id": str(payment.company_id), "payment_id": str(payment.id)} if payment else {}
    log.error("a payment provider refuses credentials", provider=refused.provider, advice=str(refused), **about)


async def bounded(request: Awaitable[T], default: T) -> T:
    """The provider's answer, or `default` when none arrives within ANSWER_TIME. Raises ProviderCredentialsRefused."""
    try:
        async with asyncio.timeout(ANSWER_TIME.total_seconds()):
            return await request
    except OSError:  # TimeoutError is one
        return default


def _require_amount(payment: Payment, result: ProviderPayment) -> ProviderPayment:
    """The result, whose amount is the payment's; a capture may be smaller."""
    if result.status not in STATUSES_WITH_AMOUNT or result.amount == _amount(payment):
        return result
    amount, is_capture = result.amount, result.status is ProviderStatus.SUCCEEDED
    if amount is None or not is_capture or amount.currency != payment.currency or amount.amount > payment.amount:
        raise AmountMismatch(payment.id, amount)
    return result


def _amount(payment: Payment) -> Money:
    return Money(payment.amount, payment.currency)
