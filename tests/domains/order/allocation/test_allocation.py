"""The allocation of new orders over warehouses: by the strategy, in races, and in a fixed number of statements."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domains.inventory.backorders.backorders import BackorderTerms
from domains.inventory.errors import InsufficientStock, OrderAwaitsStock
from domains.inventory.models import AllocationStrategy
from domains.kernel.monitoring.statement_counts import counting
from domains.order.models import OrderStatus
from tests.domains.order.allocation.warehouses import held, levels, open_warehouse
from tests.domains.order.storefront import HOME, Storefront
from tests.domains.order.test_races import PLACED, Cart, carts_of, check_out_in_parallel
from tests.race_runs import repeated

SOON = datetime(2030, 1, 1, tzinfo=UTC)
SHORT = InsufficientStock.__name__


async def backorders_of(shop: Storefront) -> list[tuple[Any, ...]]:
    rows = await shop.owner.fetch(
        "select quantity, allocated, status::text, country, promised_at from backorders where company_id = $1 "
        "order by created_at, id",
        shop.company_id,
    )
    return [tuple(row) for row in rows]


async def test_an_order_comes_in_the_fewest_parcels_from_warehouses_that_serve_its_country(shop: Storefront) -> None:
    for sku in "AB":
        await shop.stock(sku, 1)
    await open_warehouse(shop, "FR", "FR", stock={"A": 9, "B": 9})
    await open_warehouse(shop, "NEAR", "GB", postal_code="SW1A", stock={"A": 9})
    await open_warehouse(shop, "FAR", "GB", "IE", postal_code="NE1", stock={"A": 9, "B": 9})
    ada = await shop.customer()
    order = await shop.buy(ada, ("A", 2))
    assert await held(shop, order.id) == {("NEAR", "A"): 2}
    order = await shop.buy(ada, ("A", 2), ("B", 2))
    assert await held(shop, order.id) == {("FAR", "A"): 2, ("FAR", "B"): 2}
    order = await shop.buy(ada, ("A", 8), ("B", 8))
    assert await held(shop, order.id) == {("FAR", "A"): 7, ("FAR", "B"): 7, ("MAIN", "A"): 1, ("MAIN", "B"): 1}
    with pytest.raises(InsufficientStock) as refused:
        await shop.buy(ada, ("A", 10))
    available = sum(free for code, (free, _) in (await levels(shop, "A")).items() if code != "FR")
    assert (refused.value.available, refused.value.field) == (available, ("cart_token",))


async def test_the_company_chooses_the_strategy(shop: Storefront) -> None:
    await shop.stock("A", 0)
    await open_warehouse(shop, "NEAR", postal_code="SW1Y", priority=2, stock={"A": 2})
    await open_warehouse(shop, "FIRST", priority=1, stock={"A": 2})
    await open_warehouse(shop, "WHOLE", priority=3, stock={"A": 9})
    ada, expected = await shop.customer(), {}
    for strategy, quantity, codes in (
        (AllocationStrategy.FEWEST_PARCELS, 3, {"WHOLE"}),
        (AllocationStrategy.NEAREST, 1, {"NEAR"}),
        (AllocationStrategy.PRIORITY, 3, {"FIRST", "NEAR"}),
    ):
        change = {"allocation_strategy": strategy}
        await shop.run(lambda tx, change=change: shop.services.inventory.settings.update(tx, change, "EUR"))
        order = await shop.buy(ada, ("A", quantity))
        expected[strategy] = ({code for code, _ in await held(shop, order.id)}, codes)
    assert all(found == codes for found, codes in expected.values())


async def test_an_order_over_three_warehouses_takes_no_more_statements_than_one_from_one(shop: Storefront) -> None:
    for sku in "ABC":
        await shop.stock(sku, 0)
        await open_warehouse(shop, f"ONLY-{sku}", stock={sku: 9})
    await open_warehouse(shop, "ALL", stock={"A": 1, "B": 1, "C": 1})
    ada, counts = await shop.customer(), []
    orders = []
    for quantity in (1, 2):
        await shop.fill(ada, *((sku, quantity) for sku in "ABC"))
        with counting() as count:
            orders.append((await shop.place(ada)).order.id)
        counts.append(count.data)
    assert [{code for code, _ in await held(shop, order)} for order in orders] == [
        {"ALL"},
        {"ONLY-A", "ONLY-B", "ONLY-C"},
    ]
    assert counts[1] <= counts[0] <= 8


async def test_backordered_units_take_no_more_statements_and_hold_up_the_shipment(shop: Storefront) -> None:
    await shop.stock("A", 2)
    terms = BackorderTerms(limit=5, promised_at=SOON)
    await shop.run(lambda tx: shop.services.inventory.backorders.update(tx, "A", terms))
    ada, staff, counts = await shop.customer(), await shop.staff(), []
    for quantity in (1, 3):
        await shop.fill(ada, ("A", quantity))
        with counting() as count:
            order = (await shop.place(ada)).order
        counts.append(count.data)
    assert counts[1] <= counts[0]
    assert await backorders_of(shop) == [(2, 0, "WAITING", "GB", SOON)]
    orders = shop.services.order
    await shop.pay(ada, order)
    await shop.run(lambda tx: orders.update_status(tx, staff, order.id, OrderStatus.PROCESSING), staff)
    with pytest.raises(OrderAwaitsStock):
        await shop.run(lambda tx: orders.update_status(tx, staff, order.id, OrderStatus.SHIPPED), staff)
    assert (await shop.order(order.id)).status is OrderStatus.PROCESSING
    await shop.run(lambda tx: shop.services.inventory.update_stock(tx, "A", 2))
    shipped = await shop.run(lambda tx: orders.update_status(tx, staff, order.id, OrderStatus.SHIPPED), staff)
    assert shipped.status is OrderStatus.SHIPPED
    assert await shop.level("A") == (0, 1)


async def test_a_cancelled_and_an_expired_order_wait_no_longer(shop: Storefront) -> None:
    await shop.stock("A", 0)
    await shop.run(lambda tx: shop.services.inventory.backorders.update(tx, "A", BackorderTerms(limit=2)))
    ada = await shop.customer()
    cancelled = await shop.buy(ada, ("A", 1))
    await shop.buy(ada, ("A", 1))
    await shop.services.order.cancel_order(shop.database, ada, cancelled.id)
    shop.clock.advance(timedelta(days=1))
    assert await shop.services.order.expiry.end_unpaid(shop.database, shop.system) == 1
    assert [row[2] for row in await backorders_of(shop)] == ["CANCELLED", "CANCELLED"]
    assert (await shop.buy(ada, ("A", 2))).id


@repeated
async def test_two_hundred_buyers_of_ten_units_in_two_warehouses_create_ten_orders(
    shop: Storefront, run: int
) -> None:
    await shop.stock("HOT", 6)
    await open_warehouse(shop, "EAST", stock={"HOT": 4})
    carts = await carts_of(shop, 200, ("HOT", 1))
    counts = await check_out_in_parallel(shop, carts)
    assert (counts[PLACED], counts[SHORT]) == (10, 190)
    assert await levels(shop, "HOT") == {"MAIN": (0, 6), "EAST": (0, 4)}
    assert await shop.broken() == []


@repeated
async def test_orders_over_two_warehouses_in_opposite_order_do_not_deadlock(shop: Storefront, run: int) -> None:
    for sku in "ABC":
        await shop.stock(sku, 15)
    await open_warehouse(shop, "EAST", stock={"A": 10, "B": 10, "C": 10})
    carts: list[Cart] = []
    for order in ("ABC", "CBA") * 15:
        carts += await carts_of(shop, 1, *((sku, 1) for sku in order))
    counts = await check_out_in_parallel(shop, carts)
    assert counts == {PLACED: 25, SHORT: 5}
    for sku in "ABC":
        assert await levels(shop, sku) == {"MAIN": (0, 15), "EAST": (0, 10)}


@repeated
async def test_buyers_of_the_last_backorder_units_get_each_once_while_units_come_in(
    shop: Storefront, run: int
) -> None:
    await shop.stock("A", 2)
    await shop.run(lambda tx: shop.services.inventory.backorders.update(tx, "A", BackorderTerms(limit=3)))
    carts = await carts_of(shop, 20, ("A", 1))
    placing = asyncio.create_task(check_out_in_parallel(shop, carts))
    for _ in range(2):
        await shop.run(lambda tx: shop.services.inventory.update_stock(tx, "A", 1))
    counts = await placing
    assert counts[PLACED] + counts[SHORT] == 20
    assert 5 <= counts[PLACED] <= 7  # how many came in before the last buyer was refused
    available, reserved = await shop.level("A")
    waiting = sum(row[0] - row[1] for row in await backorders_of(shop))
    assert (reserved + waiting, available + reserved) == (counts[PLACED], 4)
    assert not (available and waiting)
    assert await shop.broken() == []


async def test_a_destination_that_no_warehouse_serves_is_refused(shop: Storefront) -> None:
    await shop.stock("A", 5)
    await shop.owner.execute("update warehouses set countries = '{FR}' where company_id = $1", shop.company_id)
    ada = await shop.customer()
    await shop.fill(ada, ("A", 1))
    with pytest.raises(InsufficientStock) as refused:
        await shop.place(ada)
    assert refused.value.available == 0
    assert await shop.level("A") == (5, 0)
    abroad = replace(HOME, country="FR", postal_code="75001", city="Paris", province=None)
    placed = await shop.place(ada, shipping=abroad)
    assert await held(shop, placed.order.id) == {("MAIN", "A"): 1}
    assert Counter(await shop.topics())["order.created"] == 1
