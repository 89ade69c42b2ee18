"""Races over several warehouses, with real commits: no unit is sold twice, no closed warehouse gets any."""

import asyncio
from collections import Counter
from collections.abc import Awaitable
from functools import partial
from typing import Any

import pytest

from domains.inventory.models import StockCount, StockLine
from domains.inventory.service import InventoryService
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.ids import new_id
from domains.kernel.pagination.pages import PageArgs
from tests.domains.catalog.conftest import MakeProduct
from tests.domains.inventory.conftest import Balances, MakeWarehouse, Stock

pytestmark = pytest.mark.usefixtures("invariants_hold")


async def outcomes(*writes: Awaitable[Any]) -> Counter[str]:
    return Counter(type(each).__name__ for each in await asyncio.gather(*writes, return_exceptions=True))


async def test_first_stock_of_a_company_in_parallel_creates_one_default_warehouse(
    make_product: MakeProduct,
    inventory: InventoryService,
    database: Database,
    actor: Actor,
    reader: Reader,
    levels: Balances,
) -> None:
    for sku in "ABC":
        await make_product(sku=sku)

    async def count(number: int) -> None:
        await database.run(lambda tx: inventory.ledger.set(tx, [StockCount("ABC"[number % 3], 5)]), actor)

    async def add(number: int) -> None:
        await database.run(lambda tx: inventory.update_stock(tx, "ABC"[number % 3], 1), actor)

    async def place(number: int) -> None:
        changes: Any = {"location": f"Shelf {number}"}
        await database.run(lambda tx: inventory.reorder_levels.set(tx, "ABC"[number % 3], changes), actor)

    writes = [do(number) for number in range(6) for do in (count, add, place)]
    assert await outcomes(*writes) == {"NoneType": 18}
    page = await inventory.warehouses.find_page(reader, PageArgs())
    assert [(each.code, each.is_default) for each in page.items] == [("MAIN", True)]
    assert {key: stock >= (5, 0) for key, stock in (await levels()).items()} == dict.fromkeys(
        [(sku, "MAIN") for sku in "ABC"], True
    )


async def test_units_of_two_warehouses_are_each_sold_once(
    make_warehouse: MakeWarehouse,
    make_product: MakeProduct,
    count_in: Stock,
    inventory: InventoryService,
    database: Database,
    actor: Actor,
    levels: Balances,
) -> None:
    first, second = await make_warehouse("A"), await make_warehouse("B")
    await make_product(sku="S")
    await count_in(first, S=6)
    await count_in(second, S=4)

    async def buy(tx: Tx) -> None:
        await inventory.reservations.reserve(tx, actor, [StockLine("S", 1)], order_id=new_id(), expires_at=None)

    assert await outcomes(*(database.run(buy, actor) for _ in range(60))) == {"NoneType": 10, "InsufficientStock": 50}
    assert await levels() == {("S", "A"): (0, 6), ("S", "B"): (0, 4)}


async def test_orders_of_skus_in_opposite_warehouses_do_not_deadlock(
    make_warehouse: MakeWarehouse,
    make_product: MakeProduct,
    count_in: Stock,
    inventory: InventoryService,
    database: Database,
    actor: Actor,
    levels: Balances,
) -> None:
    places = [await make_warehouse("A"), await make_warehouse("B")]
    for sku in "ST":
        await make_product(sku=sku)
    for each in places:
        await count_in(each, S=40, T=40)

    async def through(number: int) -> None:
        order, lines = new_id(), [StockLine(sku, 1, place.id) for sku in "ST" for place in places]
        async with database.transaction(actor) as tx:  # not `run`, which would try again after a deadlock
            ordered = lines if number % 2 else lines[::-1]
            await inventory.reservations.reserve(tx, actor, ordered, order_id=order, expires_at=None)
        async with database.transaction(actor) as tx:
            end = inventory.reservations.release if number % 3 else inventory.reservations.confirm
            await end(tx, actor, order)

    async def count(number: int) -> None:
        counts = [StockCount(sku, 40, places[number % 2].id) for sku in "TS"]
        async with database.transaction(actor) as tx:
            await inventory.ledger.set(tx, counts)

    writes = [(through if number % 4 else count)(number) for number in range(32)]
    assert await outcomes(*writes) == {"NoneType": 32}
    assert {reserved for _, reserved in (await levels()).values()} == {0}


async def test_a_first_delivery_to_a_warehouse_during_a_count_is_not_lost(
    make_warehouse: MakeWarehouse,
    make_product: MakeProduct,
    count_in: Stock,
    inventory: InventoryService,
    database: Database,
    actor: Actor,
    levels: Balances,
) -> None:
    """The level is created while the others wait for the lock of its item."""
    await make_warehouse("A")
    for turn in range(6):
        sku, place = f"S{turn}", await make_warehouse(f"B{turn}")
        await make_product(sku=sku)
        await count_in(place, **{sku: 0})
        other = await make_warehouse(f"C{turn}")
        deliver = partial(inventory.ledger.change, changes=[StockLine(sku, 1, other.id)])
        writes = [database.run(deliver, actor) for _ in range(5)]
        assert await outcomes(*writes) == {"list": 5}
        assert (await levels())[sku, f"C{turn}"] == (5, 0)


async def test_a_warehouse_is_closed_or_gets_stock(
    make_warehouse: MakeWarehouse,
    make_product: MakeProduct,
    inventory: InventoryService,
    database: Database,
    actor: Actor,
    levels: Balances,
) -> None:
    await make_warehouse("A")
    await make_product(sku="S")
    seen: set[str] = set()
    for turn in range(12):
        place = await make_warehouse(f"B{turn}")

        async def fill(tx: Tx, warehouse_id: Any = place.id) -> None:
            await inventory.update_stock(tx, "S", 1, warehouse_id=warehouse_id)

        async def close(tx: Tx, warehouse_id: Any = place.id) -> None:
            await inventory.warehouses.update(tx, warehouse_id, {"is_active": False})

        async def delete(tx: Tx, warehouse_id: Any = place.id) -> None:
            await inventory.warehouses.delete(tx, warehouse_id)

        end = delete if turn % 2 else close
        works = (fill, end) if turn % 4 < 2 else (end, fill)
        result = await outcomes(*(database.run(work, actor) for work in works))
        assert result.pop("NoneType") == 1
        (refusal,) = result
        seen.add(refusal)
        assert refusal in ("WarehouseHasStock", "WarehouseInactive", "WarehouseNotFound")
        filled = refusal == "WarehouseHasStock"
        assert ((await levels()).get(("S", f"B{turn}")) == (1, 0)) == filled
    assert "WarehouseHasStock" in seen


async def test_a_company_has_one_default_warehouse_after_many_chose_one(
    make_warehouse: MakeWarehouse, inventory: InventoryService, database: Database, actor: Actor, reader: Reader
) -> None:
    made = [await make_warehouse(f"W{number}") for number in range(5)]

    def choose(warehouse_id: Any) -> Awaitable[Any]:
        return database.run(lambda tx: inventory.warehouses.update(tx, warehouse_id, {"is_default": True}), actor)

    writes = [
        *(choose(each.id) for each in made),
        *(make_warehouse(f"N{each}", is_default=True) for each in range(5)),
    ]
    assert await outcomes(*writes) == {"WarehouseRow": 10}
    found = (await inventory.warehouses.find_page(reader, PageArgs())).items
    assert Counter(each.is_default for each in found) == {False: 9, True: 1}
