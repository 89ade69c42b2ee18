"""Subscriptions of stock: every change of the available units of a SKU, and for staff the SKUs that run low."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from domains.inventory.allocation.allocations import OrderUnits
from domains.inventory.allocation.stock import sources_part, stock_of
from domains.inventory.events import BackorderCancelled, BackorderCreated, BackorderTermsUpdated
from domains.inventory.models import StockLine
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.events import Event
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.prisma.runtime import fetch_parts
from domains.role.models import SystemRole
from gateway.graphql.inventory.subscriptions import LOW_STOCK, STOCK
from tests.gateway.graphql.catalog.conftest import make_category, make_product
from tests.gateway.graphql.catalog.operations import codes
from tests.gateway.live.live_site import LiveSite
from tests.gateway.site import Site

Stocked = Callable[..., Awaitable[str]]
CHANGED = """subscription ($sku: String!) { stockChanged(sku: $sku) {
  sku stock isInStock product { name } variant { sku } } }"""
LOW = "subscription ($skus: [String!]) { lowStock(skus: $skus) { items { sku availableStock } } }"


OF_BACKORDERS: set[type[Event]] = {BackorderTermsUpdated, BackorderCreated, BackorderCancelled}


async def change(shop: Site, mutation: str, **input: Any) -> None:
    assert await codes(shop, mutation, input, "admin") == []


async def reserve(shop: Site, order_id: UUID, **units: int) -> None:
    actor, inventory = shop.actors["customer"], shop.services.inventory
    lines = [StockLine(sku, quantity) for sku, quantity in units.items()]
    await shop.database.run(
        lambda tx: inventory.reservations.reserve(tx, actor, lines, order_id=order_id, expires_at=None), actor
    )


def shown(stock: int, sku: str = "A") -> Any:
    return {"sku": sku, "stock": stock, "isInStock": stock > 0, "product": {"name": "Polo"}, "variant": {"sku": sku}}


async def test_a_guest_gets_every_change_of_the_available_units(shop: Site, live: LiveSite, stocked: Stocked) -> None:
    await stocked(A=5, B=5)
    await live.deliver()
    order, inventory, system = new_id(), shop.services.inventory, Actor.system(shop.company_id)
    async with live.watching(CHANGED, sku="A") as watched:
        await reserve(shop, order, A=2, B=1)
        await live.deliver()
        await watched.wait_for(1)
        await shop.database.run(lambda tx: inventory.release_stock(tx, "A", 1, order), system)
        await live.deliver()
        await watched.wait_for(2)
        await shop.database.run(lambda tx: inventory.confirm_sale(tx, "A", 1, order), system)
        await change(shop, "stockUpdate", sku="B", quantity=1)
        await change(shop, "stockUpdate", sku="A", quantity=-4)
        await live.deliver()
        await watched.wait_for(3)
        await change(shop, "stockSet", levels=[{"sku": "A", "available": 9}])
        await live.deliver()
        await watched.wait_for(4)
    assert watched.values == [shown(3), shown(4), shown(0), shown(9)]
    assert live.topics >= {event.topic for event in STOCK.events if event not in OF_BACKORDERS}


async def test_a_guest_gets_every_change_of_what_is_sold_beyond_the_stock(
    shop: Site, live: LiveSite, stocked: Stocked
) -> None:
    await stocked(A=2)
    await live.deliver()
    inventory, system = shop.services.inventory, Actor.system(shop.company_id)
    units = OrderUnits(new_id(), {"A": 4}, None, None)

    async def order(tx: Tx) -> None:
        (rows,) = await fetch_parts(tx, [sources_part(tx, ["A"])])
        reserving = await inventory.allocations.reserving(tx, system, units, stock_of(rows))
        assert reserving is not None
        (rows,) = await fetch_parts(tx, [reserving.part])
        await inventory.allocations.finish(tx, system, units, reserving, rows)

    async with live.watching(CHANGED, sku="A") as watched:
        await change(shop, "stockBackorderUpdate", sku="A", limit=2)
        await live.deliver()
        await watched.wait_for(1)
        await shop.database.run(order, system)
        await live.deliver()
        await watched.wait_for(2)
        await shop.database.run(lambda tx: inventory.reservations.release(tx, system, units.order_id), system)
        await live.deliver()
        await watched.wait_for(3)
    assert watched.values[0] == shown(4)
    assert watched.values[1] == shown(0)
    assert watched.values[-1] == shown(4)
    assert live.topics >= {event.topic for event in OF_BACKORDERS}


async def test_a_product_without_variants_is_followed_by_its_own_sku(shop: Site, live: LiveSite) -> None:
    category = await make_category(shop)
    await make_product(shop, name="Polo", categoryId=category, basePrice="1", sku="P", stock=3)
    await live.deliver()
    async with live.watching(CHANGED, sku="P") as watched:
        await reserve(shop, new_id(), P=1)
        await live.deliver()
        await watched.wait_for(1)
    assert watched.values == [
        {"sku": "P", "stock": 2, "isInStock": True, "product": {"name": "Polo"}, "variant": None}
    ]


async def test_a_sku_is_as_visible_as_in_the_catalogue(shop: Site, live: LiveSite, stocked: Stocked) -> None:
    product = await stocked(A=5, B=5)
    variant = next(
        each["id"]
        for each in (await shop.data("query ($id: ID!) { product(id: $id) { variants { id sku } } }", id=product))[
            "product"
        ]["variants"]
        if each["sku"] == "B"
    )
    await change(shop, "productVariantUpdate", id=variant, isActive=False)
    assert await live.refusal(CHANGED, sku="B") == "NOT_FOUND"
    await change(shop, "productUnpublish", id=product)
    for who in (None, "customer", "clerk"):
        assert await live.refusal(CHANGED, who, sku="A") == "NOT_FOUND"
    for who in (None, "admin"):
        assert await live.refusal(CHANGED, who, sku="unknown") == "NOT_FOUND"
    assert await live.refusal(CHANGED, shop.actors["stranger"], sku="A") == "NOT_FOUND"
    await live.deliver()
    async with live.watching(CHANGED, "editor", sku="B") as watched:
        await reserve(shop, new_id(), B=1)
        await live.deliver()
        await watched.wait_for(1)
    assert watched.values == [shown(4, "B")]
    await change(shop, "productDelete", id=product)
    assert await live.refusal(CHANGED, "admin", sku="B") == "NOT_FOUND"


async def test_a_sku_that_is_hidden_ends_the_subscription_at_its_next_change(
    shop: Site, live: LiveSite, stocked: Stocked
) -> None:
    product = await stocked(A=5)
    await live.deliver()
    async with live.watching(CHANGED, sku="A") as watched:
        await change(shop, "productUnpublish", id=product)
        await reserve(shop, new_id(), A=1)
        await live.deliver()
        await watched.end()
    assert watched.values == ["NOT_FOUND"]


async def test_an_event_executes_two_statements_for_all_guests(shop: Site, live: LiveSite, stocked: Stocked) -> None:
    await stocked(A=5)
    await live.deliver()
    query = "subscription ($sku: String!) { stockChanged(sku: $sku) { stock isInStock } }"
    with counting() as count:
        async with live.watching(query, sku="A") as first, live.watching(query, sku="A") as second:
            await reserve(shop, new_id(), A=1)
            count.data = count.actor = 0
            await live.deliver()
            await first.wait_for(1)
            await second.wait_for(1)
    assert (count.actor, count.data) == (0, 2)


async def test_staff_are_told_what_runs_low(shop: Site, live: LiveSite, stocked: Stocked) -> None:
    await stocked(A=5, B=5, C=5)
    for sku in "ABC":
        await change(shop, "stockReorderUpdate", sku=sku, reorderPoint=3)
    await live.deliver()
    async with (
        live.watching(LOW, "admin", skus=["B"]) as one,
        live.watching(LOW, shop.actors["stranger"]) as elsewhere,
        live.watching(LOW, "admin") as watched,
    ):
        await reserve(shop, new_id(), A=2, B=3)
        await live.deliver()
        await watched.wait_for(1)
        await reserve(shop, new_id(), C=3)
        await change(shop, "stockUpdate", sku="C", quantity=10)
        await reserve(shop, new_id(), A=1)
        await live.deliver()
        await one.wait_for(1)
    low = [{"sku": "A", "availableStock": 3}, {"sku": "B", "availableStock": 2}]
    assert (watched.values, one.values, elsewhere.values) == ([{"items": low}], [{"items": low[1:]}], [])
    assert live.topics >= {event.topic for event in LOW_STOCK.events}


async def test_low_stock_executes_a_statement_for_the_actor_and_one_for_the_items(
    shop: Site, live: LiveSite, stocked: Stocked
) -> None:
    await stocked(A=5)
    await change(shop, "stockReorderUpdate", sku="A", reorderPoint=3)
    await live.deliver()
    token = await shop.token(SystemRole.MANAGER)
    with counting() as count:
        async with live.watching(LOW, token) as watched:
            await reserve(shop, new_id(), A=2)
            count.data = count.actor = 0
            await live.deliver()
            await watched.wait_for(1)
    assert (count.actor, count.data) == (1, 1)


@pytest.mark.parametrize(
    ("who", "code"), [(None, "UNAUTHENTICATED"), ("customer", "FORBIDDEN"), ("clerk", "FORBIDDEN")]
)
async def test_only_staff_of_the_inventory_are_told(shop: Site, live: LiveSite, who: str | None, code: str) -> None:
    assert await live.refusal(LOW, who) == code
