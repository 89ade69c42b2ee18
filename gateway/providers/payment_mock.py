"""The MOCK payment provider: its answer depends on the test card, and its records are stored in the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import asyncpg

from domains.kernel.clock import Clock
from domains.kernel.ids import new_id
from domains.kernel.values.money import Money
from domains.kernel.values.secret import Secret
from domains.payment.cards import CardDetails
from domains.payment.models import CaptureMethod, DeclineReason, NextActionType, RefundStatus
from domains.payment.provider import (
    AuthorizationRequest,
    Decline,
    HostedCheckout,
    NextAction,
    PaymentInstrument,
    PaymentReference,
    ProviderPayment,
    ProviderRefund,
    ProviderStatus,
    RefundRequest,
    WebhookEvent,
)
from gateway.providers import mock_sql as sql
from gateway.providers.mock_webhooks import HEADER, event_of, read_event
from gateway.providers.webhook_signature import sign, verify

APPROVES: Final = "4242424242424242"
APPROVES_ALL: Final = "424242"  # the first digits of all cards that are approved, so that each buyer can have one
DECLINES: Final = "4000000000000002"
LACKS_FUNDS: Final = "4000000000009995"
EXPIRED: Final = "4000000000000069"
WRONG_CODE: Final = "4000000000000127"
AUTHENTICATES: Final = "4000000000003220"
TIMES_OUT_UNCHARGED: Final = "4000000000000119"
TIMES_OUT_CHARGED: Final = "4000000000000341"
# The tokens that a form of MOCK would issue, with their test cards.
TOKENS: Final = {
    "mock_pm_approves": APPROVES,
    "mock_pm_declines": DECLINES,
    "mock_pm_authenticates": AUTHENTICATES,
}
CODES: Final = {
    DECLINES: "CARD_DECLINED",
    LACKS_FUNDS: "INSUFFICIENT_FUNDS",
    EXPIRED: "EXPIRED_CARD",
    WRONG_CODE: "INCORRECT_CVC",
}
DECLINES_BY_CODE: Final = {
    decline.code: decline
    for decline in (
        Decline(DeclineReason.CARD_DECLINED, "CARD_DECLINED", "The card was declined. Try another card."),
        Decline(
            DeclineReason.INSUFFICIENT_FUNDS,
            "INSUFFICIENT_FUNDS",
            "The card has insufficient funds. Try another card.",
        ),
        Decline(DeclineReason.CARD_EXPIRED, "EXPIRED_CARD", "The card has expired. Try another card."),
        Decline(
            DeclineReason.SECURITY_CODE_INVALID,
            "INCORRECT_CVC",
            "The security code is wrong. Check it.",
        ),
        Decline(
            DeclineReason.AUTHENTICATION_FAILED,
            "AUTHENTICATION_FAILED",
            "The payment was not authenticated. Try again, or use another card.",
        ),
        Decline(
            DeclineReason.METHOD_NOT_SUPPORTED,
            "TEST_CARD_REQUIRED",
            "The MOCK provider accepts its test cards only, such as 4242 4242 4242 4242.",
        ),
    )
}
NOT_CAPTURABLE: Final = Decline(
    DeclineReason.PROVIDER_ERROR, "NOT_CAPTURABLE", "The payment is not authorized for this amount."
)
REFUNDED: Final = Decline(DeclineReason.PROVIDER_ERROR, "REFUNDED", "A part of the payment was refunded already.")
NOT_REFUNDABLE: Final = Decline(
    DeclineReason.PROVIDER_ERROR, "NOT_REFUNDABLE", "The payment has no captured amount in this currency."
)
TOO_MUCH: Final = Decline(
    DeclineReason.PROVIDER_ERROR, "TOO_MUCH", "The refund exceeds the captured amount that is left."
)
STATUSES: Final = {
    "REQUIRES_ACTION": ProviderStatus.REQUIRES_ACTION,
    "AUTHORIZED": ProviderStatus.AUTHORIZED,
    "APPROVED": ProviderStatus.SUCCEEDED,
    "DECLINED": ProviderStatus.FAILED,
    "VOIDED": ProviderStatus.CANCELLED,
}
PAGE: Final = "/payments/mock"


@dataclass(frozen=True, slots=True)
class Answer:
    """The stored result of an authorization: a status, with the code of a decline or a next action."""

    status: str
    code: str | None = None


class MockPayments:
    """A provider without a bank. It uses connections of its own, never the caller's transaction.

    It stores nothing of a card. `TIMES_OUT_CHARGED` charges and does not answer, `TIMES_OUT_UNCHARGED` does
    neither; `find` distinguishes them. `AUTHENTICATES` and a hosted checkout wait for `complete_action`.
    """

    name = "MOCK"
    accepts_cards = True

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", clock: Clock, webhook_secret: Secret) -> None:
        self._pool = pool
        self._clock = clock
        self._webhook_secret = webhook_secret

    async def authorize(self, request: AuthorizationRequest) -> ProviderPayment:
        """Approve, decline, require an action or time out, by the card; idempotent by the reference."""
        card = _card_of(request.instrument)
        if card == TIMES_OUT_UNCHARGED:
            raise TimeoutError
        answer = _answer(card, request)
        (row,) = await self._pool.fetch(
            sql.AUTHORIZE,
            request.reference,
            _transaction_id(),
            answer.status,
            request.amount.amount,
            request.amount.currency,
            answer.code,
            request.capture_method.value,
        )
        if card == TIMES_OUT_CHARGED:
            raise TimeoutError
        return _payment(row)

    async def capture(self, payment: PaymentReference, amount: Money) -> ProviderPayment:
        """Capture at most what is authorized, in its currency; the rest is released."""
        row = await self._pool.fetchrow(sql.CAPTURE, payment.reference, amount.amount, amount.currency)
        if row is None or row["status"] not in {"APPROVED", "VOIDED"}:
            return ProviderPayment(
                ProviderStatus.FAILED, row["transaction_id"] if row else None, decline=NOT_CAPTURABLE
            )
        return _payment(row)

    async def cancel(self, payment: PaymentReference) -> ProviderPayment:
        """Cancel a payment, or ensure that it never takes money."""
        row = await self._pool.fetchrow(sql.CANCEL, payment.reference, payment.provider_id or _transaction_id())
        if row is None:
            return ProviderPayment(ProviderStatus.FAILED, payment.provider_id, decline=REFUNDED)
        return _payment(row)

    async def find(self, payment: PaymentReference) -> ProviderPayment | None:
        """The stored payment."""
        row = await self._pool.fetchrow(sql.FIND, payment.reference)
        return _payment(row) if row else None

    async def refund(self, request: RefundRequest) -> ProviderRefund:
        """Refund at most what was captured, all refunds together."""
        async with self._pool.acquire() as connection, connection.transaction():
            charge = await connection.fetchrow(sql.LOCK, request.payment.reference)
            if charge is None or charge["status"] != "APPROVED" or charge["currency"] != request.amount.currency:
                return ProviderRefund(RefundStatus.FAILED, decline=NOT_REFUNDABLE)
            status = await connection.fetchval(
                sql.REFUND, request.reference, charge["transaction_id"], request.amount.amount, charge["amount"]
            )
        if status == "DECLINED":
            return ProviderRefund(RefundStatus.FAILED, decline=TOO_MUCH)
        return ProviderRefund(RefundStatus.SUCCEEDED, f"mock_re_{request.reference.hex}")

    async def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookEvent:
        """Verify the header Mock-Signature over the raw body, and read the event."""
        given = {name.lower(): value for name, value in headers.items()}
        verify(given.get(HEADER), body, self._webhook_secret, self._clock.now())
        return read_event(body)

    # ---- actions of the buyer and the provider

    async def complete_action(self, reference: UUID, *, succeeds: bool) -> ProviderPayment | None:
        """Complete a payment's next action as its buyer; the payment after it, None when there is none.

        A payment without a pending action does not change.
        """
        row = await self._pool.fetchrow(sql.COMPLETE_ACTION, reference, succeeds)
        return _payment(row) if row else None

    async def webhook(self, reference: UUID) -> tuple[bytes, dict[str, str]]:
        """The body and the headers of the signed webhook about a payment as it is now. Raises LookupError."""
        row = await self._pool.fetchrow(sql.FIND, reference)
        if row is None:
            raise LookupError(f"There is no payment {reference} at the MOCK provider.")
        now = self._clock.now()
        body = event_of(reference, row["transaction_id"], STATUSES[row["status"]], now)
        return body, {HEADER: sign(body, self._webhook_secret, now)}


def _card_of(instrument: PaymentInstrument) -> str | None:
    """The test card behind an instrument; None for one that is chosen on the provider's page."""
    if isinstance(instrument, CardDetails):
        return instrument.number.reveal()
    if isinstance(instrument, HostedCheckout):
        return None
    return TOKENS.get(instrument.token.reveal(), "")


