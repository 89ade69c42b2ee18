"""Payments through the MOCK provider: the status after each answer, and after none."""

import asyncio
import re
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
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.values.money import Money
from domains.kernel.values.secret import Secret
from domains.payment.errors import AmountMismatch, CardNotAccepted, PaymentNotFound
from domains.payment.models import DeclineReason, Payment, PaymentStatus
from domains.payment.providers.registry import Providers
from domains.payment.providers.requests import AuthorizationRequest, MethodToken
from domains.payment.providers.results import Decline, ProviderPayment, ProviderStatus
from domains.payment.reconciliation import ABANDONED_AFTER, RETRY_AFTER
from domains.payment.service import PaymentService
from gateway.providers.mock.declines import APPROVES, DECLINES, LACKS_FUNDS, TIMES_OUT_CHARGED, TIMES_OUT_UNCHARGED
from gateway.providers.mock.mock_payments import MockPayments
from tests.domains.payment.conftest import WEBHOOK_SECRET
from tests.domains.payment.payer import PRICE, Payer, card
from tests.domains.payment.services import payment_service

LATE = Decline(DeclineReason.CARD_DECLINED, "LATE", "Too late.")


async def test_a_payment_is_stored_before_the_provider_is_called(payer: Payer, owner: Any) -> None:
    payment = await payer.begin()
    assert (payment.status, payment.amount, payment.currency) == (PaymentStatus.PENDING, PRICE, "EUR")
    assert (payment.provider, payment.method, payment.card_last_4) == ("MOCK", "CARD", "4242")
    assert payment.settled_at is None
    assert await payer.books(owner) == []


async def test_an_approval_captures(payer: Payer, owner: Any, clock: FixedClock) -> None:
    payment = await payer.pay()
    assert payment.status is PaymentStatus.SUCCEEDED
    assert payment.provider_transaction_id is not None
    assert payment.settled_at == clock.now()
    assert await payer.books(owner) == [("APPROVED", PRICE)]


@pytest.mark.parametrize(
    ("number", "code"),
    [(DECLINES, "CARD_DECLINED"), (LACKS_FUNDS, "INSUFFICIENT_FUNDS"), ("5555555555554444", "TEST_CARD_REQUIRED")],
)
async def test_a_decline_has_a_reason_and_takes_no_money(payer: Payer, owner: Any, number: str, code: str) -> None:
    payment = await payer.pay(number)
    assert (payment.status, payment.failure_code) == (PaymentStatus.FAILED, code)
    assert payment.failure_message is not None
    assert await payer.books(owner) == [("DECLINED", PRICE)]


@pytest.mark.parametrize(
    ("number", "becomes"),
    [(TIMES_OUT_CHARGED, PaymentStatus.SUCCEEDED), (TIMES_OUT_UNCHARGED, PaymentStatus.CANCELLED)],
)
async def test_a_charge_without_an_answer_is_processing_until_it_is_reconciled(
    payer: Payer, clock: FixedClock, number: str, becomes: PaymentStatus
) -> None:
    payment = await payer.pay(number)
    assert (payment.status, payment.settled_at) == (PaymentStatus.PROCESSING, None)
    assert await payer.reconcile() == []
    clock.advance(RETRY_AFTER)
    (settled,) = await payer.reconcile()
    assert (settled.id, settled.status, settled.settled_at) == (payment.id, becomes, clock.now())
    assert await payer.reconcile() == []


async def test_an_abandoned_payment_is_reconciled_after_a_while(payer: Payer, clock: FixedClock) -> None:
    payment = await payer.begin()
    clock.advance(ABANDONED_AFTER - timedelta(seconds=1))
    assert await payer.reconcile() == []
    clock.advance(timedelta(seconds=1))
    (settled,) = await payer.reconcile()
    assert (settled.id, settled.status) == (payment.id, PaymentStatus.CANCELLED)


