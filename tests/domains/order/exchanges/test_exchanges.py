"""Exchanges: the value of goods pays a new order in one transaction, and nothing is paid twice or lost."""

import asyncio
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domains.kernel import fail_points
from domains.kernel.actor import Actor, ActorKind
from domains.kernel.fail_points import FailPointReached
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.ids import new_id
from domains.kernel.permissions import PermissionAction
from domains.order import transitions
from domains.order.editing.new_lines import NewOrderLine
from domains.order.exchanges.models import Exchange
from domains.order.models import Order, OrderStatus
from domains.order.payments.refund_lines import NewRefund, RefundedUnits
from domains.payment.models import RefundDestination, RefundStatus
from tests.domains.order.storefront import Storefront
from tests.domains.order.tenders.test_credited_refunds import credit_of
from tests.domains.order.tenders.wallet import Wallet
from tests.race_runs import repeated

CREDIT = RefundDestination.STORE_CREDIT
AT_PROVIDER = """
select coalesce(sum(m.amount), 0) from mock_refunds m join refunds r on r.id = m.reference where r.company_id = $1
"""
IN_EXCHANGE = """
select coalesce(sum(case l.side when 'DEBIT' then l.amount else -l.amount end), 0) as balance, count(*) as lines
from ledger_lines l where l.company_id = $1 and l.account = '1150'
"""


@pytest.fixture
def wallet(shop: Storefront) -> Wallet:
    return Wallet(shop)


@pytest.fixture
async def ada(shop: Storefront) -> Actor:
    await shop.stock("A", 50)
    await shop.stock("B", 10, "4.00")
    await shop.stock("C", 10, "25.00")
    return await shop.customer()


@pytest.fixture
async def clerk(shop: Storefront) -> Actor:
    return await shop.staff()


@pytest.fixture
async def paid(shop: Storefront, ada: Actor) -> Order:
    """Three units of A at 10.00 EUR, paid by a bank card."""
    return await shop.pay(ada, await shop.buy(ada, ("A", 3)))


async def exchange(
    shop: Storefront, clerk: Actor, order: Order, wanted: str, *, db: Attempt | None = None, **given: Any
) -> Exchange:
    """Exchange one unit of A for a unit of another SKU, and send what is left."""
    items = await shop.services.order.items_of(shop.database.reader(shop.company_id), [order.id])
    item = next(each for each in items if each.sku == "A")
    new = NewRefund(**{"lines": [RefundedUnits(item.id, 1)], **given})
    lines = [NewOrderLine(product_id=shop.products[wanted].id, quantity=1)]
    orders, attempt = shop.services.order, Attempt.wrap(db or shop.database)
    ticket = await orders.checkout.take_ticket(shop.database, clerk)

    async def begin(tx: Any) -> Exchange:
        locked = await transitions.lock(tx, clerk, order.id, None, PermissionAction.MANAGE)
        return await orders.exchanges.begin(tx, clerk, locked, new, lines, ticket, attempt.id)

    made = await attempt.run(begin, clerk)
    await orders.refunds.send_all(attempt, clerk, made.replaced, made.refunds)
    return made


async def payments_of(shop: Storefront, order: Order) -> list[tuple[str, Decimal, Decimal]]:
    rows = await shop.services.payment.payments_of(shop.database.reader(shop.company_id), [order.id])
    return [(row.provider, row.amount_captured, row.amount_refunded) for row in rows]


async def in_exchange(shop: Storefront) -> tuple[Decimal, int]:
    """The balance of account 1150, and the number of its lines."""
    row = await shop.owner.fetchrow(IN_EXCHANGE, shop.company_id)
    return row["balance"], row["lines"]


async def test_a_cheaper_order_is_paid_and_the_rest_is_refunded(
    shop: Storefront, wallet: Wallet, clerk: Actor, paid: Order
) -> None:
    made = await exchange(shop, clerk, paid, "B")
    new, old = await shop.order(made.order.id), await shop.order(paid.id)
    assert (new.status, new.total, new.amount_captured, new.payment_method) == (
        OrderStatus.PAID,
        Decimal(4),
        Decimal(4),
        "EXCHANGE",
    )
    assert (new.exchanged_order_id, new.user_id, new.email, new.expires_at) == (old.id, old.user_id, old.email, None)
    assert (old.amount_refunded, old.status) == (Decimal(10), OrderStatus.PAID)
    assert await shop.owner.fetchval(AT_PROVIDER, shop.company_id) == 6
    assert (await in_exchange(shop), await shop.level("B")) == ((Decimal(0), 2), (9, 1))
    assert await wallet.booked(new) == {"1150": 4, "4000": -4}
    assert await wallet.booked(old) == {"1150": -4, "1200.MOCK": 24, "4000": -20}
    assert [(each.refund.destination.value, each.refund.amount) for each in made.refunds] == [
        ("EXCHANGE", Decimal(4)),
        ("ORIGINAL_PAYMENT", Decimal(6)),
    ]
    assert ("PENDING", f"Exchange for {old.order_number}") in await shop.history(new.id)
    assert ("PAID", f"Exchanged for order {new.order_number}") in await shop.history(old.id)


async def test_a_dearer_order_waits_for_the_difference(
    shop: Storefront, ada: Actor, clerk: Actor, paid: Order
) -> None:
    made = await exchange(shop, clerk, paid, "C")
    new = made.order
    assert (new.status, new.amount_captured, new.payment_method) == (OrderStatus.PENDING, Decimal(10), None)
    assert new.expires_at is not None
    assert await shop.level("C") == (9, 1)
    new = await shop.pay(ada, new)
    assert (new.status, new.amount_captured, await shop.owner.fetchval(AT_PROVIDER, shop.company_id)) == (
        OrderStatus.PAID,
        Decimal(25),
        0,
    )
    assert await payments_of(shop, new) == [("EXCHANGE", Decimal(10), Decimal(0)), ("MOCK", Decimal(15), Decimal(0))]


