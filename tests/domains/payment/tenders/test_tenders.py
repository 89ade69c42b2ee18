"""Tenders pay orders under the locks of their balances, and get refunds back."""

import asyncio
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.database import Tx
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.payment.gift_cards.models import GiftCard
from domains.payment.models import Payment, PaymentMethod, PaymentStatus
from domains.payment.tenders.models import Tender
from tests.domains.payment.conftest import make_order
from tests.domains.payment.gift_cards.issuer import Issuer
from tests.race_runs import repeated


@pytest.fixture(autouse=True)
async def _unbroken(issuer: Issuer) -> Any:
    yield
    assert await issuer.broken() == []


async def test_cards_in_their_order_and_then_store_credit_pay(issuer: Issuer, order: UUID, customer: UUID) -> None:
    first, second = await issuer.card("5.00"), await issuer.card("7.00")
    await issuer.do(lambda tx: issuer.payments.store_credits.issue(tx, customer, Decimal(10), "sorry"))
    paid = await issuer.spend(order, "19.90", [second, first], customer)
    assert [(payment.provider, payment.method, payment.amount) for payment in paid] == [
        ("GIFT_CARD", "GIFT_CARD", Decimal("7.00")),
        ("GIFT_CARD", "GIFT_CARD", Decimal("5.00")),
        ("STORE_CREDIT", "STORE_CREDIT", Decimal("7.90")),
    ]
    assert await issuer.payments.payments_of(issuer.reader, [order]) == paid
    assert {payment.status for payment in paid} == {PaymentStatus.SUCCEEDED}
    assert [await issuer.balance(first), await issuer.balance(second)] == [Decimal(0), Decimal(0)]
    assert await issuer.credit(customer) == Decimal("2.10")
    balance = await issuer.payments.balance_of(issuer.reader, order)
    assert (balance.captured, balance.refundable) == (Decimal("19.90"), Decimal("19.90"))
    assert [line for line in await issuer.ledger() if line[0] == "PAYMENT"] == [
        ("PAYMENT", "2100", "DEBIT", Decimal(7)),
        ("PAYMENT", "1100", "CREDIT", Decimal(7)),
        ("PAYMENT", "2100", "DEBIT", Decimal(5)),
        ("PAYMENT", "1100", "CREDIT", Decimal(5)),
        ("PAYMENT", "2200", "DEBIT", Decimal("7.90")),
        ("PAYMENT", "1100", "CREDIT", Decimal("7.90")),
    ]
    assert (await issuer.topics())[-3:] == ["payment.captured"] * 3
    assert (await issuer.audit())[-1] == ("PAYMENT_SUCCEEDED", Decimal("7.90"), True)
    assert [payment.status for payment in await issuer.payments.reconciliation.due_payments(issuer.reader)] == []


async def test_locking_and_spending_take_three_statements(issuer: Issuer, order: UUID) -> None:
    card, other = await issuer.card(), await issuer.card()
    await issuer.do(issuer.payments.settings.current)
    with counting() as statements:
        await issuer.spend(order, "60.00", [card, other])
    assert statements.data == 3
    with counting() as statements:
        assert await issuer.spend(order, "60.00") == []
    assert statements.data == 0


async def test_what_cannot_be_spent_is_left_out(
    issuer: Issuer, clock: FixedClock, other_company: UUID, customer: UUID
) -> None:
    empty, disabled, good = await issuer.card("1.00"), await issuer.card(), await issuer.card("2.00")
    expired = await issuer.card(expires_at=clock.now().replace(year=clock.now().year + 1))
    clock.at = clock.now().replace(year=clock.now().year + 1)
    cards = issuer.payments.gift_cards
    await issuer.do(lambda tx: cards.disable(tx, disabled.id))
    await issuer.do(lambda tx: cards.adjust(tx, empty.id, Decimal(-1), "a mistake"))
    asked = [expired.id, empty.id, disabled.id, new_id(), good.id]
    usable = await issuer.do(lambda tx: issuer.payments.tenders.lock(tx, asked, customer))
    assert usable == [Tender(PaymentMethod.GIFT_CARD, good.id, Decimal(2), "EUR", good.last_characters)]

    async def elsewhere(tx: Tx) -> list[Tender]:
        async with tx.in_company(other_company) as inner:
            return await issuer.payments.tenders.lock(inner, asked)

    assert await issuer.database.run(elsewhere, issuer.actor, platform=True) == []