async def test_a_charge_that_arrives_after_reconciliation_takes_no_money(
    payer: Payer, payments: PaymentService, owner: Any, clock: FixedClock
) -> None:
    payment = await payer.begin()
    clock.advance(ABANDONED_AFTER)
    await payer.reconcile()
    outcome = await payments.operations.authorize(payer.reader, payment, card(APPROVES))
    assert outcome.status is ProviderStatus.CANCELLED
    assert (await payer.record(payment, outcome)).status is PaymentStatus.CANCELLED
    assert await payer.books(owner) == [("VOIDED", None)]


async def test_the_same_charge_twice_takes_the_money_once(payer: Payer, payments: PaymentService, owner: Any) -> None:
    payment = await payer.begin()
    first = await payments.operations.authorize(payer.reader, payment, card(APPROVES))
    assert await payments.operations.authorize(payer.reader, payment, card(APPROVES)) == first
    assert await payer.books(owner) == [("APPROVED", PRICE)]


async def test_an_answer_is_recorded_once_and_a_later_one_changes_nothing(payer: Payer, clock: FixedClock) -> None:
    payment = await payer.pay()
    clock.advance(timedelta(hours=1))
    for late in (
        ProviderPayment(ProviderStatus.FAILED, decline=LATE),
        ProviderPayment.unanswered(),
        ProviderPayment(ProviderStatus.SUCCEEDED),
    ):
        assert await payer.record(payment, late) == payment


async def test_a_charge_is_cancelled_once_and_stays_cancelled(
    payer: Payer, payments: PaymentService, database: Database, owner: Any
) -> None:
    payment = await payer.pay()
    marked = await database.run(lambda tx: payments.request_cancellation(tx, payment.id), payer.actor)
    assert marked.status is PaymentStatus.SUCCEEDED
    undone = await payer.record(marked, await payments.operations.cancel(payer.reader, marked))
    assert undone.status is PaymentStatus.CANCELLED
    assert await payer.books(owner) == [("VOIDED", PRICE)]
    assert await database.run(lambda tx: payments.request_cancellation(tx, payment.id), payer.actor) == undone
    assert (
        await payer.record(undone, ProviderPayment(ProviderStatus.SUCCEEDED, "again"))
    ).status is PaymentStatus.CANCELLED


async def test_an_interrupted_cancellation_is_completed_by_reconciliation(
    payer: Payer, payments: PaymentService, database: Database, owner: Any, clock: FixedClock
) -> None:
    payment = await payer.pay()
    await database.run(lambda tx: payments.request_cancellation(tx, payment.id), payer.actor)
    clock.advance(RETRY_AFTER)
    (settled,) = await payer.reconcile()
    assert (settled.id, settled.status) == (payment.id, PaymentStatus.CANCELLED)
    assert await payer.books(owner) == [("VOIDED", PRICE)]


async def test_a_payment_with_a_given_id_is_created_once(
    payer: Payer, payments: PaymentService, database: Database
) -> None:
    attempt = new_id()

    async def work(tx: Tx) -> Payment | None:
        return await payments.create(tx, payer.order, PRICE, "EUR", card(APPROVES), payment_id=attempt)

    begun = await database.run(work, payer.actor)
    assert begun is not None
    assert (begun.id, await database.run(work, payer.actor)) == (attempt, None)
    await payer.record(begun, await payments.operations.authorize(payer.reader, begun, card(APPROVES)))
    assert await database.run(work, payer.actor) is None
    assert len(await payments.payments_of(database.reader(payer.actor.company_id), [payer.order])) == 1


async def test_an_order_has_at_most_one_open_payment(
    payer: Payer, payments: PaymentService, database: Database
) -> None:
    async def begin(tx: Tx) -> Payment | None:
        return await payments.create(tx, payer.order, PRICE, "EUR", card(DECLINES))

    tries = await asyncio.gather(*(database.run(begin, payer.actor) for _ in range(10)))
    (begun,) = (payment for payment in tries if payment is not None)
    await payer.record(begun, await payments.operations.authorize(payer.reader, begun, card(DECLINES)))
    assert (await payer.begin()).id != begun.id


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "NaN"])
async def test_only_a_payable_amount_is_charged(tx: Tx, payments: PaymentService, order: UUID, amount: str) -> None:
    with pytest.raises(InvalidInput):
        await payments.create(tx, order, Decimal(amount), "EUR", card(APPROVES))


