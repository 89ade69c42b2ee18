"""Stock transfers: units leave the source when they are shipped, and arrive in parts, are lost, or return."""

from typing import Any

import pytest

from domains.inventory.errors import InsufficientStock, SkuNotFound, WarehouseInactive, WarehouseNotFound
from domains.inventory.models import StockLine
from domains.inventory.service import InventoryService
from domains.inventory.transfers.errors import (
    MoreThanUnderWay,
    SameWarehouse,
    StockTransferNotCancellable,
    StockTransferNotEditable,
    StockTransferNotFound,
    StockTransferNotReceivable,
)
from domains.inventory.transfers.models import NewStockTransfer, ReceivedLine, StockTransferFilter
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.errors import DuplicateValue, NotApplicable, OutOfRange
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.text.validation import Required
from domains.kernel.validation import errors_of
from tests.domains.inventory.transfers.conftest import Draft
from tests.domains.inventory.warehouse_stock import Levels, Places, add_warehouse

pytestmark = pytest.mark.usefixtures("all_invariants_hold")
A_FEW = StockLine("A", 4)


def new(places: Places, *lines: StockLine, **given: Any) -> NewStockTransfer:
    values = {"from_warehouse_id": places.main, "to_warehouse_id": places.north} | given
    return NewStockTransfer(lines=lines or [A_FEW], **values)


def found(raised: pytest.ExceptionInfo[Any]) -> list[tuple[type, tuple[str, ...]]]:
    return [(type(error), error.field) for error in errors_of(raised.value)]


async def test_units_are_under_way_between_the_warehouses(
    inventory: InventoryService, tx: Tx, draft: Draft, levels: Levels, reader: Reader, balances: Any
) -> None:
    transfer = await draft(is_shipped=False, A=4, B=2)
    assert (transfer.number, transfer.status) == ("TR-1001", "DRAFT")
    assert await levels() == {("A", "MAIN"): (10, 0, 0), ("B", "MAIN"): (5, 0, 0)}

    second = await draft(A=4, B=2)
    assert second.number == "TR-1002"
    assert await balances() == {"A": (6, 0), "B": (3, 0)}
    lines = await inventory.transfers.listing.lines(reader, second.id)
    assert [(line.shipped, line.received) for line in lines] == [(4, 0), (2, 0)]


async def test_units_arrive_in_parts_and_lost_ones_have_a_reason(
    inventory: InventoryService, database: Database, actor: Any, draft: Draft, levels: Levels, reader: Reader
) -> None:
    transfer = await draft(A=4, B=2)

    async def receive(*lines: ReceivedLine) -> Any:
        return await database.run(lambda tx: inventory.transfers.receive(tx, transfer.id, lines), actor)

    partly = await receive(ReceivedLine("A", 1), ReceivedLine("B", 0, 1, " Wet "))
    assert (partly.status, partly.received_at) == ("PARTIALLY_RECEIVED", None)
    done = await receive(ReceivedLine("A", 2, 1, "Torn"), ReceivedLine("B", 0, 1, "Burnt"))
    assert (done.status, done.received_at is not None) == ("RECEIVED", True)
    lines = await inventory.transfers.listing.lines(reader, transfer.id)
    assert [(line.received, line.lost, line.lost_reason) for line in lines] == [
        (3, 1, "Torn"),
        (0, 2, "Wet; Burnt"),
    ]
    assert await levels() == {
        ("A", "MAIN"): (6, 0, 0),
        ("A", "NORTH"): (3, 0, 0),
        ("B", "MAIN"): (3, 0, 0),
    }
    entries = await reader.fetch(
        "select type::text, available_delta from stock_movements where reference = $1 order by created_at, id",
        transfer.number,
    )
    assert sorted(map(tuple, entries)) == [
        ("TRANSFER_IN", 1),
        ("TRANSFER_IN", 2),
        ("TRANSFER_OUT", -4),
        ("TRANSFER_OUT", -2),
    ]


