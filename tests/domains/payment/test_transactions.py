"""The ledger of payments at their providers: rows are added once, and never changed."""

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.values.money import Money
from domains.payment.errors import PaymentNotFound
from domains.payment.models import Payment, TransactionStatus, TransactionType
from domains.payment.providers.results import ProviderPayment, ProviderStatus, ProviderTransaction
from gateway.providers.mock.declines import APPROVES, DECLINES
from gateway.providers.mock.mock_payments import MockPayments
from tests.domains.payment.payer import PRICE, Payer, card

DELETIONS = (
    "delete from payment_transactions where company_id = $1",
    "delete from refund_lines where company_id = $1",
    "delete from refunds where company_id = $1",
    "delete from payments where company_id = $1",
)
T = TransactionType
DONE = TransactionStatus.SUCCEEDED


@pytest.fixture(autouse=True)
async def nothing_left(owner: Any, company: UUID) -> AsyncIterator[None]:
    """Other tests check the invariants of the whole database, which some transactions here break."""
    yield
    for sql in DELETIONS:
        await owner.execute(sql, company)


async def ledger(payer: Payer, payment: Payment) -> list[tuple[TransactionType, TransactionStatus, Decimal]]:
    reader = payer.database.reader(payer.actor.company_id)
    rows = await payer.payments.transactions.of_payments(reader, [payment.id])
    assert {(row.payment_id, row.provider, row.currency) for row in rows} <= {(payment.id, "MOCK", "EUR")}
    return [(row.type, row.status, row.amount) for row in rows]


async def refund(payer: Payer, payment: Payment, amount: str) -> UUID:
    """The id of a refund that the provider has carried out."""
    refunds, wanted = payer.payments.refunds, Decimal(amount)
    begun = await payer.database.run(lambda tx: refunds.create(tx, payer.actor, payment.id, wanted), payer.actor)
    answer = await refunds.send(payer.reader, payment, begun)
    await payer.database.run(lambda tx: refunds.record(tx, begun.id, answer), payer.actor)
    return begun.id


async def test_an_immediate_payment_is_a_charge(payer: Payer) -> None:
    payment = await payer.pay()
    assert await ledger(payer, payment) == [(T.CHARGE, DONE, PRICE)]


async def test_a_declined_payment_moves_nothing(payer: Payer) -> None:
    payment = await payer.pay(DECLINES)
    assert await ledger(payer, payment) == []


async def test_an_authorization_is_followed_by_its_capture(payer: Payer, clock: FixedClock) -> None:
    payment = await payer.authorized()
    assert await ledger(payer, payment) == [(T.AUTHORIZATION, DONE, PRICE)]
    requested = await payer.database.run(lambda tx: payer.payments.request_capture(tx, payment.id), payer.actor)
    await payer.record(requested, await payer.payments.operations.capture(payer.reader, requested))
    assert await ledger(payer, payment) == [(T.AUTHORIZATION, DONE, PRICE), (T.CAPTURE, DONE, PRICE)]


@pytest.mark.parametrize("is_captured", [False, True])
async def test_a_cancellation_returns_what_was_taken(payer: Payer, is_captured: bool) -> None:
    payment = await payer.pay() if is_captured else await payer.authorized()
    marked = await payer.database.run(lambda tx: payer.payments.request_cancellation(tx, payment.id), payer.actor)
    await payer.record(marked, await payer.payments.operations.cancel(payer.reader, marked))
    taken, returned = (T.CHARGE, T.REFUND) if is_captured else (T.AUTHORIZATION, T.VOID)
    assert await ledger(payer, payment) == [(taken, DONE, PRICE), (returned, DONE, PRICE)]


async def test_what_is_known_is_not_added_again(payer: Payer) -> None:
    payment = await payer.pay()
    refund_id = await refund(payer, payment, "5")
    known = [(T.CHARGE, DONE, PRICE), (T.REFUND, DONE, Decimal(5))]
    assert await ledger(payer, payment) == known
    for _ in range(2):
        state = await payer.payments.operations.find(payer.reader, payment)
        assert state is not None
        await payer.record(payment, state)
    assert await ledger(payer, payment) == known
    reader = payer.database.reader(payer.actor.company_id)
    rows = await payer.payments.transactions.of_payments(reader, [payment.id])
    assert [row.refund_id for row in rows] == [None, refund_id]


