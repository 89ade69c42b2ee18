"""Quarantine: units are set apart, released, or written off as damaged."""

from typing import Any

import pytest

from domains.inventory.errors import InsufficientStock, SkuNotFound, WarehouseNotFound
from domains.inventory.quarantine.models import QuarantinedUnits
from domains.inventory.service import InventoryService
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.errors import OutOfRange
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.text.validation import Required
from domains.kernel.validation import errors_of
from tests.domains.inventory.warehouse_stock import Levels, Places, Race

pytestmark = [pytest.mark.usefixtures("all_invariants_hold"), pytest.mark.usefixtures("places")]


def units(quantity: int, **given: Any) -> QuarantinedUnits:
    values: dict[str, Any] = {"sku": "A", "reason": "Recalled"} | given
    return QuarantinedUnits(quantity=quantity, **values)


async def test_units_are_set_apart_released_and_written_off(
    inventory: InventoryService, database: Database, actor: Actor, levels: Levels, reader: Reader
) -> None:
    async def run(do: Any, number: int, **given: Any) -> None:
        await database.run(lambda tx: do(tx, units(number), **given), actor)

    quarantine = inventory.quarantine
    await run(quarantine.hold, 6)
    assert (await levels())["A", "MAIN"] == (4, 0, 6)
    await run(quarantine.release, 2)
    await run(quarantine.write_off, 3, is_quarantined=True)
    await run(quarantine.write_off, 1, is_quarantined=False)
    assert (await levels())["A", "MAIN"] == (5, 0, 1)
    entries = await reader.fetch(
        "select type::text, quantity, available_delta, quarantined_delta, balance_after, reason "
        "from stock_movements where company_id = $1 and type <> 'ADJUSTMENT' and reason is not null order by id",
        reader.company_id,
    )
    assert list(map(tuple, entries)) == [
        ("QUARANTINE", 6, -6, 6, 10, "Recalled"),
        ("QUARANTINE_RELEASE", 2, 2, -2, 10, "Recalled"),
        ("DAMAGE", 3, 0, -3, 7, "Recalled"),
        ("DAMAGE", 1, -1, 0, 6, "Recalled"),
    ]


async def test_quarantined_units_are_not_sold_but_counted(
    inventory: InventoryService, database: Database, actor: Actor, places: Places
) -> None:
    await database.run(lambda tx: inventory.quarantine.hold(tx, units(8)), actor)
    with pytest.raises(InsufficientStock):
        await database.run(lambda tx: inventory.reserve_stock(tx, "A", 3, new_id()), actor)
    started = await database.run(lambda tx: inventory.stock_takes.start(tx, places.main), actor)
    assert started.status == "OPEN"


@pytest.mark.parametrize(("do", "number"), [("hold", 11), ("release", 1)])
async def test_no_more_units_move_than_there_are(inventory: InventoryService, tx: Tx, do: str, number: int) -> None:
    with pytest.raises(InsufficientStock) as raised:
        await getattr(inventory.quarantine, do)(tx, units(number))
    assert raised.value.field == ("quantity",)


async def test_wrong_fields_are_named_together(inventory: InventoryService, tx: Tx) -> None:
    with pytest.raises(Exception, match="between 1") as raised:
        await inventory.quarantine.hold(tx, units(0, sku=" ", reason=" "))
    errors: Any = raised.value
    assert [(type(error), error.field) for error in errors_of(errors)] == [
        (Required, ("sku",)),
        (OutOfRange, ("quantity",)),
        (Required, ("reason",)),
    ]
    with pytest.raises(SkuNotFound):
        await inventory.quarantine.hold(tx, units(1, sku="X"))
    with pytest.raises(WarehouseNotFound):
        await inventory.quarantine.hold(tx, units(1, warehouse_id=new_id()))


async def test_orders_and_quarantine_at_once_share_the_units(
    inventory: InventoryService, race: Race, levels: Levels
) -> None:
    async def buy(tx: Tx) -> None:
        await inventory.reserve_stock(tx, "A", 1, new_id())

    async def hold(tx: Tx) -> None:
        await inventory.quarantine.hold(tx, units(3))

    await race(*[buy, buy, hold] * 4)
    available, reserved, quarantined = (await levels())["A", "MAIN"]
    assert available + reserved + quarantined == 10
    assert (reserved <= 8, quarantined % 3) == (True, 0)


async def test_units_of_the_default_warehouse_take_five_statements(
    inventory: InventoryService, tx: Tx, places: Places
) -> None:
    with counting() as counted:
        await inventory.quarantine.hold(tx, units(1))
    with counting() as named:
        await inventory.quarantine.release(tx, units(1, warehouse_id=places.main))
    assert (counted.data, named.data) == (4, 5)
