"""Stock takes: units are counted while the shop sells, and differences are corrected at the end."""

from typing import Any

import pytest

from domains.inventory.errors import SkuNotFound, StockLimitExceeded, WarehouseNotFound
from domains.inventory.events import StockAdjusted
from domains.inventory.models import StockCount
from domains.inventory.service import InventoryService
from domains.inventory.stock_takes import stock_takes
from domains.inventory.stock_takes.errors import (
    SkuInOpenStockTake,
    StockTakeBelowReserved,
    StockTakeNotCounted,
    StockTakeNotFound,
    StockTakeNotOpen,
)
from domains.inventory.stock_takes.models import CountedLine, StockTakeFilter
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.errors import OutOfRange
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.validation import errors_of
from tests.domains.inventory.conftest import Stock
from tests.domains.inventory.stock_takes.conftest import Take
from tests.domains.inventory.warehouse_stock import Levels, Places

pytestmark = pytest.mark.usefixtures("all_invariants_hold")


async def test_differences_are_corrected_when_the_stock_take_is_completed(
    inventory: InventoryService, database: Database, actor: Actor, take: Take, levels: Levels, reader: Reader
) -> None:
    started = await take(A=8, B=7)
    assert (started.number, started.status) == ("ST-1001", "OPEN")
    assert await levels() == {("A", "MAIN"): (10, 0, 0), ("B", "MAIN"): (5, 0, 0)}

    completed = await database.run(lambda tx: inventory.stock_takes.complete(tx, started.id), actor)

    assert (completed.status, completed.completed_at is not None) == ("COMPLETED", True)
    assert await levels() == {("A", "MAIN"): (8, 0, 0), ("B", "MAIN"): (7, 0, 0)}
    entries = await reader.fetch(
        "select type::text, available_delta from stock_movements where reference = 'ST-1001' order by 2"
    )
    assert list(map(tuple, entries)) == [("ADJUSTMENT", -2), ("ADJUSTMENT", 2)]


async def test_what_is_sold_and_restocked_after_the_count_is_no_difference(
    inventory: InventoryService, database: Database, actor: Actor, take: Take, levels: Levels
) -> None:
    started = await take(A=9, B=5)
    order_id = new_id()
    await database.run(lambda tx: inventory.reserve_stock(tx, "A", 3, order_id), actor)
    await database.run(lambda tx: inventory.confirm_sale(tx, "A", 2, order_id), actor)
    await database.run(lambda tx: inventory.update_stock(tx, "B", 4), actor)
    await database.run(lambda tx: inventory.stock_takes.complete(tx, started.id), actor)
    assert await levels() == {("A", "MAIN"): (6, 1, 0), ("B", "MAIN"): (9, 0, 0)}


async def test_reserved_units_count_as_present(
    inventory: InventoryService, database: Database, actor: Actor, take: Take, levels: Levels, reader: Reader
) -> None:
    await database.run(lambda tx: inventory.reserve_stock(tx, "A", 4, new_id()), actor)
    started = await take(A=10)
    (count,) = await inventory.stock_takes.listing.counts(reader, started.id)
    assert (count.expected, count.difference) == (10, 0)
    await database.run(lambda tx: inventory.stock_takes.complete(tx, started.id), actor)
    assert (await levels())["A", "MAIN"] == (6, 4, 0)


async def test_a_difference_below_the_reserved_units_names_their_orders(
    inventory: InventoryService, database: Database, actor: Actor, take: Take, levels: Levels
) -> None:
    orders = [new_id(), new_id()]
    for order_id, units in zip(orders, (4, 3), strict=True):
        await database.run(lambda tx, o=order_id, u=units: inventory.reserve_stock(tx, "A", u, o), actor)  # type: ignore[misc] # a default binds the loop's value
    started = await take(A=5, B=4)
    with pytest.raises(StockTakeBelowReserved, match=str(orders[1])) as raised:
        await database.run(lambda tx: inventory.stock_takes.complete(tx, started.id), actor)
    error = raised.value
    assert (error.sku, error.missing, error.reserved) == ("A", 2, 7)
    assert [(order.order_id, order.quantity) for order in error.orders] == list(zip(orders, (4, 3), strict=True))
    assert (await levels())["B", "MAIN"] == (5, 0, 0)