async def test_units_under_way_return_when_the_transfer_is_cancelled(
    inventory: InventoryService, database: Database, actor: Any, draft: Draft, balances: Any, reader: Reader
) -> None:
    transfer = await draft(A=4)
    cancelled = await database.run(lambda tx: inventory.transfers.cancel(tx, transfer.id), actor)
    assert (cancelled.status, cancelled.cancelled_at is not None) == ("CANCELLED", True)
    assert (await balances())["A"] == (10, 0)
    (line,) = await inventory.transfers.listing.lines(reader, transfer.id)
    assert (line.shipped, line.returned) == (4, 4)


async def test_a_draft_is_cancelled_without_a_movement(
    inventory: InventoryService, database: Database, actor: Any, draft: Draft, reader: Reader
) -> None:
    transfer = await draft(is_shipped=False, A=4)
    await database.run(lambda tx: inventory.transfers.cancel(tx, transfer.id), actor)
    movements = "select count(*) from stock_movements where reference = $1"
    assert await reader.fetch_value(movements, transfer.number) == 0


async def test_a_received_transfer_is_not_cancelled_or_received_again(
    inventory: InventoryService, tx: Tx, draft: Draft
) -> None:
    transfer = await draft(A=4)
    await inventory.transfers.receive(tx, transfer.id, [ReceivedLine("A", 1)])
    with pytest.raises(StockTransferNotCancellable):
        await inventory.transfers.cancel(tx, transfer.id)
    await inventory.transfers.receive(tx, transfer.id)
    with pytest.raises(StockTransferNotReceivable, match="TR-1001 is RECEIVED"):
        await inventory.transfers.receive(tx, transfer.id)


async def test_more_than_the_source_has_is_not_shipped(
    inventory: InventoryService, database: Database, actor: Any, draft: Draft, balances: Any
) -> None:
    transfer = await draft(is_shipped=False, A=11, B=6)
    with pytest.raises(InsufficientStock) as raised:
        await database.run(lambda tx: inventory.transfers.ship(tx, transfer.id), actor)
    assert [(line.sku, line.requested, line.available) for line in raised.value.shortages] == [
        ("A", 11, 10),
        ("B", 6, 5),
    ]
    assert await balances() == {"A": (10, 0), "B": (5, 0)}


async def test_reserved_units_are_not_shipped_to_another_warehouse(
    inventory: InventoryService, database: Database, actor: Any, draft: Draft
) -> None:
    await database.run(lambda tx: inventory.reserve_stock(tx, "A", 8, new_id()), actor)
    with pytest.raises(InsufficientStock) as raised:
        await draft(A=3)
    assert raised.value.available == 2


async def test_all_errors_of_a_new_transfer_are_named_together(
    inventory: InventoryService, tx: Tx, places: Places
) -> None:
    lines = [StockLine("A", 0), StockLine("X", 1), StockLine(" A ", 2)]
    with pytest.raises(Exception, match="twice") as raised:
        await inventory.transfers.create(tx, new(places, *lines, to_warehouse_id=places.main, note="x" * 1001))
    assert [kind.__name__ for kind, _ in found(raised)] == [
        "TooLong",
        "SameWarehouse",
        "OutOfRange",
        "DuplicateValue",
    ]
    assert found(raised)[1:] == [
        (SameWarehouse, ("to_warehouse_id",)),
        (OutOfRange, ("lines", "0", "quantity")),
        (DuplicateValue, ("lines", "2", "sku")),
    ]


async def test_unknown_skus_and_warehouses_are_named(
    inventory: InventoryService, tx: Tx, places: Places, owner: Any
) -> None:
    given = new(places, A_FEW, StockLine("X", 1), from_warehouse_id=new_id())
    with pytest.raises(Exception, match="no such warehouse") as raised:
        await inventory.transfers.create(tx, given)
    assert found(raised) == [
        (WarehouseNotFound, ("from_warehouse_id",)),
        (SkuNotFound, ("lines", "1", "sku")),
    ]
    closed = await add_warehouse(owner, places_company(tx), "CLOSED", is_active=False)
    with pytest.raises(WarehouseInactive) as refused:
        await inventory.transfers.create(tx, new(places, to_warehouse_id=closed))
    assert refused.value.field == ("to_warehouse_id",)