def _answer(card: str | None, request: AuthorizationRequest) -> Answer:
    if card is None:
        return Answer("REQUIRES_ACTION", NextActionType.REDIRECT.value)
    if card == AUTHENTICATES:
        return Answer("REQUIRES_ACTION", NextActionType.THREE_D_SECURE.value)
    if card == TIMES_OUT_CHARGED or card.startswith(APPROVES_ALL):
        return Answer("AUTHORIZED" if request.capture_method is CaptureMethod.MANUAL else "APPROVED")
    return Answer("DECLINED", CODES.get(card, "TEST_CARD_REQUIRED"))


def _transaction_id() -> str:
    return f"mock_ch_{new_id().hex}"


def _payment(row: asyncpg.Record) -> ProviderPayment:
    status = STATUSES[row["status"]]
    has_amount = status in (ProviderStatus.AUTHORIZED, ProviderStatus.SUCCEEDED)
    action = None
    if status is ProviderStatus.REQUIRES_ACTION:
        action = NextAction(NextActionType(row["code"]), f"{PAGE}/{row['reference']}")
    return ProviderPayment(
        status,
        row["transaction_id"],
        Money(row["amount"], row["currency"]) if has_amount else None,
        action,
        DECLINES_BY_CODE[row["code"]] if status is ProviderStatus.FAILED else None,
    )
