"""Money that came by hand, and payments whose provider is gone: each is ended with who took it."""

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
from domains.payment.cards import CardDetails
from domains.payment.errors import ProviderMissing
from domains.payment.manual_payments import ManualPayments
from domains.payment.models import Payment, PaymentStatus, RefundStatus
from domains.payment.provider import Charge, OutcomeStatus
from domains.payment.service import PaymentService
from tests.domains.payment.conftest import card

PRICE = Decimal("19.90")


class Silent(ManualPayments):
    """A provider that must not be asked."""

    name = "SILENT"

    async def refund(self, reference: UUID, transaction_id: str, amount: Decimal, currency: str) -> Any:
        raise AssertionError(reference, transaction_id, amount, currency)


@pytest.fixture
async def payment(database: Database, actor: Actor, payments: PaymentService, order: UUID) -> Payment:
    return await database.run(lambda tx: payments.record_by_hand(tx, order, PRICE, "EUR", "CASH_ON_DELIVERY"), actor)


async def test_money_that_came_by_hand_has_been_captured(
    database: Database, actor: Actor, payments: PaymentService, clock: FixedClock, payment: Payment
) -> None:
    assert (payment.provider, payment.method, payment.status) == (
        "MANUAL",
        "CASH_ON_DELIVERY",
        PaymentStatus.SUCCEEDED,
    )
    assert (payment.settled_at, payment.provider_transaction_id) == (clock.now(), f"manual_{payment.id.hex}")
    reader = database.reader(actor.company_id)
    assert await payments.unsettled(reader) == []
    assert (await payments.balance_of(reader, payment.order_id)).captured == PRICE


async def test_a_refund_of_it_asks_no_provider_and_succeeds_at_once(
    database: Database, actor: Actor, clock: FixedClock, payment: Payment
) -> None:
    payments = PaymentService(Silent(), clock)
    refund = await database.run(lambda tx: payments.refund_begin(tx, actor, payment.id, Decimal(5), "scratch"), actor)
    assert refund.status is RefundStatus.PENDING
    outcome = await payments.refund_send(payment, refund)
    given = await database.run(lambda tx: payments.refund_record(tx, refund.id, outcome), actor)
    assert (given.status, given.provider_refund_id) == (RefundStatus.SUCCEEDED, f"manual_re_{refund.id.hex}")
    balance = await payments.balance_of(database.reader(actor.company_id), payment.order_id)
    assert (balance.refunded, balance.refundable) == (Decimal(5), Decimal("14.90"))


async def test_nothing_and_less_than_nothing_did_not_come(
    database: Database, actor: Actor, payments: PaymentService, order: UUID
) -> None:
    async def take(tx: Tx, amount: str) -> Payment:
        return await payments.record_by_hand(tx, order, Decimal(amount), "EUR", "INVOICE")

    for amount in ("0", "-1", "1.001"):
        with pytest.raises(InvalidInput):
            await database.run(partial(take, amount=amount), actor)


async def test_a_payment_of_a_provider_that_is_gone_is_not_touched(
    database: Database, actor: Actor, payments: PaymentService, payment: Payment, owner: Any
) -> None:
    await owner.execute("update payments set provider = 'GONE' where id = $1", payment.id)
    with pytest.raises(ProviderMissing, match="GONE"):
        await database.run(lambda tx: payments.refund_begin(tx, actor, payment.id, None), actor)
    assert await payments.refunds_of(database.reader(actor.company_id), [payment.id]) == []


async def test_no_card_is_charged_by_hand() -> None:
    details: CardDetails = card("4242424242424242")
    provider = ManualPayments()
    assert (await provider.charge(Charge(new_id(), PRICE, "EUR", details))).status is OutcomeStatus.DECLINED
    assert (await provider.void(new_id(), "manual_1")).status is OutcomeStatus.VOIDED
    assert await provider.lookup(new_id()) is None
