"""Refunds: never more than was captured, also in parallel and repeated."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.errors import InvalidInput
from domains.kernel.ids import new_id
from domains.kernel.invariants import Invariant
from domains.payment.cards import has_check_digit
from domains.payment.errors import (
    PaymentNotCancellable,
    PaymentNotFound,
    PaymentNotRefundable,
    RefundNotFound,
    RefundTooLarge,
)
from domains.payment.invariants import INVARIANTS
from domains.payment.models import NOTHING, Balance, DeclineReason, Payment, Refund, RefundStatus
from domains.payment.providers.results import Decline, ProviderRefund
from domains.payment.reconciliation import ABANDONED_AFTER
from domains.payment.service import PaymentService
from domains.payment.tenders.invariants import INVARIANTS as TENDERS
from gateway.providers.mock.declines import APPROVES, DECLINES
from tests.domains.payment.payer import card

T = TypeVar("T")
PRICE = Decimal("19.90")
CLOSED = Decline(DeclineReason.PROVIDER_ERROR, "CLOSED", "The account is closed.")


class Refunder:
    """Refunds payments, each step in its own transaction that commits."""

    def __init__(self, database: Database, actor: Actor, payments: PaymentService, order: UUID) -> None:
        self.database, self.actor, self.payments, self.order = database, actor, payments, order

    @property
    def reader(self) -> Reader:
        return self.database.reader(self.actor.company_id)

    async def do(self, work: Callable[[Tx], Awaitable[T]], actor: Actor | None = None) -> T:
        return await self.database.run(work, actor or self.actor)

    async def paid(self, number: str = APPROVES) -> Payment:
        payment = await self.do(lambda tx: self.payments.create(tx, self.order, PRICE, "EUR", card(number)))
        assert payment is not None
        outcome = await self.payments.operations.authorize(self.reader, payment, card(number))
        return (await self.do(lambda tx: self.payments.record(tx, payment.id, outcome))).payment

    async def begin(self, payment: Payment, amount: str | None = None, refund_id: UUID | None = None) -> Refund:
        wanted = None if amount is None else Decimal(amount)
        return await self.do(
            lambda tx: self.payments.refunds.create(tx, self.actor, payment.id, wanted, "broken", refund_id=refund_id)
        )

    async def finish(self, payment: Payment, refund: Refund) -> Refund:
        outcome = await self.payments.refunds.send(self.reader, payment, refund)
        return await self.do(lambda tx: self.payments.refunds.record(tx, refund.id, outcome))

    async def balance(self) -> Balance:
        return await self.payments.balance_of(self.database.reader(self.actor.company_id), self.order)


@pytest.fixture
def refunder(database: Database, actor: Actor, payments: PaymentService, order: UUID) -> Refunder:
    return Refunder(database, actor, payments, order)


async def refunded_amount(owner: Any, payment: Payment) -> Decimal:
    total: Decimal = await owner.fetchval(
        "select coalesce(sum(amount), 0) from mock_refunds where transaction_id = $1 and status = 'APPROVED'",
        payment.provider_transaction_id,
    )
    return total


async def test_a_refund_is_stored_then_sent_then_settled(refunder: Refunder, owner: Any, clock: FixedClock) -> None:
    payment = await refunder.paid()
    refund = await refunder.begin(payment, "5")
    assert (refund.status, refund.amount, refund.currency) == (RefundStatus.PENDING, Decimal(5), "EUR")
    assert (refund.order_id, refund.reason, refund.actor_kind) == (refunder.order, "broken", refunder.actor.kind)
    assert await refunder.balance() == Balance(PRICE, NOTHING, Decimal(5), NOTHING)
    settled = await refunder.finish(payment, refund)
    assert (settled.status, settled.settled_at) == (RefundStatus.SUCCEEDED, clock.now())
    assert settled.provider_refund_id is not None
    assert await refunder.balance() == Balance(PRICE, Decimal(5), NOTHING, NOTHING)
    assert (await refunder.balance()).refundable == Decimal("14.90")
    assert await refunded_amount(owner, payment) == Decimal(5)


async def test_without_an_amount_the_whole_balance_is_refunded(refunder: Refunder) -> None:
    payment = await refunder.paid()
    await refunder.begin(payment, "5")
    assert (await refunder.begin(payment)).amount == Decimal("14.90")


async def test_refunds_do_not_exceed_the_captured_amount(refunder: Refunder) -> None:
    payment = await refunder.paid()
    await refunder.begin(payment, "19.89")
    with pytest.raises(RefundTooLarge) as refused:
        await refunder.begin(payment, "0.02")
    assert (refused.value.available, refused.value.requested) == (Decimal("0.01"), Decimal("0.02"))
    await refunder.begin(payment, "0.01")
    with pytest.raises(RefundTooLarge):
        await refunder.begin(payment)


async def test_ten_parallel_refunds_do_not_exceed_the_captured_amount(refunder: Refunder, owner: Any) -> None:
    payment = await refunder.paid()

    async def refund() -> RefundStatus | None:
        try:
            return (await refunder.finish(payment, await refunder.begin(payment, "6"))).status
        except RefundTooLarge:
            return None

    done = await asyncio.gather(*(refund() for _ in range(10)))
    assert sorted(done, key=str) == [None] * 7 + [RefundStatus.SUCCEEDED] * 3
    assert await refunded_amount(owner, payment) == Decimal(18)
    assert await refunder.balance() == Balance(PRICE, Decimal(18), NOTHING, NOTHING)


async def test_a_refund_with_a_given_id_is_created_once_and_carried_out_once(refunder: Refunder, owner: Any) -> None:
    payment, refund_id = await refunder.paid(), new_id()
    refund = await refunder.begin(payment, "15", refund_id)
    assert await refunder.begin(payment, "15", refund_id) == refund
    first = await refunder.finish(payment, refund)
    assert await refunder.finish(payment, refund) == first
    assert await refunded_amount(owner, payment) == Decimal(15)


async def test_a_refused_refund_makes_its_amount_refundable_again(refunder: Refunder) -> None:
    payment = await refunder.paid()
    refund = await refunder.begin(payment)
    declined = ProviderRefund(RefundStatus.FAILED, decline=CLOSED)
    failed = await refunder.do(lambda tx: refunder.payments.refunds.record(tx, refund.id, declined))
    assert (failed.status, failed.failure_reason, failed.failure_code, failed.failure_message) == (
        RefundStatus.FAILED,
        CLOSED.reason,
        CLOSED.code,
        CLOSED.message,
    )
    assert (await refunder.balance()).refundable == PRICE
    approved = ProviderRefund(RefundStatus.SUCCEEDED, "late")
    assert await refunder.do(lambda tx: refunder.payments.refunds.record(tx, refund.id, approved)) == failed


async def test_a_refund_without_an_answer_is_sent_again(refunder: Refunder, clock: FixedClock, owner: Any) -> None:
    payment = await refunder.paid()
    refund = await refunder.begin(payment, "5")
    pending = await refunder.do(
        lambda tx: refunder.payments.refunds.record(tx, refund.id, ProviderRefund.unanswered())
    )
    assert (pending.status, pending.settled_at) == (RefundStatus.PENDING, None)
    reader = refunder.database.reader(refunder.actor.company_id)
    assert await refunder.payments.reconciliation.due_refunds(reader) == []
    clock.advance(ABANDONED_AFTER)
    (waiting,) = await refunder.payments.reconciliation.due_refunds(reader)
    assert (await refunder.finish(payment, waiting)).status is RefundStatus.SUCCEEDED
    assert await refunder.payments.reconciliation.due_refunds(reader) == []
    assert await refunded_amount(owner, payment) == Decimal(5)


@pytest.mark.parametrize("amount", ["0", "-5", "0.001", "Infinity"])
async def test_only_a_payable_amount_is_refunded(refunder: Refunder, amount: str) -> None:
    payment = await refunder.paid()
    with pytest.raises(InvalidInput):
        await refunder.begin(payment, amount)


async def test_a_payment_that_captured_nothing_cannot_be_refunded(refunder: Refunder) -> None:
    payment = await refunder.paid(DECLINES)
    with pytest.raises(PaymentNotRefundable):
        await refunder.begin(payment, "5")


async def test_a_payment_is_cancelled_or_refunded_but_not_both(refunder: Refunder, owner: Any) -> None:
    undone, refunded = await refunder.paid(), await refunder.paid()
    await refunder.do(lambda tx: refunder.payments.request_cancellation(tx, undone.id))
    with pytest.raises(PaymentNotRefundable):
        await refunder.begin(undone, "5")
    refund = await refunder.begin(refunded, "5")
    with pytest.raises(PaymentNotCancellable):
        await refunder.do(lambda tx: refunder.payments.request_cancellation(tx, refunded.id))
    await refunder.finish(refunded, refund)
    assert (await refunder.balance()).captured == PRICE


async def test_payments_and_refunds_of_another_company_are_not_found(refunder: Refunder, other_company: UUID) -> None:
    payment = await refunder.paid()
    refund = await refunder.begin(payment, "5")
    stranger = Actor.system(other_company)
    with pytest.raises(PaymentNotFound):
        await refunder.do(lambda tx: refunder.payments.refunds.create(tx, stranger, payment.id, None), stranger)
    with pytest.raises(RefundNotFound):
        await refunder.do(
            lambda tx: refunder.payments.refunds.record(tx, refund.id, ProviderRefund.unanswered()), stranger
        )
    reader = refunder.database.reader(other_company)
    assert await refunder.payments.refunds.of_payments(reader, [payment.id]) == []
    assert await refunder.payments.balance_of(reader, refunder.order) == Balance(NOTHING, NOTHING, NOTHING, NOTHING)


BREAKS = {
    "No payment is refunded above its captured amount": "update payments set amount_captured = 1 where id = $1",
    "A refund has the currency and the order of its payment": (
        "with broken as (update refunds set currency = 'USD' where payment_id = $1 returning id) "
        "update refund_lines set currency = 'USD' from broken where refund_id = broken.id"
    ),
    "A refund is the sum of its lines, and they have its currency and order": (
        "update refund_lines set amount = 1 where refund_id in (select id from refunds where payment_id = $1)"
    ),
    "A payment by an exchange has the amount of the refunds that make it": (
        "update payments set provider = 'EXCHANGE' where id = $1"
    ),
    "No payment or refund is unfinished for more than an hour": (
        "update refunds set created_at = now() - interval '2 hours' where payment_id = $1"
    ),
    "No webhook of a payment provider is unprocessed for more than an hour": (
        "insert into payment_webhooks (id, company_id, provider, event_type, provider_event_id, provider_ids, "
        "next_attempt_at, occurred_at, created_at) select id, company_id, provider, 'payment', id::text, '{}', "
        "now() - interval '1 hour', now(), now() - interval '2 hours' from payments where id = $1"
    ),
    "Payments agree with their transactions at the provider": (
        "update payment_transactions set amount = amount + 1 where payment_id = $1"
    ),
    "The ledger has what each payment captured, refunded and lost to chargebacks": (
        "update ledger_lines l set account = '1050' from payment_transactions t, ledger_entries e "
        "where t.payment_id = $1 and e.source_id = t.id and l.entry_id = e.id and l.account = '1200.MOCK'"
    ),
    "The records of the MOCK provider agree with the payments": (
        "update mock_charges set status = 'VOIDED' where reference = $1"
    ),
}
# The tests of these are beside the methods and the tenders.
ELSEWHERE = {"Removed payment methods are being deleted at their providers", *(each.rule for each in TENDERS)}


@pytest.mark.parametrize(
    "invariant",
    [invariant for invariant in INVARIANTS if invariant.rule not in ELSEWHERE],
    ids=lambda invariant: invariant.rule,
)
async def test_the_doctor_finds_rows_written_directly_in_the_database(
    refunder: Refunder, owner: Any, invariant: Invariant
) -> None:
    payment = await refunder.paid()
    await refunder.begin(payment, "5")

    async def broken() -> int:
        rows = await owner.fetch(invariant.query.replace("limit 20", ""))
        return len([row for row in rows if row["company_id"] == refunder.actor.company_id])

    await owner.execute("update refunds set created_at = now() where payment_id = $1", payment.id)
    assert await broken() == 0
    await owner.execute(BREAKS[invariant.rule], payment.id)
    assert await broken() == 1
    await owner.execute("delete from payment_webhooks where id = $1", payment.id)
    await owner.execute("delete from payment_transactions where payment_id = $1", payment.id)
    await owner.execute("delete from refund_lines where order_id = $1", payment.order_id)
    await owner.execute("delete from refunds where payment_id = $1", payment.id)
    await owner.execute("delete from payments where id = $1", payment.id)


@given(st.text("0123456789", min_size=11, max_size=18))
def test_exactly_one_last_digit_of_a_card_number_is_valid(digits: str) -> None:
    assert sum(has_check_digit(digits + str(last)) for last in range(10)) == 1
