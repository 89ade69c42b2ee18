"""Payments through the MOCK provider: the status after each answer, and after none."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Tx
from domains.kernel.errors import InvalidInput
from domains.kernel.ids import new_id
from domains.kernel.settings import SettingsCache
from domains.kernel.statement_counts import counting
from domains.kernel.values.money import Money
from domains.kernel.values.secret import Secret
from domains.payment.errors import AmountMismatch, CardNotAccepted, PaymentNotFound
from domains.payment.models import DeclineReason, Payment, PaymentStatus
from domains.payment.provider import (
    AuthorizationRequest,
    Decline,
    MethodToken,
    ProviderPayment,
    ProviderStatus,
)
from domains.payment.providers import Providers
from domains.payment.reconciliation import ABANDONED_AFTER, RETRY_AFTER
from domains.payment.service import PaymentService
from gateway.providers.payment_mock import (
    APPROVES,
    DECLINES,
    LACKS_FUNDS,
    TIMES_OUT_CHARGED,
    TIMES_OUT_UNCHARGED,
    MockPayments,
)
from tests.domains.payment.conftest import WEBHOOK_SECRET
from tests.domains.payment.till import PRICE, Till, card

LATE = Decline(DeclineReason.CARD_DECLINED, "LATE", "Too late.")


async def test_a_payment_is_stored_before_the_provider_is_called(till: Till, owner: Any) -> None:
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
async def test_a_decline_has_a_reason_and_takes_no_money(till: Till, owner: Any, number: str, code: str) -> None:
    payment = await till.pay(number)
    assert (payment.status, payment.failure_code) == (PaymentStatus.FAILED, code)
    assert payment.failure_message is not None
    assert await till.books(owner) == [("DECLINED", PRICE)]


@pytest.mark.parametrize(
    ("number", "becomes"),
    [(TIMES_OUT_CHARGED, PaymentStatus.SUCCEEDED), (TIMES_OUT_UNCHARGED, PaymentStatus.CANCELLED)],
)
async def test_a_charge_without_an_answer_is_processing_until_it_is_reconciled(
    till: Till, clock: FixedClock, number: str, becomes: PaymentStatus
) -> None:
    payment = await till.pay(number)
    assert (payment.status, payment.settled_at) == (PaymentStatus.PROCESSING, None)
    assert await till.reconcile() == []
    clock.advance(RETRY_AFTER)
    (settled,) = await till.reconcile()
    assert (settled.id, settled.status, settled.settled_at) == (payment.id, becomes, clock.now())
    assert await till.reconcile() == []


async def test_an_abandoned_payment_is_reconciled_after_a_while(till: Till, clock: FixedClock) -> None:
    payment = await till.begin()
    clock.advance(ABANDONED_AFTER - timedelta(seconds=1))
    assert await till.reconcile() == []
    clock.advance(timedelta(seconds=1))
    (settled,) = await till.reconcile()
    assert (settled.id, settled.status) == (payment.id, PaymentStatus.CANCELLED)


async def test_a_charge_that_arrives_after_reconciliation_takes_no_money(
    till: Till, payments: PaymentService, owner: Any, clock: FixedClock
) -> None:
    payment = await till.begin()
    clock.advance(ABANDONED_AFTER)
    await till.reconcile()
    outcome = await payments.transactions.authorize(payment, card(APPROVES))
    assert outcome.status is ProviderStatus.CANCELLED
    assert (await till.record(payment, outcome)).status is PaymentStatus.CANCELLED
    assert await till.books(owner) == [("VOIDED", None)]


async def test_the_same_charge_twice_takes_the_money_once(till: Till, payments: PaymentService, owner: Any) -> None:
    payment = await till.begin()
    first = await payments.transactions.authorize(payment, card(APPROVES))
    assert await payments.transactions.authorize(payment, card(APPROVES)) == first
    assert await till.books(owner) == [("APPROVED", PRICE)]


async def test_an_answer_is_recorded_once_and_a_later_one_changes_nothing(till: Till, clock: FixedClock) -> None:
    payment = await till.pay()
    clock.advance(timedelta(hours=1))
    for late in (
        ProviderPayment(ProviderStatus.FAILED, decline=LATE),
        ProviderPayment.unanswered(),
        ProviderPayment(ProviderStatus.SUCCEEDED),
    ):
        assert await till.record(payment, late) == payment


async def test_a_charge_is_cancelled_once_and_stays_cancelled(
    till: Till, payments: PaymentService, database: Database, owner: Any
) -> None:
    payment = await till.pay()
    marked = await database.run(lambda tx: payments.request_cancellation(tx, payment.id), till.actor)
    assert marked.status is PaymentStatus.SUCCEEDED
    undone = await till.record(marked, await payments.transactions.cancel(marked))
    assert undone.status is PaymentStatus.CANCELLED
    assert await till.books(owner) == [("VOIDED", PRICE)]
    assert await database.run(lambda tx: payments.request_cancellation(tx, payment.id), till.actor) == undone
    assert (
        await till.record(undone, ProviderPayment(ProviderStatus.SUCCEEDED, "again"))
    ).status is PaymentStatus.CANCELLED


async def test_an_interrupted_cancellation_is_completed_by_reconciliation(
    till: Till, payments: PaymentService, database: Database, owner: Any, clock: FixedClock
) -> None:
    payment = await till.pay()
    await database.run(lambda tx: payments.request_cancellation(tx, payment.id), till.actor)
    clock.advance(RETRY_AFTER)
    (settled,) = await till.reconcile()
    assert (settled.id, settled.status) == (payment.id, PaymentStatus.CANCELLED)
    assert await till.books(owner) == [("VOIDED", PRICE)]


async def test_a_payment_with_a_given_id_is_created_once(
    till: Till, payments: PaymentService, database: Database
) -> None:
    attempt = new_id()

    async def work(tx: Tx) -> Payment | None:
        return await payments.create(tx, till.order, PRICE, "EUR", card(APPROVES), payment_id=attempt)

    begun = await database.run(work, till.actor)
    assert begun is not None
    assert (begun.id, await database.run(work, till.actor)) == (attempt, None)
    await till.record(begun, await payments.transactions.authorize(begun, card(APPROVES)))
    assert await database.run(work, till.actor) is None
    assert len(await payments.payments_of(database.reader(till.actor.company_id), [till.order])) == 1


async def test_an_order_has_at_most_one_open_payment(
    till: Till, payments: PaymentService, database: Database
) -> None:
    async def begin(tx: Tx) -> Payment | None:
        return await payments.create(tx, till.order, PRICE, "EUR", card(DECLINES))

    tries = await asyncio.gather(*(database.run(begin, till.actor) for _ in range(10)))
    (begun,) = (payment for payment in tries if payment is not None)
    await till.record(begun, await payments.transactions.authorize(begun, card(DECLINES)))
    assert (await till.begin()).id != begun.id


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "NaN"])
async def test_only_a_payable_amount_is_charged(tx: Tx, payments: PaymentService, order: UUID, amount: str) -> None:
    with pytest.raises(InvalidInput):
        await payments.create(tx, order, Decimal(amount), "EUR", card(APPROVES))


async def test_a_payment_of_another_company_is_not_found(
    till: Till, payments: PaymentService, database: Database, other_company: UUID
) -> None:
    payment = await till.pay()
    stranger = Actor.system(other_company)
    for work in (
        payments.request_cancellation,
        lambda tx, key: payments.record(tx, key, ProviderPayment.unanswered()),
    ):
        with pytest.raises(PaymentNotFound):
            await database.run(lambda tx, work=work: work(tx, payment.id), stranger)  # type: ignore[misc] # bound now
    assert await payments.payments_of(database.reader(other_company), [till.order]) == []


async def test_an_unreachable_provider_leaves_the_charge_unknown(till: Till, clock: FixedClock, pool: Any) -> None:
    class Unreachable(MockPayments):
        async def authorize(self, request: AuthorizationRequest) -> ProviderPayment:
            raise ConnectionResetError

    payment = await till.begin()
    service = PaymentService(Providers(Unreachable(pool, clock, WEBHOOK_SECRET)), SettingsCache(clock), clock)
    result = await service.transactions.authorize(payment, card(APPROVES))
    assert result == ProviderPayment.unanswered()


async def test_paying_executes_two_statements(till: Till, payments: PaymentService, tx: Tx) -> None:
    await payments.settings.current(tx)
    with counting() as count:
        payment = await till.begin()
        await till.record(payment, await payments.transactions.authorize(payment, card(APPROVES)))
    assert count.data == 2


async def test_an_answer_with_another_amount_is_not_recorded(
    till: Till, clock: FixedClock, pool: Any, owner: Any
) -> None:
    class Discounting(MockPayments):
        async def authorize(self, request: AuthorizationRequest) -> ProviderPayment:
            return ProviderPayment(ProviderStatus.SUCCEEDED, "less", Money(Decimal("1.00"), "EUR"))

    payment = await till.begin()
    service = PaymentService(Providers(Discounting(pool, clock, WEBHOOK_SECRET)), SettingsCache(clock), clock)
    with pytest.raises(AmountMismatch, match=r"1\.00 EUR"):
        await service.transactions.authorize(payment, card(APPROVES))
    assert await till.books(owner) == []


async def test_a_provider_without_raw_cards_accepts_tokens_only(till: Till, clock: FixedClock, pool: Any) -> None:
    class Tokens(MockPayments):
        name = "TOKENS"
        accepts_cards = False

    till.payments = PaymentService(Providers(Tokens(pool, clock, WEBHOOK_SECRET)), SettingsCache(clock), clock)
    with pytest.raises(CardNotAccepted, match="TOKENS"):
        await till.begin()
    token = MethodToken(Secret("mock_pm_approves"))
    payment = await till.database.run(till.creating(token), till.actor)
    assert payment is not None
    assert (payment.provider, payment.card_last_4) == ("TOKENS", None)
    paid = await till.record(payment, await till.payments.transactions.authorize(payment, token))
    assert paid.status is PaymentStatus.SUCCEEDED