async def test_the_rest_can_become_store_credit(shop: Storefront, ada: Actor, clerk: Actor, paid: Order) -> None:
    await exchange(shop, clerk, paid, "B", destination=CREDIT, adjustment=Decimal("-1.50"))
    assert (await credit_of(shop, ada), await shop.owner.fetchval(AT_PROVIDER, shop.company_id)) == (
        Decimal("4.5"),
        0,
    )
    assert (await shop.order(paid.id)).amount_refunded == Decimal("8.50")


async def test_an_order_that_is_not_paid_in_time_gives_the_value_to_store_credit(
    shop: Storefront, ada: Actor, clerk: Actor, paid: Order
) -> None:
    made = await exchange(shop, clerk, paid, "C")
    shop.clock.advance(timedelta(hours=2))
    assert await shop.services.order.expiry.end_unpaid(shop.database, shop.system) == 1
    assert ((await shop.order(made.order.id)).status, await credit_of(shop, ada)) == (OrderStatus.FAILED, Decimal(10))
    assert (await shop.level("C"), (await in_exchange(shop))[0]) == ((10, 0), Decimal(0))


async def test_a_cancelled_order_gives_the_value_to_store_credit(
    shop: Storefront, ada: Actor, clerk: Actor, paid: Order
) -> None:
    made = await exchange(shop, clerk, paid, "B")
    cancelled = await shop.services.order.cancel_order(shop.database, ada, made.order.id)
    assert (cancelled.status, await credit_of(shop, ada)) == (OrderStatus.REFUNDED, Decimal(4))
    assert (await shop.level("B"), await in_exchange(shop)) == ((10, 0), (Decimal(0), 2))


async def test_the_value_of_a_guest_is_paid_out_by_hand(shop: Storefront, ada: Actor, clerk: Actor) -> None:
    guest = Actor(ActorKind.GUEST, shop.company_id)
    token = await shop.fill(guest, ("A", 1))
    placed = await shop.place(guest, cart_token=token, email="guest@example.com")
    order = await shop.pay(guest, placed.order, token=placed.token)
    made = await exchange(shop, clerk, order, "B")
    refunds = shop.services.order.refunds
    await refunds.refund(shop.database, clerk, made.order.id, NewRefund(destination=None))
    moved = await shop.owner.fetch(
        "select t.provider, t.amount from payment_transactions t join payments p on p.id = t.payment_id "
        "where p.order_id = $1 and t.type = 'REFUND'",
        made.order.id,
    )
    assert [tuple(row) for row in moved] == [("MANUAL", 4)]
    assert (await in_exchange(shop))[0] == 0


async def test_goods_that_a_gift_card_paid_can_be_exchanged(
    shop: Storefront, wallet: Wallet, ada: Actor, clerk: Actor
) -> None:
    card = await wallet.card("6.00")
    order = await shop.pay(ada, await wallet.buy(ada, 1, card))
    made = await exchange(shop, clerk, order, "B")
    assert [(each.refund.destination.value, each.refund.amount) for each in made.refunds] == [
        ("EXCHANGE", Decimal(4)),
        ("ORIGINAL_PAYMENT", Decimal(2)),
        ("ORIGINAL_PAYMENT", Decimal(4)),
    ]
    assert await wallet.balance(card) == 2


@repeated
async def test_two_exchanges_and_a_refund_at_once_never_return_more_than_was_paid(
    shop: Storefront, ada: Actor, clerk: Actor, run: int
) -> None:
    order = await shop.pay(ada, await shop.buy(ada, ("A", 1)))
    (item,) = await shop.services.order.items_of(shop.database.reader(shop.company_id), [order.id])
    refund = shop.services.order.refunds.refund
    outcomes = await asyncio.gather(
        exchange(shop, clerk, order, "B"),
        exchange(shop, clerk, order, "C"),
        refund(shop.database, clerk, order.id, NewRefund(lines=[RefundedUnits(item.id, 1)])),
        return_exceptions=True,
    )
    assert Counter(isinstance(each, Exception) for each in outcomes) == {False: 1, True: 2}
    assert (await shop.order(order.id)).amount_refunded == 10
    assert (await in_exchange(shop))[0] == 0


@pytest.mark.parametrize("point", ["exchange.order_placed", "exchange.reserved", "refund.requested"])
async def test_an_exchange_that_died_is_made_whole_or_not_at_all(
    shop: Storefront, clerk: Actor, paid: Order, point: str
) -> None:
    attempt = Attempt(shop.database, new_id())
    fail_points.arm([f"{point}:raise:1"])
    try:
        with pytest.raises(FailPointReached):
            await exchange(shop, clerk, paid, "B", db=attempt)
    finally:
        fail_points.arm([])
    is_made = point == "refund.requested"
    assert (await shop.count("orders"), await shop.count("refunds")) == ((2, 2) if is_made else (1, 0))
    if is_made:
        shop.clock.advance(timedelta(minutes=3))
        await shop.services.order.reconciliation.reconcile(shop.database, shop.system)
        assert await shop.owner.fetchval(AT_PROVIDER, shop.company_id) == 6
        statuses = await shop.owner.fetch("select status::text from refunds where company_id = $1", shop.company_id)
        assert {row[0] for row in statuses} == {RefundStatus.SUCCEEDED.value}