async def test_a_payment_of_another_company_is_not_found(
    payer: Payer, payments: PaymentService, database: Database, other_company: UUID
) -> None:
    payment = await payer.pay()
    stranger = Actor.system(other_company)
    for work in (
        payments.request_cancellation,
        lambda tx, key: payments.record(tx, key, ProviderPayment.unanswered()),
    ):
        with pytest.raises(PaymentNotFound):
            await database.run(lambda tx, work=work: work(tx, payment.id), stranger)  # type: ignore[misc] # bound now
    assert await payments.payments_of(database.reader(other_company), [payer.order]) == []


async def test_an_unreachable_provider_leaves_the_charge_unknown(payer: Payer, clock: FixedClock, pool: Any) -> None:
    class Unreachable(MockPayments):
        async def authorize(self, request: AuthorizationRequest) -> ProviderPayment:
            raise ConnectionResetError

    payment = await payer.begin()
    service = payment_service(Providers(Unreachable(pool, clock, WEBHOOK_SECRET)), clock)
    result = await service.operations.authorize(payer.reader, payment, card(APPROVES))
    assert result == ProviderPayment.unanswered()


async def test_paying_executes_two_statements_and_that_of_its_event(
    payer: Payer, payments: PaymentService, tx: Tx
) -> None:
    await payments.settings.current(tx)
    with counting() as count:
        payment = await payer.begin()
        await payer.record(payment, await payments.operations.authorize(payer.reader, payment, card(APPROVES)))
    assert count.data == 3


@pytest.mark.parametrize(
    ("status", "amount"),
    [
        (ProviderStatus.SUCCEEDED, Money(Decimal("19.91"), "EUR")),
        (ProviderStatus.SUCCEEDED, Money(PRICE, "USD")),
        (ProviderStatus.SUCCEEDED, None),
        (ProviderStatus.AUTHORIZED, Money(Decimal("1.00"), "EUR")),
    ],
    ids=["more", "currency", "none", "less authorized"],
)
async def test_an_answer_with_another_amount_is_not_recorded(
    payer: Payer, clock: FixedClock, pool: Any, owner: Any, status: ProviderStatus, amount: Money | None
) -> None:
    class Wrong(MockPayments):
        async def authorize(self, request: AuthorizationRequest) -> ProviderPayment:
            return ProviderPayment(status, "wrong", amount)

    payment = await payer.begin()
    service = payment_service(Providers(Wrong(pool, clock, WEBHOOK_SECRET)), clock)
    told = "no amount" if amount is None else f"{amount.amount} {amount.currency}"
    with pytest.raises(AmountMismatch, match=re.escape(told)):
        await service.operations.authorize(payer.reader, payment, card(APPROVES))
    assert await payer.books(owner) == []


async def test_a_provider_without_raw_cards_accepts_tokens_only(payer: Payer, clock: FixedClock, pool: Any) -> None:
    class Tokens(MockPayments):
        name = "TOKENS"
        accepts_cards = False

    payer.payments = payment_service(Providers(Tokens(pool, clock, WEBHOOK_SECRET)), clock)
    with pytest.raises(CardNotAccepted, match="TOKENS"):
        await payer.begin()
    token = MethodToken(Secret("mock_pm_approves"))
    payment = await payer.database.run(payer.creating(token), payer.actor)
    assert payment is not None
    assert (payment.provider, payment.card_last_4) == ("TOKENS", None)
    paid = await payer.record(payment, await payer.payments.operations.authorize(payer.reader, payment, token))
    assert paid.status is PaymentStatus.SUCCEEDED
