"""Charging through the MOCK provider: what each answer makes of a payment, and what comes of no answer."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from gateway.infra.mock_payments import (
    APPROVES,
    DECLINES,
    LACKS_FUNDS,
    TIMES_OUT_CHARGED,
    TIMES_OUT_UNCHARGED,
    MockPayments,
)

from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Tx
from domains.kernel.errors import InvalidInput
from domains.kernel.ids import new_id
from domains.kernel.statement_counts import counting
from domains.payment.errors import PaymentNotFound
from domains.payment.models import Payment, PaymentStatus
from domains.payment.provider import Charge, Outcome, OutcomeStatus
from domains.payment.service import ASK_AGAIN, PATIENCE, PaymentService
from tests.domains.payment.conftest import card

PRICE = Decimal("19.90")


class Till:
    """Pays one order, each step in a transaction of its own that commits."""

    def __init__(self, database: Database, actor: Actor, payments: PaymentService, order: UUID) -> None:
        self.database, self.actor, self.payments, self.order = database, actor, payments, order

    async def begin(self, number: str = APPROVES) -> Payment:
        async def work(tx: Tx) -> Payment | None:
            return await self.payments.begin(tx, self.order, PRICE, "EUR", card(number))

        begun = await self.database.run(work, self.actor)
        assert begun is not None
        return begun

    async def record(self, payment: Payment, outcome: Outcome) -> Payment:
        return (await self.database.run(lambda tx: self.payments.record(tx, payment.id, outcome), self.actor)).payment

    async def pay(self, number: str = APPROVES) -> Payment:
        payment = await self.begin(number)
        return await self.record(payment, await self.payments.charge(payment, card(number)))

    async def settle(self) -> list[Payment]:
        waiting = await self.payments.unsettled(self.database.reader(self.actor.company_id))
        return [await self.record(payment, await self.payments.settle(payment)) for payment in waiting]

    async def books(self, owner: Any) -> list[tuple[str, Any]]:
        rows = await owner.fetch(
            "select m.status, m.amount from mock_charges m join payments p on p.id = m.reference "
            "where p.order_id = $1 order by m.reference",
            self.order,
        )
        return [tuple(row.values()) for row in rows]


@pytest.fixture
def till(database: Database, actor: Actor, payments: PaymentService, order: UUID) -> Till:
    return Till(database, actor, payments, order)


async def test_an_attempt_is_on_record_before_the_provider_hears_of_it(till: Till, owner: Any) -> None:
    payment = await till.begin()
    assert (payment.status, payment.amount, payment.currency) == (PaymentStatus.PENDING, PRICE, "EUR")
    assert (payment.provider, payment.method, payment.card_last_4) == ("MOCK", "CARD", "4242")
    assert payment.settled_at is None
    assert await till.books(owner) == []


async def test_an_approval_captures(till: Till, owner: Any, clock: FixedClock) -> None:
    payment = await till.pay()
    assert payment.status is PaymentStatus.SUCCEEDED
    assert payment.provider_transaction_id is not None
    assert payment.settled_at == clock.now()
    assert await till.books(owner) == [("APPROVED", PRICE)]


@pytest.mark.parametrize(
    ("number", "code"),
    [(DECLINES, "CARD_DECLINED"), (LACKS_FUNDS, "INSUFFICIENT_FUNDS"), ("5555555555554444", "TEST_CARD_REQUIRED")],
)
async def test_a_decline_says_why_and_takes_nothing(till: Till, owner: Any, number: str, code: str) -> None:
    payment = await till.pay(number)
    assert (payment.status, payment.failure_code) == (PaymentStatus.DECLINED, code)
    assert payment.failure_message is not None
    assert await till.books(owner) == [("DECLINED", PRICE)]


@pytest.mark.parametrize(
    ("number", "becomes"),
    [(TIMES_OUT_CHARGED, PaymentStatus.SUCCEEDED), (TIMES_OUT_UNCHARGED, PaymentStatus.VOIDED)],
)
async def test_a_charge_without_an_answer_is_unknown_until_it_is_settled(
    till: Till, clock: FixedClock, number: str, becomes: PaymentStatus
) -> None:
    payment = await till.pay(number)
    assert (payment.status, payment.settled_at) == (PaymentStatus.UNKNOWN, None)
    assert await till.settle() == []
    clock.advance(ASK_AGAIN)
    (settled,) = await till.settle()
    assert (settled.id, settled.status, settled.settled_at) == (payment.id, becomes, clock.now())
    assert await till.settle() == []


async def test_an_attempt_that_was_left_alone_is_settled_after_a_while(till: Till, clock: FixedClock) -> None:
    payment = await till.begin()
    clock.advance(PATIENCE - timedelta(seconds=1))
    assert await till.settle() == []
    clock.advance(timedelta(seconds=1))
    (settled,) = await till.settle()
    assert (settled.id, settled.status) == (payment.id, PaymentStatus.VOIDED)


async def test_a_charge_that_arrives_after_it_was_settled_takes_no_money(
    till: Till, payments: PaymentService, owner: Any, clock: FixedClock
) -> None:
    payment = await till.begin()
    clock.advance(PATIENCE)
    await till.settle()
    outcome = await payments.charge(payment, card(APPROVES))
    assert outcome.status is OutcomeStatus.VOIDED
    assert (await till.record(payment, outcome)).status is PaymentStatus.VOIDED
    assert await till.books(owner) == [("VOIDED", None)]


async def test_the_same_charge_twice_takes_the_money_once(till: Till, payments: PaymentService, owner: Any) -> None:
    payment = await till.begin()
    first = await payments.charge(payment, card(APPROVES))
    assert await payments.charge(payment, card(APPROVES)) == first
    assert await till.books(owner) == [("APPROVED", PRICE)]


async def test_an_answer_is_recorded_once_and_a_late_one_changes_nothing(till: Till, clock: FixedClock) -> None:
    payment = await till.pay()
    clock.advance(timedelta(hours=1))
    for late in (Outcome(OutcomeStatus.DECLINED, code="LATE"), Outcome.unknown(), Outcome(OutcomeStatus.APPROVED)):
        assert await till.record(payment, late) == payment


async def test_a_charge_can_be_undone_once_and_stays_undone(
    till: Till, payments: PaymentService, database: Database, owner: Any
) -> None:
    payment = await till.pay()
    marked = await database.run(lambda tx: payments.void_begin(tx, payment.id), till.actor)
    assert marked.status is PaymentStatus.SUCCEEDED
    undone = await till.record(marked, await payments.void(marked))
    assert undone.status is PaymentStatus.VOIDED
    assert await till.books(owner) == [("VOIDED", PRICE)]
    assert await database.run(lambda tx: payments.void_begin(tx, payment.id), till.actor) == undone
    assert (await till.record(undone, Outcome(OutcomeStatus.APPROVED, "again"))).status is PaymentStatus.VOIDED


async def test_an_undoing_that_was_broken_off_is_finished_by_settling(
    till: Till, payments: PaymentService, database: Database, owner: Any, clock: FixedClock
) -> None:
    payment = await till.pay()
    await database.run(lambda tx: payments.void_begin(tx, payment.id), till.actor)
    clock.advance(ASK_AGAIN)
    (settled,) = await till.settle()
    assert (settled.id, settled.status) == (payment.id, PaymentStatus.VOIDED)
    assert await till.books(owner) == [("VOIDED", PRICE)]


async def test_an_attempt_of_a_given_id_is_begun_once(
    till: Till, payments: PaymentService, database: Database
) -> None:
    attempt = new_id()

    async def work(tx: Tx) -> Payment | None:
        return await payments.begin(tx, till.order, PRICE, "EUR", card(APPROVES), payment_id=attempt)

    begun = await database.run(work, till.actor)
    assert begun is not None
    assert (begun.id, await database.run(work, till.actor)) == (attempt, None)
    await till.record(begun, await payments.charge(begun, card(APPROVES)))
    assert await database.run(work, till.actor) is None
    assert len(await payments.payments_of(database.reader(till.actor.company_id), [till.order])) == 1


async def test_one_payment_of_an_order_is_open_at_a_time(
    till: Till, payments: PaymentService, database: Database
) -> None:
    async def begin(tx: Tx) -> Payment | None:
        return await payments.begin(tx, till.order, PRICE, "EUR", card(DECLINES))

    tries = await asyncio.gather(*(database.run(begin, till.actor) for _ in range(10)))
    (begun,) = (payment for payment in tries if payment is not None)
    await till.record(begun, await payments.charge(begun, card(DECLINES)))
    assert (await till.begin()).id != begun.id


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "NaN"])
async def test_only_a_payable_amount_is_charged(tx: Tx, payments: PaymentService, order: UUID, amount: str) -> None:
    with pytest.raises(InvalidInput):
        await payments.begin(tx, order, Decimal(amount), "EUR", card(APPROVES))


async def test_what_is_of_another_company_does_not_exist(
    till: Till, payments: PaymentService, database: Database, other_company: UUID
) -> None:
    payment = await till.pay()
    stranger = Actor.system(other_company)
    for work in (payments.void_begin, lambda tx, key: payments.record(tx, key, Outcome.unknown())):
        with pytest.raises(PaymentNotFound):
            await database.run(lambda tx, work=work: work(tx, payment.id), stranger)  # type: ignore[misc] # bound now
    assert await payments.payments_of(database.reader(other_company), [till.order]) == []


async def test_a_provider_that_cannot_be_reached_leaves_the_charge_unknown(
    till: Till, clock: FixedClock, pool: Any
) -> None:
    class Unreachable(MockPayments):
        async def charge(self, charge: Charge) -> Outcome:
            raise ConnectionResetError

    payment = await till.begin()
    assert await PaymentService(Unreachable(pool), clock).charge(payment, card(APPROVES)) == Outcome.unknown()


async def test_paying_costs_two_statements(till: Till, payments: PaymentService) -> None:
    with counting() as count:
        payment = await till.begin()
        await till.record(payment, await payments.charge(payment, card(APPROVES)))
    assert count.data == 2