async def test_a_sku_that_is_counted_again_is_compared_with_its_stock_then(
    inventory: InventoryService, database: Database, actor: Actor, take: Take, levels: Levels, reader: Reader
) -> None:
    started = await take(A=2)
    await database.run(lambda tx: inventory.update_stock(tx, "A", -1), actor)
    again = [CountedLine(" A ", 9)]
    await database.run(lambda tx: inventory.stock_takes.count(tx, started.id, again), actor)
    (count,) = await inventory.stock_takes.listing.counts(reader, started.id)
    assert (count.expected, count.counted) == (9, 9)


async def test_units_are_found_of_a_sku_that_the_warehouse_never_had(
    inventory: InventoryService, database: Database, actor: Actor, places: Places, levels: Levels
) -> None:
    started = await database.run(lambda tx: inventory.stock_takes.start(tx, places.north), actor)
    lines = [CountedLine("A", 3), CountedLine("B", 0)]
    await database.run(lambda tx: inventory.stock_takes.count(tx, started.id, lines), actor)
    await database.run(lambda tx: inventory.stock_takes.complete(tx, started.id), actor)
    assert (await levels())["A", "NORTH"] == (3, 0, 0)


async def test_a_cancelled_stock_take_changes_nothing_and_frees_its_skus(
    inventory: InventoryService, database: Database, actor: Actor, take: Take, levels: Levels
) -> None:
    started = await take(A=1)
    await database.run(lambda tx: inventory.stock_takes.cancel(tx, started.id), actor)
    assert (await levels())["A", "MAIN"] == (10, 0, 0)
    await take(A=2)


async def test_a_sku_is_in_one_open_stock_take_of_a_warehouse(
    inventory: InventoryService, database: Database, actor: Actor, take: Take, places: Places
) -> None:
    await take(A=1)
    other = await take()
    lines = [CountedLine("B", 1), CountedLine("A", 1)]
    with pytest.raises(SkuInOpenStockTake, match="ST-1001") as raised:
        await database.run(lambda tx: inventory.stock_takes.count(tx, other.id, lines), actor)
    assert raised.value.field == ("lines", "1", "sku")
    elsewhere = await database.run(lambda tx: inventory.stock_takes.start(tx, places.north), actor)
    await database.run(lambda tx: inventory.stock_takes.count(tx, elsewhere.id, lines), actor)


async def test_wrong_counts_are_named_together(inventory: InventoryService, tx: Tx, take: Take) -> None:
    started = await take()
    with pytest.raises(Exception, match="between 0") as raised:
        await inventory.stock_takes.count(tx, started.id, [CountedLine("A", -1), CountedLine("B", 10**9 + 1)])
    errors: Any = raised.value
    assert [(type(error), error.field) for error in errors_of(errors)] == [
        (OutOfRange, ("lines", "0", "counted")),
        (OutOfRange, ("lines", "1", "counted")),
    ]
    with pytest.raises(SkuNotFound) as unknown:
        await inventory.stock_takes.count(tx, started.id, [CountedLine("A", 1), CountedLine("X", 1)])
    assert unknown.value.field == ("lines", "1", "sku")


async def test_a_finished_or_unknown_or_empty_stock_take_is_refused(
    inventory: InventoryService, tx: Tx, take: Take
) -> None:
    started = await take()
    with pytest.raises(StockTakeNotCounted):
        await inventory.stock_takes.complete(tx, started.id)
    await inventory.stock_takes.cancel(tx, started.id)
    for again in (inventory.stock_takes.cancel, inventory.stock_takes.complete):
        with pytest.raises(StockTakeNotOpen):
            await again(tx, started.id)
    with pytest.raises(StockTakeNotFound):
        await inventory.stock_takes.cancel(tx, new_id())
    with pytest.raises(WarehouseNotFound):
        await inventory.stock_takes.start(tx, new_id())


