"""Everybody at once, committed for real: nothing sold twice, no limit passed, no deadlock that anybody sees."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from domains.inventory.errors import InsufficientStock
from domains.kernel.actor import Actor
from domains.order.errors import CodeRefused
from domains.order.models import OrderStatus, PlacedOrder
from domains.promotion.errors import PromotionExhausted
from tests.domains.order.storefront import Storefront

BUYERS, UNITS = 200, 50


async def at_once(shop: Storefront, buyers: Sequence[Actor], **given: Any) -> Counter[str]:
    """Let all of them order their carts at the same time; how it went for them, by the name of what came back."""
    outcomes = await asyncio.gather(*(shop.place(buyer, **given) for buyer in buyers), return_exceptions=True)
    return Counter(type(outcome).__name__ for outcome in outcomes)


async def test_two_hundred_buyers_of_fifty_units_make_fifty_orders(shop: Storefront) -> None:
    await shop.stock("HOT", UNITS)
    buyers = await shop.customers(BUYERS)
    for buyer in buyers:
        await shop.fill(buyer, ("HOT", 1))
    told = await at_once(shop, buyers)
    assert told == {PlacedOrder.__name__: UNITS, InsufficientStock.__name__: BUYERS - UNITS}
    assert await shop.level("HOT") == (0, UNITS)


async def test_carts_of_the_same_skus_in_opposite_order_do_not_block_each_other(shop: Storefront) -> None:
    for sku in "ABC":
        await shop.stock(sku, 100)
    buyers = await shop.customers(30)
    for number, buyer in enumerate(buyers):
        skus = "ABC" if number % 2 else "CBA"
        await shop.fill(buyer, *((sku, 1) for sku in skus))
    assert await at_once(shop, buyers) == {PlacedOrder.__name__: 30}
    assert [await shop.level(sku) for sku in "ABC"] == [(70, 30)] * 3


async def test_a_promotion_with_ten_uses_is_used_ten_times(shop: Storefront) -> None:
    await shop.stock("A", 1_000)
    await shop.promotion(code="TEN", discount_value=Decimal(10), max_usage_count=10)
    buyers = await shop.customers(40)
    for buyer in buyers:
        await shop.fill(buyer, ("A", 1))
        await shop.apply(buyer, "TEN")
    told = await at_once(shop, buyers)
    assert told[PlacedOrder.__name__] == 10
    assert set(told) <= {PlacedOrder.__name__, PromotionExhausted.__name__, CodeRefused.__name__}
    assert await shop.level("A") == (990, 10)


async def test_what_is_given_back_can_be_used_again(shop: Storefront) -> None:
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


async def test_paying_cancelling_and_expiring_at_once_leave_money_and_stock_in_step(shop: Storefront) -> None:
    await shop.stock("A", 40)
    buyers = await shop.customers(10)
    orders = [await shop.buy(buyer, ("A", 1)) for buyer in buyers]
    work = [
        *(shop.pay(buyer, order) for buyer, order in zip(buyers, orders, strict=True)),
        *(
            shop.services.order.cancel_order(shop.database, buyer, order.id)
            for buyer, order in zip(buyers, orders, strict=True)
        ),
    ]
    await asyncio.gather(*work, return_exceptions=True)
    statuses = Counter([(await shop.order(order.id)).status for order in orders])
    assert set(statuses) <= {OrderStatus.PAID, OrderStatus.CANCELLED, OrderStatus.REFUNDED}
    paid = statuses[OrderStatus.PAID]
    assert await shop.level("A") == (40 - paid, paid)


@pytest.mark.parametrize("uses", [1, 2])
async def test_a_coupon_once_per_customer_holds_for_one_customer_in_many_windows(shop: Storefront, uses: int) -> None:
    """A guest with one e-mail address and many carts is one customer."""
    await shop.stock("A", 100)
    await shop.promotion(code="ONCE", discount_value=Decimal(10), max_usage_per_user=uses)
    guest = Actor.anonymous(shop.company_id)
    carts = []
    for _ in range(8):
        token = await shop.fill(guest, ("A", 1))
        await shop.apply(guest, "ONCE", token=token)
        carts.append(token)
    outcomes = await asyncio.gather(
        *(shop.place(guest, cart_token=token, email="one@example.com") for token in carts), return_exceptions=True
    )
    assert sum(isinstance(outcome, PlacedOrder) for outcome in outcomes) == uses
    assert await shop.level("A") == (100 - uses, uses)
