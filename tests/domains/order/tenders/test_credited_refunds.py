"""Refunds to the store credit of the buyer: no provider is asked, and nothing is returned twice."""

import asyncio
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domains.kernel import fail_points
from domains.kernel.actor import Actor, ActorKind
from domains.kernel.fail_points import FailPointReached
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.ids import new_id
from domains.kernel.validation import ValidationErrors
from domains.kernel.values.money import Money
from domains.order.errors import ExchangeNeedsOrder, OrderNotRefundable, StoreCreditNeedsCustomer
from domains.order.models import Order, OrderPaymentStatus, OrderStatus
from domains.order.payments.refund_lines import NewRefund, RefundedUnits
from domains.payment.errors import RefundTooLarge
from domains.payment.models import (
    Payment,
    Refund,
    RefundDestination,
    RefundStatus,
    TransactionStatus,
    TransactionType,
)
from domains.payment.providers.requests import PaymentReference
from domains.payment.providers.results import ProviderPayment, ProviderStatus, ProviderTransaction
from gateway.providers.mock.mock_payments import MockPayments
from tests.domains.order.storefront import Storefront
from tests.domains.order.tenders.wallet import Wallet
from tests.race_runs import repeated

CREDIT = RefundDestination.STORE_CREDIT
# Where the transactions of an order's refunds went.
MOVED = """
select t.provider, t.amount from payment_transactions t join payments p on p.id = t.payment_id
where p.order_id = $1 and t.type = 'REFUND' order by t.id
"""
AT_PROVIDER = "select count(*) from mock_refunds m join refunds r on r.id = m.reference where r.company_id = $1"


@pytest.fixture
async def paid(shop: Storefront, ada: Actor) -> Order:
    """Three units at 10.00 EUR, paid by a bank card."""
    return await shop.pay(ada, await shop.buy(ada, ("A", 3)))


async def refund(
    shop: Storefront, actor: Actor, order: Order, *, db: Attempt | None = None, **given: Any
) -> tuple[Order, list[Refund]]:
    new = NewRefund(**{"destination": CREDIT, **given})
    return await shop.services.order.refunds.refund(db or shop.database, actor, order.id, new)


async def credit_of(shop: Storefront, actor: Actor) -> Decimal:
    """The balance of a customer's store credit."""
    assert actor.user_id is not None
    store_credits, reader = shop.services.payment.store_credits, shop.database.reader(shop.company_id)
    rows = await store_credits.of_users(reader, [actor.user_id])
    balances = await store_credits.balances(reader, [row.id for row in rows]) if rows else {}
    return sum(balances.values(), Decimal(0))


async def test_the_buyer_gets_store_credit_at_once_and_the_provider_is_not_asked(
    shop: Storefront, wallet: Wallet, ada: Actor, clerk: Actor, paid: Order
) -> None:
    (item,) = await shop.services.order.items_of(shop.database.reader(shop.company_id), [paid.id])
    order, (made,) = await refund(shop, clerk, paid, lines=[RefundedUnits(item.id, 2)], adjustment=Decimal("-1.50"))
    assert (made.status, made.destination, made.amount) == (RefundStatus.SUCCEEDED, CREDIT, Decimal("18.50"))
    assert made.settled_at == shop.clock.now()
    assert await credit_of(shop, ada) == Decimal("18.50")
    assert (order.amount_refunded, order.payment_status) == (
        Decimal("18.50"),
        OrderPaymentStatus.PARTIALLY_REFUNDED,
    )
    assert await shop.owner.fetchval(AT_PROVIDER, shop.company_id) == 0
    assert [tuple(row) for row in await shop.owner.fetch(MOVED, paid.id)] == [("STORE_CREDIT", Decimal("18.50"))]
    assert await wallet.booked(paid) == {
        "1200.MOCK": Decimal("30.00"),
        "2200": Decimal("-18.50"),
        "4000": Decimal("-10.00"),
        "4900": Decimal("-1.50"),
    }
    assert await shop.broken() == []


async def test_a_complete_refund_ends_an_order_that_was_not_shipped(
    shop: Storefront, ada: Actor, clerk: Actor, paid: Order
) -> None:
    order, _ = await refund(shop, clerk, paid)
    assert (order.status, await shop.level("A"), await credit_of(shop, ada)) == (
        OrderStatus.REFUNDED,
        (50, 0),
        Decimal(30),
    )
    with pytest.raises(OrderNotRefundable):
        await refund(shop, clerk, paid)


async def test_what_a_gift_card_paid_goes_back_to_the_card(
    shop: Storefront, wallet: Wallet, ada: Actor, clerk: Actor
) -> None:
    card = await wallet.card("12.00")
    order = await shop.pay(ada, await wallet.buy(ada, 3, card))
    _, refunds = await refund(shop, clerk, order, amount=Decimal(20))
    assert [(each.destination, each.amount, each.status) for each in refunds] == [
        (RefundDestination.ORIGINAL_PAYMENT, Decimal(12), RefundStatus.SUCCEEDED),
        (CREDIT, Decimal(8), RefundStatus.SUCCEEDED),
    ]
    assert (await wallet.balance(card), await credit_of(shop, ada)) == (12, Decimal(8))