async def test_a_warehouse_of_another_company_does_not_exist(
    inventory: InventoryService, tx: Tx, places: Places, owner: Any, other_company: Any
) -> None:
    foreign = await add_warehouse(owner, other_company, "FOREIGN")
    with pytest.raises(WarehouseNotFound):
        await inventory.transfers.create(tx, new(places, to_warehouse_id=foreign))


@pytest.mark.parametrize(
    ("line", "kind", "field"),
    [
        (ReceivedLine("A", 0), OutOfRange, "received"),
        (ReceivedLine("A", -1, 2, "Lost"), OutOfRange, "received"),
        (ReceivedLine("A", 0, 1), Required, "lost_reason"),
        (ReceivedLine("A", 0, 1, "  "), Required, "lost_reason"),
        (ReceivedLine("A", 1, 0, "Lost"), NotApplicable, "lost_reason"),
        (ReceivedLine("A", 3, 2, "Lost"), MoreThanUnderWay, "received"),
    ],
)
async def test_a_wrong_receipt_changes_nothing(
    inventory: InventoryService,
    database: Database,
    actor: Any,
    draft: Draft,
    balances: Any,
    line: ReceivedLine,
    kind: type[Exception],
    field: str,
) -> None:
    transfer = await draft(A=4)
    with pytest.raises(kind) as raised:
        await database.run(lambda tx: inventory.transfers.receive(tx, transfer.id, [line]), actor)
    assert errors_of(raised.value)[0].field == ("lines", "0", field)  # type: ignore[arg-type] # a DomainError
    assert (await balances())["A"] == (6, 0)


async def test_a_draft_changes_and_a_shipped_transfer_only_its_texts(
    inventory: InventoryService, tx: Tx, draft: Draft, reader: Reader
) -> None:
    transfer = await draft(is_shipped=False, A=4)
    changed = await inventory.transfers.update(tx, transfer.id, {"lines": [StockLine("B", 1)], "note": " Fragile "})
    assert changed.note == "Fragile"
    assert [line.quantity for line in await inventory.transfers.listing.lines(tx, transfer.id)] == [1]
    await inventory.transfers.ship(tx, transfer.id)
    await inventory.transfers.update(tx, transfer.id, {"reference": "DHL 1"})
    with pytest.raises(StockTransferNotEditable):
        await inventory.transfers.update(tx, transfer.id, {"lines": [A_FEW]})
    await inventory.transfers.receive(tx, transfer.id)
    with pytest.raises(StockTransferNotEditable):
        await inventory.transfers.update(tx, transfer.id, {"reference": "DHL 2"})


async def test_lists_are_filtered(inventory: InventoryService, reader: Reader, draft: Draft, places: Places) -> None:
    await draft(is_shipped=False, A=1)
    await draft(B=1)

    async def numbers(**given: Any) -> list[str]:
        page = await inventory.transfers.listing.find(reader, PageArgs(first=10), StockTransferFilter(**given))
        return [transfer.number for transfer in page.items]

    assert await numbers() == ["TR-1002", "TR-1001"]
    assert await numbers(sku="A") == ["TR-1001"]
    assert await numbers(sku="X") == []
    assert await numbers(statuses=["IN_TRANSIT"], from_warehouse_id=places.main) == ["TR-1002"]
    assert await numbers(to_warehouse_id=places.main) == []


async def test_an_unknown_transfer_is_not_found(inventory: InventoryService, tx: Tx, reader: Reader) -> None:
    with pytest.raises(StockTransferNotFound):
        await inventory.transfers.ship(tx, new_id())
    with pytest.raises(StockTransferNotFound):
        await inventory.transfers.listing.get(reader, new_id())


async def test_a_transfer_of_any_number_of_skus_takes_the_same_statements(
    inventory: InventoryService, tx: Tx, places: Places
) -> None:
    for lines in ([StockLine("A", 2)], [StockLine("A", 2), StockLine("B", 2)]):
        with counting() as created:
            transfer = await inventory.transfers.create(tx, new(places, *lines))
        with counting() as shipped:
            await inventory.transfers.ship(tx, transfer.id)
        with counting() as received:
            await inventory.transfers.receive(tx, transfer.id)
        assert (created.data, shipped.data, received.data) == (7, 8, 8)


def places_company(tx: Tx) -> Any:
    return tx.company_id