@repeated
async def test_a_balance_is_never_spent_twice(issuer: Issuer, owner: Any, company: UUID, run: int) -> None:
    card = await issuer.card("30.00")
    orders = [await make_order(owner, company) for _ in range(8)]
    paid = await asyncio.gather(*[issuer.spend(order, "10.00", [card]) for order in orders])
    assert sorted(len(payments) for payments in paid) == [0] * 5 + [1] * 3
    assert await issuer.balance(card) == Decimal(0)


@repeated
async def test_cards_in_opposite_orders_do_not_deadlock(issuer: Issuer, owner: Any, company: UUID, run: int) -> None:
    cards = [await issuer.card("40.00") for _ in range(3)]
    orders = [await make_order(owner, company) for _ in range(6)]
    turned = [cards[number % 3 :] + cards[: number % 3] for number in range(6)]
    spent = [
        issuer.spend(order, "20.00", mine if number % 2 else mine[::-1])
        for number, (order, mine) in enumerate(zip(orders, turned, strict=True))
    ]
    paid = [payment for payments in await asyncio.gather(*spent) for payment in payments]
    assert sum(payment.amount for payment in paid) == Decimal(120)
    assert [await issuer.balance(card) for card in cards] == [Decimal(0)] * 3


@repeated
async def test_a_card_is_disabled_before_or_after_it_is_spent(issuer: Issuer, order: UUID, run: int) -> None:
    card = await issuer.card("19.90")
    paid, disabled = await asyncio.gather(
        issuer.spend(order, "19.90", [card]), issuer.do(lambda tx: issuer.payments.gift_cards.disable(tx, card.id))
    )
    assert disabled.disabled_at is not None
    assert await issuer.balance(card) == (Decimal(0) if paid else Decimal("19.90"))
    assert await issuer.spend(order, "19.90", [card]) == []


async def balance_after(issuer: Issuer, card: GiftCard, payment: Payment, amount: str) -> Decimal:
    await issuer.refund(payment, amount)
    return await issuer.balance(card)


async def test_refunds_go_back_to_the_card_also_a_disabled_one(issuer: Issuer, order: UUID) -> None:
    card = await issuer.card("50.00")
    (payment,) = await issuer.spend(order, "19.90", [card])
    await issuer.do(lambda tx: issuer.payments.gift_cards.disable(tx, card.id))
    assert await balance_after(issuer, card, payment, "5.00") == Decimal("35.10")
    assert await balance_after(issuer, card, payment, "14.90") == Decimal("50.00")
    assert [line for line in await issuer.ledger() if line[0] == "REFUND"] == [
        ("REFUND", "2100", "CREDIT", Decimal(5)),
        ("REFUND", "1100", "DEBIT", Decimal(5)),
        ("REFUND", "2100", "CREDIT", Decimal("14.90")),
        ("REFUND", "1100", "DEBIT", Decimal("14.90")),
    ]


async def test_a_cancelled_payment_gives_everything_back_once(issuer: Issuer, order: UUID) -> None:
    card, payments = await issuer.card("50.00"), issuer.payments
    (payment,) = await issuer.spend(order, "19.90", [card])
    marked = await issuer.do(lambda tx: payments.request_cancellation(tx, payment.id))
    answer = await payments.reconciliation.reconcile(issuer.reader, marked)
    for _ in range(2):
        recorded = await issuer.do(lambda tx: payments.record(tx, payment.id, answer))
        assert recorded.payment.status is PaymentStatus.CANCELLED
    assert await issuer.balance(card) == Decimal(50)
