"""Warehouses: one default, closed only when empty, deleted only when nothing ever was in them."""

from typing import Any

import pytest

from domains.inventory.errors import (
    WarehouseCodeTaken,
    WarehouseHasStock,
    WarehouseInactive,
    WarehouseInUse,
    WarehouseIsDefault,
    WarehouseNotFound,
)
from domains.inventory.models import StockCount, StockLine, Warehouse, WarehouseChanges
from domains.inventory.service import InventoryService
from domains.inventory.warehouses.events import WarehouseUpdated
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader
from domains.kernel.errors import DomainError, InvalidInput, OutOfRange
from domains.kernel.ids import new_id
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.text.validation import Required
from tests.domains.catalog.conftest import MakeProduct
from tests.domains.inventory.conftest import Balances, MakeWarehouse, Stock

pytestmark = pytest.mark.usefixtures("invariants_hold")


@pytest.fixture
def change(inventory: InventoryService, database: Database, actor: Actor) -> Any:
    """Change a warehouse; returns it and the emitted events."""

    async def update(warehouse: Warehouse, **changes: Any) -> tuple[Warehouse, list[Any]]:
        given: Any = changes
        async with database.transaction(actor) as tx:
            return await inventory.warehouses.update(tx, warehouse.id, given), list(tx.events)

    return update


async def test_the_first_warehouse_is_the_default_one_and_another_takes_its_place(
    make_warehouse: MakeWarehouse, change: Any, inventory: InventoryService, reader: Reader
) -> None:
    first, second = await make_warehouse("b-1"), await make_warehouse("B-2")
    assert (first.code, first.is_default, second.is_default) == ("B-1", True, False)
    _, events = await change(second, is_default=True)
    assert events == [
        WarehouseUpdated(warehouse_id=first.id, changed=["is_default"]),
        WarehouseUpdated(warehouse_id=second.id, changed=["is_default"]),
    ]
    third = await make_warehouse("B-3", is_default=True)
    page = await inventory.warehouses.find_page(reader, PageArgs())
    assert {each.code: each.is_default for each in page.items} == {"B-1": False, "B-2": False, "B-3": True}
    assert await inventory.warehouses.default(reader) == third


async def test_the_first_stock_creates_the_default_warehouse(
    stock: Stock, inventory: InventoryService, reader: Reader, levels: Balances
) -> None:
    await stock(A=3)
    assert await levels() == {("A", "MAIN"): (3, 0)}
    made = await inventory.warehouses.default(reader)
    assert made is not None
    assert (made.code, made.name, made.is_active, made.country, made.countries) == (
        *("MAIN", "Main warehouse", True),
        *(None, []),
    )


async def test_warehouses_are_found_by_code_name_and_state(
    make_warehouse: MakeWarehouse, inventory: InventoryService, reader: Reader
) -> None:
    await make_warehouse("A", name="Berlin", priority=2)
    closed = await make_warehouse("B", name="Bern", priority=1, is_active=False)
    find = inventory.warehouses.find_page
    assert [each.code for each in (await find(reader, PageArgs())).items] == ["B", "A"]
    assert [each.code for each in (await find(reader, PageArgs(), search="BERL")).items] == ["A"]
    assert [each.code for each in (await find(reader, PageArgs(), is_active=False)).items] == ["B"]
    assert await inventory.warehouses.find_by_code(reader, "b") == closed
    with pytest.raises(WarehouseNotFound):
        await inventory.warehouses.find_by_code(reader, "C")
    with pytest.raises(WarehouseNotFound):
        await inventory.warehouses.find(reader, new_id())


async def test_a_change_that_changes_nothing_emits_nothing(make_warehouse: MakeWarehouse, change: Any) -> None:
    made = await make_warehouse("A", countries=["fr", "DE", "fr"], address_line_1=" 1 Way ", country="de")
    assert (made.countries, made.address_line_1, made.country) == (["DE", "FR"], "1 Way", "DE")
    assert await change(made, name="A", countries=["FR", "DE"]) == (made, [])
    changed, events = await change(made, name="B", country=None)
    assert (changed.name, changed.country) == ("B", None)
    assert events == [WarehouseUpdated(warehouse_id=made.id, changed=["country", "name"])]