async def test_what_comes_too_late_for_the_status_is_still_added(payer: Payer, provider: MockPayments) -> None:
    payment = await payer.pay()
    await provider.dispute(payment.id)
    state = await payer.payments.operations.find(payer.reader, payment)
    assert state is not None
    recorded = await payer.record(payment, replace(state, status=ProviderStatus.PROCESSING))
    assert recorded.status is payment.status
    assert await ledger(payer, payment) == [(T.CHARGE, DONE, PRICE), (T.CHARGEBACK, DONE, PRICE)]


async def test_a_status_that_changes_is_another_row(payer: Payer, clock: FixedClock) -> None:
    payment = await payer.pay()
    opened = ProviderTransaction("dispute", T.CHARGEBACK, TransactionStatus.PENDING, Money(PRICE, "EUR"), clock.now())
    for status in (TransactionStatus.PENDING, TransactionStatus.FAILED):
        result = ProviderPayment(ProviderStatus.SUCCEEDED, transactions=(replace(opened, status=status),))
        await payer.record(payment, result)
    assert sorted(await ledger(payer, payment)) == [
        (T.CHARGE, DONE, PRICE),
        (T.CHARGEBACK, TransactionStatus.FAILED, PRICE),
        (T.CHARGEBACK, TransactionStatus.PENDING, PRICE),
    ]


@pytest.mark.parametrize("is_other_payment", [False, True])
async def test_a_reference_of_the_provider_to_something_else_is_not_trusted(
    payer: Payer, clock: FixedClock, is_other_payment: bool
) -> None:
    other = await payer.pay()
    reference = await refund(payer, other, "19.90") if is_other_payment else new_id()
    payment = await payer.pay()
    found = ProviderTransaction("re_1", T.REFUND, DONE, Money(Decimal(1), "EUR"), clock.now(), reference)
    await payer.record(payment, ProviderPayment(ProviderStatus.SUCCEEDED, transactions=(found,)))
    reader = payer.database.reader(payer.actor.company_id)
    rows = await payer.payments.transactions.of_payments(reader, [payment.id])
    assert [(row.type, row.refund_id) for row in rows] == [(T.CHARGE, None), (T.REFUND, None)]


@pytest.mark.parametrize(
    "sql",
    ["update payment_transactions set amount = 1", "delete from payment_transactions"],
    ids=["update", "delete"],
)
async def test_requests_cannot_rewrite_the_ledger(payer: Payer, sql: str) -> None:
    payment = await payer.pay()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await payer.database.run(lambda tx: tx.execute(sql), payer.actor)
    assert await ledger(payer, payment) == [(T.CHARGE, DONE, PRICE)]


async def test_another_company_sees_and_adds_nothing(payer: Payer, other_company: UUID, clock: FixedClock) -> None:
    payment = await payer.pay()
    reader = payer.database.reader(other_company)
    assert await payer.payments.transactions.of_payments(reader, [payment.id]) == []
    foreign = ProviderTransaction("ch_1", T.CHARGE, DONE, Money(PRICE, "EUR"), clock.now())
    stranger = replace(payer.actor, company_id=other_company)

    with pytest.raises(PaymentNotFound):
        await payer.database.run(lambda tx: payer.payments.transactions.post(tx, payment.id, [foreign]), stranger)
    assert await ledger(payer, payment) == [(T.CHARGE, DONE, PRICE)]


async def test_an_answer_and_its_transactions_take_one_statement(payer: Payer) -> None:
    payment = await payer.begin()
    result = await payer.payments.operations.authorize(payer.reader, payment, card(APPROVES))
    with counting() as count:
        await payer.record(payment, result)
    assert count.data == 2  # and the event
