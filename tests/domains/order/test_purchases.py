"""Verified purchases of reviews: they follow the events of orders."""

import asyncio
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from domains.kernel.actor import Actor
from domains.kernel.events import Envelope
from domains.order.handlers import Purchases
from domains.order.models import OrderStatus
from domains.review.models import ReviewChanges
from tests.domains.order.buyers import cancel, paid, refund, update_statuses
from tests.domains.order.storefront import Storefront


async def review(shop: Storefront, buyer: Actor, sku: str = "A") -> Any:
    given: ReviewChanges = {"rating": 5}
    return await shop.run(lambda tx: shop.services.review.create(tx, buyer, shop.products[sku].id, given), buyer)


async def is_verified(shop: Storefront) -> list[bool]:
    rows = await shop.owner.fetch("select is_verified_purchase from reviews where company_id = $1", shop.company_id)
    return [row[0] for row in rows]


async def order_events(shop: Storefront) -> list[Envelope]:
    """The events of orders that concern reviews, as the relay delivers them."""
    rows = await shop.owner.fetch(
        "select id, topic, version, company_id, aggregate_id, sequence, actor_kind, actor_id, created_at, payload "
        "from outbox_events where company_id = $1 and topic = any($2) order by sequence",
        shop.company_id,
        list(Purchases.topics),
    )
    envelopes = [Envelope(*row.values()) for row in rows]
    return [each for each in envelopes if Purchases.concerns(each.payload)]


async def test_a_review_is_verified_while_the_order_is_not_refunded(shop: Storefront) -> None:
    await shop.stock("A", 5)
    buyer = await shop.customer()
    purchases = Purchases(shop.services.review, shop.services.account)

    async def deliver_events() -> list[bool]:
        for envelope in await order_events(shop):
            await shop.run(lambda tx, envelope=envelope: purchases.record(tx, envelope))
        return await is_verified(shop)

    await review(shop, buyer)
    first, second = [await paid(shop, await shop.buy(buyer, ("A", 1))) for _ in range(2)]
    assert await deliver_events() == [True]
    await cancel(shop, first)
    assert await deliver_events() == [True]
    await update_statuses(shop, second, OrderStatus.PROCESSING, OrderStatus.SHIPPED)
    await refund(shop, second, Decimal(4))
    assert await deliver_events() == [True]
    await refund(shop, second)
    assert await deliver_events() == [False]
    assert await shop.count("product_purchases") == 0


@pytest.mark.parametrize("order_of_news", list(permutations(range(3))))
async def test_order_events_may_be_delivered_twice_and_in_any_order(
    shop: Storefront, order_of_news: tuple[int, ...]
) -> None:
    await shop.stock("A", 5)
    buyer = await shop.customer()
    await review(shop, buyer)
    await cancel(shop, await paid(shop, await shop.buy(buyer, ("A", 1))))
    delivered = await order_events(shop)
    assert [each.topic for each in delivered] == ["order.paid", "order.cancelled", "order.refunded"]
    purchases = Purchases(shop.services.review, shop.services.account)
    for _ in range(2):
        for place in order_of_news:
            await shop.run(lambda tx, place=place: purchases.record(tx, delivered[place]))
            assert await is_verified(shop) == [False]


async def test_a_review_written_during_a_refund_is_not_verified(shop: Storefront) -> None:
    await shop.stock("A", 50)
    purchases = Purchases(shop.services.review, shop.services.account)
    for buyer in await shop.customers(6):
        order = await paid(shop, await shop.buy(buyer, ("A", 1)))
        (bought,) = [each for each in await order_events(shop) if each.aggregate_id == order.id]
        await shop.run(lambda tx, bought=bought: purchases.record(tx, bought))
        await cancel(shop, order)
        delivered = [each for each in await order_events(shop) if each.aggregate_id == order.id]
        hearing = [shop.run(lambda tx, each=each: purchases.record(tx, each)) for each in delivered]
        await asyncio.gather(review(shop, buyer), *hearing)
    assert await is_verified(shop) == [False] * 6


def test_orders_of_guests_do_not_affect_reviews() -> None:
    assert [Purchases.concerns(each) for each in ({"user_id": None}, {"was_paid": False}, {"is_whole": False})] == [
        False
    ] * 3