async def test_more_units_than_a_sku_can_have_are_refused(
    inventory: InventoryService, database: Database, actor: Actor, take: Take
) -> None:
    started = await take(A=10**9)
    await database.run(lambda tx: inventory.ledger.set(tx, [StockCount("A", 11)]), actor)
    with pytest.raises(StockLimitExceeded):
        await database.run(lambda tx: inventory.stock_takes.complete(tx, started.id), actor)


async def test_results_are_a_list_and_csv(
    inventory: InventoryService, database: Database, actor: Actor, reader: Reader, take: Take
) -> None:
    started = await take(B=7, A=8)
    await database.run(lambda tx: inventory.stock_takes.cancel(tx, started.id), actor)
    other = await take(B=5)
    first = ["ST-1001,MAIN,CANCELLED,A,10,8,-2", "ST-1001,MAIN,CANCELLED,B,5,7,2"]
    second = ["ST-1002,MAIN,OPEN,B,5,5,0"]
    for chosen, expected in (
        (started.id, first),
        (other.id, second),
        (None, first + second),
    ):
        text = b"".join([part async for part in inventory.stock_takes.export.csv(reader, chosen)]).decode()
        header, *rows, end = text.split("\r\n")
        assert header == "Stock Take,Warehouse,Status,SKU,Expected,Counted,Difference,Counted At"
        assert ([row.rsplit(",", 1)[0] for row in rows], end) == (expected, "")
    (page,) = await inventory.stock_takes.listing.line_pages(reader, [(started.id, PageArgs(first=10))])
    assert sorted(line.counted for line in page.items) == [7, 8]


async def test_a_sku_that_is_a_formula_is_text_in_the_file(
    inventory: InventoryService, stock: Stock, reader: Reader, take: Take
) -> None:
    await stock(**{"=1+1": 2})
    started = await take(**{"=1+1": 2})
    text = b"".join([part async for part in inventory.stock_takes.export.csv(reader, started.id)]).decode()
    assert text.split("\r\n")[1].split(",")[3] == "'=1+1"


async def test_lists_are_filtered(inventory: InventoryService, reader: Reader, take: Take, places: Places) -> None:
    await take()

    async def count(**given: Any) -> int:
        page = await inventory.stock_takes.listing.find(reader, PageArgs(first=10), StockTakeFilter(**given))
        return len(page.items)

    assert [await count(), await count(statuses=["OPEN"]), await count(warehouse_id=places.main)] == [1, 1, 1]
    assert [await count(statuses=["COMPLETED"]), await count(warehouse_id=places.north)] == [0, 0]


async def test_a_count_of_any_number_of_skus_takes_the_same_statements(
    inventory: InventoryService, tx: Tx, places: Places
) -> None:
    for lines in ([CountedLine("A", 9)], [CountedLine("A", 9), CountedLine("B", 4)]):
        started = await inventory.stock_takes.start(tx, places.main)
        with counting() as counted:
            await inventory.stock_takes.count(tx, started.id, lines)
        with counting() as completed:
            await inventory.stock_takes.complete(tx, started.id)
        assert (counted.data, completed.data) == (8, 7)


async def test_many_differences_are_corrected_in_batches(
    inventory: InventoryService,
    database: Database,
    actor: Actor,
    take: Take,
    levels: Levels,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stock_takes, "BATCH_SIZE", 1)
    started = await take(A=8, B=7)
    async with database.transaction(actor) as tx:
        await inventory.stock_takes.complete(tx, started.id)
        adjusted = [len(event.items) for event in tx.events if isinstance(event, StockAdjusted)]
    assert adjusted == [1, 1]
    assert await levels() == {("A", "MAIN"): (8, 0, 0), ("B", "MAIN"): (7, 0, 0)}
