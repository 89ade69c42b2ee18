"""Stock in several warehouses: counted, changed, reserved and released where it is; the item has the sums."""

from typing import Any

import pytest

from domains.inventory.errors import InsufficientStock, Shortage, StockLimitExceeded
from domains.inventory.events import StockAdjusted, StockReserved
from domains.inventory.models import ItemFilter, MovementFilter, MovementType, StockCount, StockLine
from domains.inventory.service import InventoryService
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader
from domains.kernel.errors import DomainError, DuplicateValue
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.validation import errors_of
from tests.domains.catalog.conftest import MakeProduct
from tests.domains.inventory.conftest import Balances, MakeWarehouse, Stock

pytestmark = pytest.mark.usefixtures("invariants_hold")


async def test_counts_name_warehouses_and_the_item_has_the_sum(
    make_warehouse: MakeWarehouse,
    make_product: MakeProduct,
    inventory: InventoryService,
    database: Database,
    actor: Actor,
    levels: Balances,
    balances: Balances,
) -> None:
    first, second = await make_warehouse("A"), await make_warehouse("B")
    await make_product(sku="S")
    for available, changed, expected in ((5, 1, 3), (5, 0, 3), (6, 1, 5)):
        counts = [StockCount("S", available, first.id), StockCount("S", 2, second.id)]
        with counting() as statements:
            async with database.transaction(actor) as tx:
                assert await inventory.ledger.set(tx, counts) == changed
        assert statements.data == expected + 1  # the warehouses are named
        assert await levels() == {("S", "A"): (available, 0), ("S", "B"): (2, 0)}
        assert await balances() == {"S": (available + 2, 0)}


async def test_the_first_count_tells_once_of_a_sku_in_two_warehouses(
    make_warehouse: MakeWarehouse,
    make_product: MakeProduct,
    inventory: InventoryService,
    database: Database,
    actor: Actor,
) -> None:
    first, second = await make_warehouse("A"), await make_warehouse("B")
    await make_product(sku="S")
    async with database.transaction(actor) as tx:
        await inventory.ledger.set(tx, [StockCount("S", 5), StockCount("S", 2, second.id)])
        (adjusted,) = [event for event in tx.events if isinstance(event, StockAdjusted)]
    assert [(item["change"], item["available"]) for item in adjusted.items] == [(7, 7)]
    counts = [StockCount("S", 5), StockCount("S", 2, first.id)]
    with pytest.raises(DuplicateValue, match="twice for the same warehouse"):
        await database.run(lambda tx: inventory.ledger.set(tx, counts), actor)


