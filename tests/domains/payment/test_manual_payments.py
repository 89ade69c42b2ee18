"""Manual payments, and payments of a provider that is not configured any more."""

from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Tx
from domains.kernel.errors import InvalidInput
from domains.kernel.ids import new_id
from domains.kernel.values.money import Money
from domains.payment.errors import ProviderNotConfigured, WebhookSignatureInvalid
from domains.payment.models import Payment, PaymentStatus, RefundStatus
from domains.payment.providers.recorded_provider import MANUAL, RecordedProvider
from domains.payment.providers.registry import Providers
from domains.payment.providers.requests import AuthorizationRequest, PaymentReference, RefundRequest
from domains.payment.providers.results import ProviderRefund, ProviderStatus
from domains.payment.service import PaymentService
from tests.domains.payment.payer import card
from tests.domains.payment.services import payment_service

PRICE = Decimal("19.90")


class Silent(RecordedProvider):
    """A provider that must not be asked."""

    async def refund(self, request: RefundRequest) -> ProviderRefund:
        raise AssertionError(request)


@pytest.fixture
async def payment(database: Database, actor: Actor, payments: PaymentService, order: UUID) -> Payment:
    return await database.run(
        lambda tx: payments.manual_payments.record(tx, order, PRICE, "EUR", "CASH_ON_DELIVERY"), actor
    )


async def test_a_manual_payment_is_captured(
    database: Database, actor: Actor, payments: PaymentService, clock: FixedClock, payment: Payment
) -> None:
    assert (payment.provider, payment.method, payment.status) == (
        "MANUAL",
        "CASH_ON_DELIVERY",
        PaymentStatus.SUCCEEDED,
    )
    assert (payment.settled_at, payment.provider_transaction_id) == (clock.now(), f"manual_{payment.id.hex}")
    reader = database.reader(actor.company_id)
    assert await payments.reconciliation.due_payments(reader) == []
    assert (await payments.balance_of(reader, payment.order_id)).captured == PRICE


async def test_a_refund_of_a_manual_payment_succeeds_at_once_without_a_provider(
    database: Database, actor: Actor, clock: FixedClock, payment: Payment
) -> None:
    payments = payment_service(Providers(Silent("SILENT", clock)), clock)
    refund = await database.run(
        lambda tx: payments.refunds.create(tx, actor, payment.id, Decimal(5), "scratch"), actor
    )
    assert refund.status is RefundStatus.PENDING
    outcome = await payments.refunds.send(database.reader(actor.company_id), payment, refund)
    given = await database.run(lambda tx: payments.refunds.record(tx, refund.id, outcome), actor)
    assert (given.status, given.provider_refund_id) == (RefundStatus.SUCCEEDED, f"manual_re_{refund.id.hex}")
    balance = await payments.balance_of(database.reader(actor.company_id), payment.order_id)
    assert (balance.refunded, balance.refundable) == (Decimal(5), Decimal("14.90"))


async def test_a_manual_payment_must_be_positive(
    database: Database, actor: Actor, payments: PaymentService, order: UUID
) -> None:
    async def take(tx: Tx, amount: str) -> Payment:
        return await payments.manual_payments.record(tx, order, Decimal(amount), "EUR", "INVOICE")

    for amount in ("0", "-1", "1.001"):
        with pytest.raises(InvalidInput):
            await database.run(partial(take, amount=amount), actor)


async def test_a_payment_of_an_unconfigured_provider_is_not_changed(
    database: Database, actor: Actor, payments: PaymentService, payment: Payment, owner: Any
) -> None:
    await owner.execute("update payments set provider = 'GONE' where id = $1", payment.id)
    with pytest.raises(ProviderNotConfigured, match="GONE"):
        await database.run(lambda tx: payments.refunds.create(tx, actor, payment.id, None), actor)
    assert await payments.refunds.of_payments(database.reader(actor.company_id), [payment.id]) == []


async def test_the_manual_provider_refuses_authorizations_captures_and_webhooks(clock: FixedClock) -> None:
    provider, payment = RecordedProvider(MANUAL, clock), PaymentReference(new_id(), "manual_1")
    price = Money(PRICE, "EUR")
    asked = AuthorizationRequest(new_id(), price, card("4242424242424242"))
    assert (await provider.authorize(asked)).status is ProviderStatus.FAILED
    assert (await provider.capture(payment, price)).status is ProviderStatus.FAILED
    assert (await provider.cancel(payment)).status is ProviderStatus.CANCELLED
    assert await provider.find(payment) is None
    with pytest.raises(WebhookSignatureInvalid):
        await provider.parse_webhook(b"{}", {})