@pytest.mark.parametrize(
    ("given", "error", "field"),
    [
        ({"code": "A"}, WarehouseCodeTaken, ("code",)),
        ({"code": " "}, Required, ("code",)),
        ({"code": "a b"}, InvalidInput, ("code",)),
        ({"code": "x" * 51}, InvalidInput, ("code",)),
        ({"name": "\u200b"}, Required, ("name",)),
        ({"name": None}, Required, ("name",)),
        ({"priority": -1}, OutOfRange, ("priority",)),
        ({"priority": None}, OutOfRange, ("priority",)),
        ({"country": "XX"}, InvalidInput, ("country",)),
        ({"countries": ["DE", "XX"]}, InvalidInput, ("countries", "1")),
        ({"countries": ["DE"] * 261}, InvalidInput, ("countries",)),
        ({"is_pickup_point": None}, Required, ("is_pickup_point",)),
        ({"is_active": False, "is_default": True}, WarehouseInactive, ("is_default",)),
    ],
)
async def test_bad_input_is_refused(
    make_warehouse: MakeWarehouse,
    inventory: InventoryService,
    reader: Reader,
    given: dict[str, Any],
    error: type[DomainError],
    field: tuple[str, ...],
) -> None:
    await make_warehouse("A")
    with pytest.raises(error) as caught:
        await make_warehouse(**{"code": "B", "name": "B", **given})
    assert caught.value.field == field
    assert len((await inventory.warehouses.find_page(reader, PageArgs())).items) == 1


async def test_the_default_warehouse_stays_open_and_the_default(make_warehouse: MakeWarehouse, change: Any) -> None:
    first, second = await make_warehouse("A"), await make_warehouse("B")
    for changes in ({"is_active": False}, {"is_default": False}):
        with pytest.raises(WarehouseIsDefault):
            await change(first, **changes)
    await change(second, is_active=False)
    with pytest.raises(WarehouseInactive):
        await change(second, is_default=True)


async def test_a_warehouse_with_units_is_neither_closed_nor_deleted(
    make_warehouse: MakeWarehouse,
    make_product: MakeProduct,
    count_in: Stock,
    change: Any,
    inventory: InventoryService,
    database: Database,
    actor: Actor,
) -> None:
    await make_warehouse("A")
    full = await make_warehouse("B")
    await make_product(sku="S")
    await count_in(full, S=2)
    order, lines = new_id(), [StockLine("S", 2, full.id)]
    await database.run(
        lambda tx: inventory.reservations.reserve(tx, actor, lines, order_id=order, expires_at=None), actor
    )
    with pytest.raises(WarehouseHasStock, match="2 units of 'S' in the warehouse 'B'"):
        await change(full, is_active=False)
    with pytest.raises(WarehouseHasStock):
        await database.run(lambda tx: inventory.warehouses.delete(tx, full.id), actor)
    await database.run(lambda tx: inventory.reservations.confirm(tx, actor, order), actor)
    with pytest.raises(WarehouseInUse, match="Deactivate it"):
        await database.run(lambda tx: inventory.warehouses.delete(tx, full.id), actor)
    closed, _ = await change(full, is_active=False)
    assert not closed.is_active
    with pytest.raises(WarehouseInactive) as caught:
        await count_in(full, S=1)
    assert caught.value.field == ("levels", "0", "warehouse_id")


async def test_a_warehouse_without_a_history_is_deleted_with_its_locations(
    make_warehouse: MakeWarehouse,
    make_product: MakeProduct,
    inventory: InventoryService,
    database: Database,
    actor: Actor,
    levels: Balances,
) -> None:
    default, other = await make_warehouse("A"), await make_warehouse("B")
    await make_product(sku="S")
    await database.run(
        lambda tx: inventory.reorder_levels.set(tx, "S", {"location": "Shelf"}, warehouse_id=other.id), actor
    )
    assert await levels() == {("S", "B"): (0, 0)}
    with pytest.raises(WarehouseIsDefault):
        await database.run(lambda tx: inventory.warehouses.delete(tx, default.id), actor)
    await database.run(lambda tx: inventory.warehouses.delete(tx, other.id), actor)
    assert await levels() == {}
    with pytest.raises(WarehouseNotFound):
        await database.run(lambda tx: inventory.warehouses.delete(tx, other.id), actor)


async def test_a_warehouse_of_another_company_is_not_found(
    make_warehouse: MakeWarehouse,
    make_product: MakeProduct,
    inventory: InventoryService,
    database: Database,
    actor: Actor,
    other_company: Any,
) -> None:
    await make_warehouse("A")
    await make_product(sku="S")
    stranger, new = Actor.system(other_company), WarehouseChanges(code="A", name="Theirs")
    theirs = await database.run(lambda tx: inventory.warehouses.create(tx, new), stranger)
    counts = [StockCount("S", 1, theirs.id)]
    for work in (
        lambda tx: inventory.ledger.set(tx, counts),
        lambda tx: inventory.update_stock(tx, "S", 1, warehouse_id=theirs.id),
        lambda tx: inventory.ledger.change(tx, [StockLine("S", 1, theirs.id)]),
        lambda tx: inventory.reorder_levels.set(tx, "S", {"location": "X"}, warehouse_id=theirs.id),
        lambda tx: inventory.warehouses.update(tx, theirs.id, {"name": "Mine"}),
        lambda tx: inventory.warehouses.delete(tx, theirs.id),
    ):
        with pytest.raises(WarehouseNotFound):
            await database.run(work, actor)
