"""A warehouse with open transfers, purchase orders or stock takes is neither closed nor deleted, also at once."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from domains.inventory.errors import WarehouseHasOpenDocuments, WarehouseHasStock, WarehouseInUse
from domains.inventory.models import StockLine, Warehouse
from domains.inventory.purchase_orders.models import NewPurchaseOrder, OrderedLine
from domains.inventory.service import InventoryService
from domains.inventory.transfers.models import NewStockTransfer
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.validation import ValidationErrors
from tests.domains.catalog.conftest import MakeProduct
from tests.domains.inventory.conftest import MakeWarehouse, Stock

pytestmark = pytest.mark.usefixtures("invariants_hold")
Work = Callable[[Tx], Awaitable[Any]]
DOCUMENTS = ("transfer from it", "transfer to it", "purchase order", "stock take")


@pytest.fixture
def opened(inventory: InventoryService, make_warehouse: MakeWarehouse, make_product: MakeProduct) -> Any:
    """Creates a document of a warehouse: `create, cancel = await opened("stock take", warehouse)`."""

    async def prepare(kind: str, place: Warehouse, main: Warehouse) -> tuple[Work, Callable[[Tx, Any], Any]]:
        if kind == "stock take":
            return (
                lambda tx: inventory.stock_takes.start(tx, place.id),
                lambda tx, made: inventory.stock_takes.cancel(tx, made.id),
            )
        if kind == "purchase order":
            lines = [OrderedLine("S", 1)]
            order = NewPurchaseOrder(warehouse_id=place.id, supplier_name="Acme", currency="EUR", lines=lines)
            return (
                lambda tx: inventory.purchase_orders.create(tx, order),
                lambda tx, made: inventory.purchase_orders.cancel(tx, made.id),
            )
        ends = (place.id, main.id) if kind == "transfer from it" else (main.id, place.id)
        transfer = NewStockTransfer(from_warehouse_id=ends[0], to_warehouse_id=ends[1], lines=[StockLine("S", 1)])
        return (
            lambda tx: inventory.transfers.create(tx, transfer),
            lambda tx, made: inventory.transfers.cancel(tx, made.id),
        )

    return prepare


@pytest.fixture
def ends(inventory: InventoryService, database: Database, actor: Actor) -> Any:
    """How a warehouse ends, as two commands: it is deactivated, or deleted."""

    def of(place: Warehouse) -> tuple[Work, Work]:
        return (
            lambda tx: inventory.warehouses.update(tx, place.id, {"is_active": False}),
            lambda tx: inventory.warehouses.delete(tx, place.id),
        )

    return of


@pytest.mark.parametrize("kind", DOCUMENTS)
async def test_a_warehouse_with_an_open_document_is_neither_closed_nor_deleted(
    make_warehouse: MakeWarehouse,
    make_product: MakeProduct,
    database: Database,
    actor: Actor,
    opened: Any,
    ends: Any,
    kind: str,
) -> None:
    main, place = await make_warehouse("A"), await make_warehouse("B")
    await make_product(sku="S")
    create, cancel = await opened(kind, place, main)
    made = await database.run(create, actor)
    for end, field in zip(ends(place), (("is_active",), ("id",)), strict=True):
        with pytest.raises(WarehouseHasOpenDocuments, match=rf"'B' are open: {made.number}\. Complete") as caught:
            await database.run(end, actor)
        assert (caught.value.field, caught.value.numbers) == (field, [made.number])
    await database.run(lambda tx: cancel(tx, made), actor)
    close, delete = ends(place)
    with pytest.raises(WarehouseInUse):
        await database.run(delete, actor)
    assert not (await database.run(close, actor)).is_active


async def test_open_documents_are_named_with_units_in_stock_and_at_most_five(
    make_warehouse: MakeWarehouse,
    make_product: MakeProduct,
    count_in: Stock,
    database: Database,
    actor: Actor,
    opened: Any,
    ends: Any,
) -> None:
    main, place = await make_warehouse("A"), await make_warehouse("B")
    await make_product(sku="S")
    await count_in(place, S=2)
    for kind in (*DOCUMENTS, *DOCUMENTS[:3]):
        create, _ = await opened(kind, place, main)
        await database.run(create, actor)
    with pytest.raises(ValidationErrors) as caught:
        await database.run(ends(place)[0], actor)
    assert [type(each) for each in caught.value.errors] == [WarehouseHasStock, WarehouseHasOpenDocuments]
    assert "TR-1001, TR-1002, PO-1001, ST-1001, TR-1003 and 2 more. Complete or cancel" in str(caught.value.errors[1])


@pytest.mark.parametrize("kind", DOCUMENTS)
async def test_a_warehouse_is_closed_or_gets_a_document(
    make_warehouse: MakeWarehouse,
    make_product: MakeProduct,
    database: Database,
    actor: Actor,
    opened: Any,
    ends: Any,
    kind: str,
) -> None:
    main = await make_warehouse("A")
    await make_product(sku="S")
    for turn in range(8):
        place = await make_warehouse(f"B{turn}")
        create, _ = await opened(kind, place, main)
        end = ends(place)[turn % 2]
        works = (create, end) if turn % 4 < 2 else (end, create)
        outcomes = await asyncio.gather(*(database.run(work, actor) for work in works), return_exceptions=True)
        refused = [each for each in outcomes if isinstance(each, Exception)]
        assert len(refused) == 1
        assert type(refused[0]).__name__ in ("WarehouseHasOpenDocuments", "WarehouseInactive", "WarehouseNotFound")


async def test_a_draft_is_shipped_while_its_warehouses_are_closed(
    inventory: InventoryService,
    make_warehouse: MakeWarehouse,
    make_product: MakeProduct,
    count_in: Stock,
    database: Database,
    actor: Actor,
    opened: Any,
    ends: Any,
) -> None:
    main = await make_warehouse("A")
    await make_product(sku="S")
    await count_in(main, S=9)
    for turn in range(6):
        place = await make_warehouse(f"B{turn}")
        create, _ = await opened("transfer to it", place, main)
        made = await database.run(create, actor)
        works: list[Work] = [partial(inventory.transfers.ship, transfer_id=made.id), *ends(place)]
        done = await asyncio.gather(
            *(database.run(work, actor) for work in works[:: -1 if turn % 2 else 1]), return_exceptions=True
        )
        assert sorted(type(each).__name__ for each in done) == [
            "StockTransferRow",
            "WarehouseHasOpenDocuments",
            "WarehouseHasOpenDocuments",
        ]