async def test_changes_are_limited_by_the_stock_of_their_warehouse(
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
    await count_in(first, S=5)
    await count_in(second, S=1)
    changes = [StockLine("S", -2, second.id), StockLine("S", 4)]
    with pytest.raises(InsufficientStock) as caught:
        await database.run(lambda tx: inventory.ledger.change(tx, changes), actor)
    assert caught.value.shortages == (Shortage("S", 2, 1),)
    assert caught.value.field == ("changes", "0", "quantity")
    with pytest.raises(InsufficientStock):
        await database.run(lambda tx: inventory.update_stock(tx, "S", -2, warehouse_id=second.id), actor)
    changes = [StockLine("S", -1, second.id), StockLine("S", 4)]
    (item,) = await database.run(lambda tx: inventory.ledger.change(tx, changes), actor)
    assert (item.available_stock, item.total_stock) == (9, 9)
    assert await levels() == {("S", "A"): (9, 0), ("S", "B"): (0, 0)}
    most = [StockCount("S", 1_000_000_000, each.id) for each in (first, second)]
    with pytest.raises(StockLimitExceeded):
        await database.run(lambda tx: inventory.ledger.set(tx, most), actor)


async def test_an_order_reserves_where_it_says_and_otherwise_where_there_is_enough(
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
    await count_in(first, S=3)
    await count_in(second, S=4)

    async def reserve(order: Any, *lines: StockLine) -> tuple[list[Any], int]:
        with counting() as statements:
            async with database.transaction(actor) as tx:
                await inventory.reservations.reserve(tx, actor, lines, order_id=order, expires_at=None)
                events = list(tx.events)
        return events, statements.data

    order = new_id()
    _, statements = await reserve(order, StockLine("S", 1, second.id))
    assert (statements, await levels()) == (2, {("S", "A"): (3, 0), ("S", "B"): (3, 1)})
    (reserved, *_), statements = await reserve(order, StockLine("S", 5))
    assert isinstance(reserved, StockReserved)
    assert [(line["sku"], line["quantity"]) for line in reserved.lines] == [("S", 5)]
    assert (statements, await levels()) == (4, {("S", "A"): (0, 3), ("S", "B"): (1, 3)})
    with pytest.raises(InsufficientStock) as caught:
        await reserve(order, StockLine("S", 2, second.id))
    assert caught.value.shortages == (Shortage("S", 2, 1),)

    async with database.transaction(actor) as tx:
        await inventory.release_stock(tx, "S", 4, order)
    assert sum(available for available, _ in (await levels()).values()) == 5
    async with database.transaction(actor) as tx:
        await inventory.reservations.release(tx, actor, order)
    assert await levels() == {("S", "A"): (3, 0), ("S", "B"): (4, 0)}


async def test_stock_and_its_ledger_are_listed_by_warehouse(
    make_warehouse: MakeWarehouse,
    make_product: MakeProduct,
    count_in: Stock,
    inventory: InventoryService,
    reader: Reader,
    database: Database,
    actor: Actor,
) -> None:
    first, second = await make_warehouse("A"), await make_warehouse("B")
    for sku in ("S", "T"):
        await make_product(sku=sku)
    await count_in(first, S=3, T=1)
    await count_in(second, T=2)
    await count_in(first, T=0)
    listing = inventory.listing
    for warehouse, skus in ((first, ["S"]), (second, ["T"])):
        page = await listing.find_items(reader, PageArgs(), ItemFilter(warehouse_id=warehouse.id))
        assert [item.sku for item in page.items] == skus
    page_of = await listing.find_movements(reader, PageArgs(), MovementFilter(warehouse_id=second.id))
    assert [(entry.type, entry.available_delta, entry.balance_after) for entry in page_of.items] == [
        (MovementType.ADJUSTMENT, 2, 2)
    ]
    (of_second,) = await listing.level_pages(reader, [(second.id, PageArgs())])
    assert [(level.available_stock, level.warehouse_id) for level in of_second.items] == [(2, second.id)]
    (item,) = await listing.items_by_sku(reader, ["T"])
    stored = (await listing.levels_by_item(reader, [item.id]))[item.id]
    assert [(each.warehouse.code, each.level.available_stock) for each in stored] == [("A", 0), ("B", 2)]
    assert await listing.levels_by_id(reader, [stored[1].level.id]) == [stored[1].level]
    timeline = await listing.timeline(reader, "T")
    assert timeline.is_consistent


async def test_the_units_of_a_sku_in_all_warehouses_are_limited_together(
    make_warehouse: MakeWarehouse,
    make_product: MakeProduct,
    inventory: InventoryService,
    database: Database,
    actor: Actor,
    levels: Balances,
) -> None:
    places = [await make_warehouse(code) for code in "ABC"]
    await make_product(sku="S")
    most = 1_000_000_000
    changes = [StockLine("S", most, place.id) for place in places]
    counts = [StockCount(sku, most, place.id) for sku, place in zip(("S", " S", "S "), places, strict=True)]
    half = [StockCount("S", most // 2, place.id) for place in places[:2]]
    for work in (
        lambda tx: inventory.ledger.change(tx, changes),
        lambda tx: inventory.ledger.set(tx, counts),
    ):
        with pytest.raises(DomainError) as every:
            await database.run(work, actor)
        assert {type(error) for error in errors_of(every.value)} == {StockLimitExceeded}
    await database.run(lambda tx: inventory.ledger.set(tx, [StockCount("S", most // 2, places[2].id)]), actor)
    with pytest.raises(StockLimitExceeded) as refused:
        await database.run(lambda tx: inventory.ledger.set(tx, half), actor)
    assert refused.value.field == ("levels", "1", "available")
    assert await levels() == {("S", "C"): (most // 2, 0)}
