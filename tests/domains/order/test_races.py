"""Races with real commits: no unit is sold twice, no limit is exceeded, no deadlock.

`RACE_RUNS=20 pytest tests/domains/order/test_races.py` runs each race twenty times in a row.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domains.cart.errors import CartEmpty
from domains.inventory.errors import InsufficientStock
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.order.errors import PromoCodeRefused
from domains.order.models import CreatedOrder, NewOrder, OrderStatus
from domains.payment.providers.results import ProviderRefund
from domains.payment.refunds import Refunds
from domains.promotion.errors import PromotionExhausted
from tests.domains.order.storefront import HOME, SILENT_CHARGED, Storefront
from tests.race_runs import repeated

BUYERS, UNITS = 200, 50
PLACED = CreatedOrder.__name__
Cart = tuple[Actor, dict[str, Any]]


async def check_out_in_parallel(shop: Storefront, carts: Sequence[Cart]) -> Counter[str]:
    """Order all carts in parallel; returns the number of outcomes by name.

    Each is tried once: an order that had to begin again, after a deadlock say, is counted as "tried again".
    """
    tries: Counter[int] = Counter()

    async def place(number: int, actor: Actor, given: dict[str, Any]) -> CreatedOrder:
        ticket = await shop.services.order.checkout.take_ticket(shop.database, actor)

        async def work(tx: Tx) -> CreatedOrder:
            tries[number] += 1
            return await shop.services.order.create_order(tx, actor, NewOrder(shipping=HOME, **given), ticket)

        return await shop.database.run(work, actor)

    placing = (place(number, actor, given) for number, (actor, given) in enumerate(carts))
    outcomes = await asyncio.gather(*placing, return_exceptions=True)
    counts = Counter(type(outcome).__name__ for outcome in outcomes)
    return counts + Counter({"tried again": sum(tries.values()) - len(carts)})


async def carts_of(shop: Storefront, count: int, *wanted: tuple[str, int], code: str | None = None) -> list[Cart]:
    """Carts of as many customers, with the same in them."""
    buyers = await shop.customers(count)
    for buyer in buyers:
        await shop.fill(buyer, *wanted)
        if code is not None:
            await shop.apply(buyer, code)
    return [(buyer, {}) for buyer in buyers]


def sold(stock: int, count: int) -> dict[tuple[str, int, int], int]:
    """The ledger of a SKU that was stocked once and of which so many orders reserved one unit each."""
    return {("ADJUSTMENT", stock, 0): 1, ("RESERVATION", -1, 1): count}


@repeated
async def test_two_hundred_buyers_of_fifty_units_create_fifty_orders(shop: Storefront, run: int) -> None:
    await shop.stock("HOT", UNITS)
    carts = await carts_of(shop, BUYERS, ("HOT", 1))
    assert await check_out_in_parallel(shop, carts) == {PLACED: UNITS, InsufficientStock.__name__: BUYERS - UNITS}
    assert (await shop.level("HOT"), await shop.ledger("HOT")) == ((0, UNITS), sold(UNITS, UNITS))
    assert (await shop.count("orders"), await shop.count("reservations")) == (UNITS, UNITS)
    assert await shop.broken() == []


@repeated
async def test_carts_of_the_same_skus_in_opposite_order_do_not_deadlock(shop: Storefront, run: int) -> None:
    for sku in "ABC":
        await shop.stock(sku, 25)
    carts: list[Cart] = []
    for order in ("ABC", "CBA") * 15:
        carts += await carts_of(shop, 1, *((sku, 1) for sku in order))
    assert await check_out_in_parallel(shop, carts) == {PLACED: 25, InsufficientStock.__name__: 5}
    assert [await shop.level(sku) for sku in "ABC"] == [(0, 25)] * 3
    assert [await shop.ledger(sku) for sku in "ABC"] == [sold(25, 25)] * 3
    assert await shop.broken() == []


async def stock_each(shop: Storefront, count: int, units: int) -> list[str]:
    """A separate SKU for each cart, so that carts wait only for the promotion."""
    skus = [f"S{number}" for number in range(count)]
    for sku in skus:
        await shop.stock(sku, units)
    return skus


async def whole_ledger(shop: Storefront, skus: Sequence[str]) -> Counter[tuple[str, int, int]]:
    """The ledgers of SKUs, added up."""
    whole: Counter[tuple[str, int, int]] = Counter()
    for sku in skus:
        whole.update(await shop.ledger(sku))
    return whole


@repeated
async def test_a_promotion_limited_to_ten_uses_is_used_ten_times(shop: Storefront, run: int) -> None:
    skus = await stock_each(shop, 20, BUYERS // 20)
    await shop.promotion(code="TEN", discount_value=Decimal(10), max_usage_count=10)
    carts: list[Cart] = []
    for number in range(BUYERS):
        carts += await carts_of(shop, 1, (skus[number % 20], 1), code="TEN")
    counts = await check_out_in_parallel(shop, carts)
    # Orders during the tenth redemption are refused by the redemption, later ones by the total.
    late = counts.pop(PromotionExhausted.__name__, 0) + counts.pop(PromoCodeRefused.__name__, 0)
    assert (counts, late) == ({PLACED: 10}, BUYERS - 10)
    assert (await shop.count("promotion_uses"), await shop.count("orders")) == (10, 10)
    entries = {("ADJUSTMENT", BUYERS // 20, 0): 20, ("RESERVATION", -1, 1): 10}
    assert await whole_ledger(shop, skus) == entries
    assert await shop.broken() == []


@repeated
@pytest.mark.parametrize("uses", [1, 2])
async def test_a_limit_per_customer_applies_to_parallel_orders_of_one_customer(
    shop: Storefront, uses: int, run: int
) -> None:
    """One e-mail address is one customer, logged in or not, in however many carts."""
    skus = await stock_each(shop, 20, 1)
    await shop.promotion(code="ONCE", discount_value=Decimal(10), max_usage_per_user=uses)
    carts = await carts_of(shop, 1, (skus[0], 1), code="ONCE")
    email = (await shop.services.auth.users.me(shop.database.reader(shop.company_id), carts[0][0])).email
    guest = Actor.anonymous(shop.company_id)
    for sku in skus[1:]:
        token = await shop.fill(guest, (sku, 1))
        await shop.apply(guest, "ONCE", token=token)
        carts.append((guest, {"cart_token": token, "email": email}))
    counts = await check_out_in_parallel(shop, carts)
    late = counts.pop(PromotionExhausted.__name__, 0) + counts.pop(PromoCodeRefused.__name__, 0)
    assert (counts, late) == ({PLACED: uses}, 20 - uses)
    assert await shop.count("promotion_uses") == uses
    assert await whole_ledger(shop, skus) == {("ADJUSTMENT", 1, 0): 20, ("RESERVATION", -1, 1): uses}
    assert await shop.broken() == []


@repeated
async def test_a_cart_ordered_twenty_times_in_parallel_is_one_order(shop: Storefront, run: int) -> None:
    await shop.stock("A", 100)
    counts = await check_out_in_parallel(shop, (await carts_of(shop, 1, ("A", 1))) * 20)
    assert counts == {PLACED: 1, CartEmpty.__name__: 19}
    assert (await shop.level("A"), await shop.ledger("A")) == ((99, 1), sold(100, 1))
    assert await shop.broken() == []


async def test_stock_and_promotion_of_a_cancelled_order_can_be_used_again(shop: Storefront) -> None:
    await shop.stock("A", 5)
    await shop.promotion(code="ONE", discount_value=Decimal(50), max_usage_count=1)
    ada, eve = await shop.customers(2)
    for buyer in (ada, eve):
        await shop.fill(buyer, ("A", 1))
        await shop.apply(buyer, "ONE")
    order = (await shop.place(ada)).order
    assert (order.discount_amount, order.total) == (Decimal(5), Decimal(5))
    await shop.services.order.cancel_order(shop.database, ada, order.id)
    assert (await shop.place(eve)).order.total == Decimal(5)


@repeated
async def test_parallel_payment_and_cancellation_keep_money_and_stock_consistent(shop: Storefront, run: int) -> None:
    await shop.stock("A", 40)
    buyers = await shop.customers(10)
    orders = [await shop.buy(buyer, ("A", 1)) for buyer in buyers]
    pairs = list(zip(buyers, orders, strict=True))
    cancel = shop.services.order.cancel_order
    work = [shop.pay(*pair) for pair in pairs] + [cancel(shop.database, buyer, order.id) for buyer, order in pairs]
    await asyncio.gather(*work, return_exceptions=True)
    statuses = Counter([(await shop.order(order.id)).status for order in orders])
    assert set(statuses) <= {OrderStatus.PAID, OrderStatus.CANCELLED, OrderStatus.REFUNDED}
    paid = statuses[OrderStatus.PAID]
    assert await shop.level("A") == (40 - paid, paid)
    released = {("RELEASE", 1, -1): 10 - paid} if paid < 10 else {}
    assert await shop.ledger("A") == sold(40, 10) | released
    assert await shop.broken() == []


@repeated
async def test_parallel_cancellation_and_expiry_release_the_stock_once(shop: Storefront, run: int) -> None:
    await shop.stock("A", 10)
    await shop.promotion(code="TEN", discount_value=Decimal(10), max_usage_count=10)
    carts = await carts_of(shop, 10, ("A", 1), code="TEN")
    orders = [(buyer, (await shop.place(buyer)).order) for buyer, _ in carts]
    shop.clock.advance(timedelta(minutes=31))
    service = shop.services.order
    work = [service.cancel_order(shop.database, buyer, order.id) for buyer, order in orders]
    await asyncio.gather(
        *work, *(service.expiry.end_unpaid(shop.database, shop.system) for _ in range(20)), return_exceptions=True
    )
    while await service.expiry.end_unpaid(shop.database, shop.system):
        pass
    assert {(await shop.order(order.id)).status for _, order in orders} <= {OrderStatus.CANCELLED, OrderStatus.FAILED}
    assert (await shop.level("A"), await shop.ledger("A")) == ((10, 0), sold(10, 10) | {("RELEASE", 1, -1): 10})
    assert await shop.broken() == []


@repeated
async def test_parallel_reconciliations_count_each_payment_once(shop: Storefront, run: int) -> None:
    await shop.stock("A", 10)
    buyers = await shop.customers(6)
    orders = [await shop.buy(buyer, ("A", 1)) for buyer in buyers]
    for buyer, order in zip(buyers, orders, strict=True):
        await shop.pay(buyer, order, SILENT_CHARGED)
    shop.clock.advance(timedelta(minutes=5))
    await asyncio.gather(
        *(shop.services.order.reconciliation.reconcile(shop.database, shop.system) for _ in range(5))
    )
    assert [(await shop.order(order.id)).status for order in orders] == [OrderStatus.PAID] * 6
    assert Counter(await shop.topics()) == dict.fromkeys(("order.created", "order.payment_started", "order.paid"), 6)
    assert await shop.charges() == [("APPROVED", Decimal(10))] * 6
    sql = "select count(*) from buyer_orders where company_id = $1 and withdrawn_at is null group by user_id"
    assert [row[0] for row in await shop.owner.fetch(sql, shop.company_id)] == [1] * 6
    assert (await shop.level("A"), await shop.ledger("A")) == ((4, 6), sold(10, 6))
    assert await shop.broken() == []


@repeated
async def test_parallel_reconciliations_complete_each_refund_once(shop: Storefront, run: int) -> None:
    await shop.stock("A", 10)
    buyers = await shop.customers(6)
    orders = [await shop.buy(buyer, ("A", 1)) for buyer in buyers]
    with pytest.MonkeyPatch.context() as patch:

        async def unheard(*_: Any) -> ProviderRefund:
            return ProviderRefund.unanswered()

        patch.setattr(Refunds, "send", unheard)
        for buyer, order in zip(buyers, orders, strict=True):
            await shop.pay(buyer, order)
            await shop.services.order.cancel_order(shop.database, buyer, order.id)
    shop.clock.advance(timedelta(minutes=5))
    await asyncio.gather(
        *(shop.services.order.reconciliation.reconcile(shop.database, shop.system) for _ in range(5))
    )
    assert [(await shop.order(order.id)).status for order in orders] == [OrderStatus.REFUNDED] * 6
    topics = ("order.created", "order.payment_started", "order.paid", "order.cancelled", "order.refunded")
    assert Counter(await shop.topics()) == dict.fromkeys(topics, 6)
    given = "select m.amount from mock_refunds m join refunds r on r.id = m.reference where r.company_id = $1"
    assert [row[0] for row in await shop.owner.fetch(given, shop.company_id)] == [10] * 6
    assert (await shop.level("A"), await shop.ledger("A")) == ((10, 0), sold(10, 6) | {("RELEASE", 1, -1): 6})
    assert await shop.broken() == []