async def test_store_credit_can_be_spent_and_is_refunded_to_itself(
    shop: Storefront, wallet: Wallet, ada: Actor, clerk: Actor, paid: Order
) -> None:
    await refund(shop, clerk, paid, amount=Decimal(10))
    await shop.fill(ada, ("A", 1))
    await wallet.use_credit(ada)
    order = (await shop.place(ada)).order
    assert (order.status, await credit_of(shop, ada)) == (OrderStatus.PAID, Decimal(0))
    await refund(shop, clerk, order)
    assert await credit_of(shop, ada) == 10


async def test_guests_and_exchanges_without_an_order_are_refused(shop: Storefront, clerk: Actor, paid: Order) -> None:
    guest = Actor(ActorKind.GUEST, shop.company_id)
    token = await shop.fill(guest, ("A", 1))
    placed = await shop.place(guest, cart_token=token, email="guest@example.com")
    order = await shop.pay(guest, placed.order, token=placed.token)
    with pytest.raises(StoreCreditNeedsCustomer):
        await refund(shop, clerk, order, amount=Decimal(1))
    with pytest.raises(ExchangeNeedsOrder):
        await refund(shop, clerk, paid, destination=RefundDestination.EXCHANGE)
    with pytest.raises(ValidationErrors) as refused:
        await refund(shop, clerk, order, amount=Decimal(100), reason="x" * 1001)
    assert {error.field for error in refused.value.errors} == {("amount",), ("destination",), ("reason",)}
    assert await shop.count("refunds") == 0


async def test_a_provider_that_reports_a_refund_means_another_one(
    shop: Storefront, ada: Actor, clerk: Actor, paid: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, (ours,) = await refund(shop, clerk, paid, amount=Decimal(10))
    payment = await shop.payment_of(paid)
    told = ProviderTransaction(
        "re_1",
        TransactionType.REFUND,
        TransactionStatus.SUCCEEDED,
        Money(Decimal(10), "EUR"),
        shop.clock.now(),
        ours.id,
    )
    await look_up(shop, payment, told, monkeypatch)
    await look_up(shop, payment, replace(told, status=TransactionStatus.FAILED), monkeypatch)
    reader = shop.database.reader(shop.company_id)
    refunds = await shop.services.payment.refunds.of_payments(reader, [payment.id])
    assert {each.id == ours.id: each.status for each in refunds} == {
        True: RefundStatus.SUCCEEDED,
        False: RefundStatus.FAILED,
    }
    assert ((await shop.order(paid.id)).amount_refunded, await credit_of(shop, ada)) == (Decimal(10), Decimal(10))


async def look_up(
    shop: Storefront, payment: Payment, told: ProviderTransaction, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def find(_: MockPayments, reference: PaymentReference) -> ProviderPayment:
        return ProviderPayment(
            ProviderStatus.SUCCEEDED, reference.provider_id, reference.amount, transactions=(told,)
        )

    with monkeypatch.context() as patch:
        patch.setattr(MockPayments, "find", find)
        await shop.services.order.reconciliation.look_up(shop.database, shop.system, payment)


@repeated
async def test_two_refunds_at_once_never_credit_more_than_was_paid(
    shop: Storefront, ada: Actor, clerk: Actor, paid: Order, run: int
) -> None:
    outcomes = await asyncio.gather(
        *(refund(shop, clerk, paid, amount=Decimal(20)) for _ in range(3)),
        refund(shop, clerk, paid, amount=Decimal(20), destination=None),
        return_exceptions=True,
    )
    assert Counter(type(each) for each in outcomes) == {tuple: 1, RefundTooLarge: 3}
    assert (await shop.order(paid.id)).amount_refunded == 20
    assert await credit_of(shop, ada) + 10 * await shop.owner.fetchval(AT_PROVIDER, shop.company_id) in (20, 10)


@repeated
async def test_a_credit_and_a_chargeback_at_once_leave_the_books_even(
    shop: Storefront, ada: Actor, clerk: Actor, paid: Order, run: int
) -> None:
    payment = await shop.payment_of(paid)

    async def dispute() -> None:
        await shop.provider.dispute(payment.id)
        await shop.services.order.reconciliation.look_up(shop.database, shop.system, payment)

    await asyncio.gather(dispute(), refund(shop, clerk, paid, amount=Decimal(5)), return_exceptions=True)
    order = await shop.order(paid.id)
    assert order.amount_refunded == await credit_of(shop, ada)
    assert order.amount_charged_back > 0
    with pytest.raises(OrderNotRefundable):
        await refund(shop, clerk, paid)


async def test_a_credit_that_died_is_made_once(shop: Storefront, ada: Actor, clerk: Actor, paid: Order) -> None:
    attempt = Attempt(shop.database, new_id())
    fail_points.arm(["refund.recorded:raise:1"])
    try:
        with pytest.raises(FailPointReached):
            await refund(shop, clerk, paid, db=attempt, amount=Decimal(5))
    finally:
        fail_points.arm([])
    assert (await credit_of(shop, ada), await shop.count("refunds")) == (Decimal(0), 0)
    _, (made,) = await refund(shop, clerk, paid, db=attempt, amount=Decimal(5))
    _, (again,) = await refund(shop, clerk, paid, db=attempt, amount=Decimal(5))
    assert (made.id, await credit_of(shop, ada), await shop.count("refunds")) == (again.id, Decimal(5), 1)
