"""A warehouse that is activated, or serves other countries, gives its free units to orders that wait at once."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from domains.inventory.backorders import openings
from domains.inventory.events import BackorderAllocated, StockChanged, StockReserved
from domains.inventory.warehouses.events import WarehouseUpdated
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from tests.domains.inventory.backorders.test_backorders import FRANCE, GERMANY, Shop, shop
from tests.domains.inventory.conftest import Balances, Stock
from tests.race_runs import repeated

__all__ = ["shop"]
pytestmark = pytest.mark.usefixtures("invariants_hold")


async def change(shop: Shop, warehouse_id: UUID, **changes: Any) -> list[Any]:
    """The events of a change of a warehouse."""
    given: Any = changes
    return await shop.run(lambda tx: shop.inventory.warehouses.update(tx, warehouse_id, given))


async def test_orders_that_wait_get_the_units_of_a_warehouse_that_serves_them_now(
    shop: Shop, stock: Stock, balances: Balances, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openings, "BATCH_SIZE", 2)
    skus = "ABC"
    await stock(**dict.fromkeys(skus, 0))
    paris = await shop.warehouse("PARIS", "FR")
    french, german = new_id(), new_id()
    for sku in skus:
        await shop.sell_beyond(sku, 9)
        await shop.restock(sku, 3, paris)
    await shop.order(german, to=GERMANY, A=2, B=2, C=2)
    await shop.order(french, to=FRANCE, A=1)
    assert await balances() == {"A": (2, 1), "B": (3, 0), "C": (3, 0)}
    with counting() as count:
        events = await change(shop, paris, countries=["FR", "DE"])
    assert count.data <= 14  # two batches of SKUs
    assert [type(event) for event in events].count(BackorderAllocated) == 2
    assert {type(event) for event in events} >= {WarehouseUpdated, StockReserved, StockChanged}
    assert await balances() == {"A": (0, 3), "B": (1, 2), "C": (1, 2)}
    assert [row[1:4] for row in await shop.backorders()] == [(2, 2, "ALLOCATED")] * 3
    assert await change(shop, paris, countries=["DE", "FR"]) == []


async def test_a_change_that_no_order_waits_for_takes_one_statement_more(shop: Shop, stock: Stock) -> None:
    await stock(A=5)
    paris = await shop.warehouse("PARIS", "FR")
    counts = []
    for changes in ({"name": "Paris"}, {"countries": ["FR", "DE"]}, {"is_active": False}, {"is_active": True}):
        with counting() as count:
            await change(shop, paris, **changes)
        counts.append(count.data)
    assert counts[1] == counts[3] == counts[0] + 1
    assert counts[2] == counts[0] + 2  # it must be empty


@repeated
async def test_a_warehouse_that_opens_during_orders_and_restocks_ends_without_a_deadlock(
    shop: Shop, stock: Stock, balances: Balances, run: int
) -> None:
    await stock(A=0, B=0)
    paris = await shop.warehouse("PARIS", "FR")
    for sku in "AB":
        await shop.sell_beyond(sku, 99)
        await shop.restock(sku, 20, paris)
    for _ in range(4):
        await shop.order(new_id(), to=GERMANY, A=2, B=1)
    outcomes = await asyncio.gather(
        change(shop, paris, countries=[]),
        change(shop, paris, countries=["FR", "DE"]),
        *(shop.order(new_id(), to=FRANCE, B=1, A=1) for _ in range(4)),
        *(shop.restock(sku, 1, paris) for sku in "ABAB"),
        return_exceptions=True,
    )
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    assert await balances() == {"A": (10, 12), "B": (14, 8)}
    assert {row[3] for row in await shop.backorders()} == {"ALLOCATED"}
