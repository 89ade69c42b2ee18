"""Alerts: raised when the stock of a SKU crosses a limit, resolved when it crosses it back, once each."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from domains.inventory.alerts.models import StockAlertFilter, StockAlertKind
from domains.inventory.service import InventoryService
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.errors import OutOfRange
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from tests.domains.inventory.alerts.conftest import Change, Found

pytestmark = pytest.mark.usefixtures("all_invariants_hold")
Emitted = Callable[[str], Awaitable[list[Any]]]


async def test_a_sku_that_falls_and_rises_has_one_alert_for_each_crossing(
    change: Change, alerts: Found, emitted: Emitted
) -> None:
    await change(-6)
    assert await alerts() == []
    await change(-1)
    await change(-1)
    assert await alerts() == [("A", "LOW", True)]
    await change(-2)
    assert await alerts() == [("A", "LOW", True), ("A", "OUT", True)]
    await change(2)
    assert await alerts() == [("A", "LOW", True), ("A", "OUT", False)]
    await change(2)
    await change(-4)
    assert sorted(await alerts()) == [
        ("A", "LOW", False),
        ("A", "LOW", True),
        ("A", "OUT", False),
        ("A", "OUT", True),
    ]
    assert await emitted("inventory.low_stock") == [["A"]] * 2
    assert await emitted("inventory.out_of_stock") == [["A"]] * 2


async def test_units_on_hand_above_the_maximum_raise_an_alert(
    change: Change,
    alerts: Found,
    emitted: Emitted,
    inventory: InventoryService,
    database: Database,
    actor: Actor,
) -> None:
    await change(10)
    assert await alerts() == []
    await change(1)
    await change(5)
    await database.run(lambda tx: inventory.reserve_stock(tx, "A", 20, new_id()), actor)
    assert await alerts() == [("A", "OVERSTOCK", True)]  # reserved units are on hand
    await change(-6)
    assert (await alerts())[0] == ("A", "OVERSTOCK", False)
    assert await emitted("inventory.overstocked") == [["A"]]


async def test_a_changed_limit_raises_and_resolves_as_well(
    change: Change, alerts: Found, inventory: InventoryService, database: Database, actor: Actor
) -> None:
    async def limit(**limits: Any) -> None:
        given: Any = limits
        await database.run(lambda tx: inventory.reorder_levels.set(tx, "A", given), actor)

    await limit(reorder_point=10, max_stock_threshold=9)
    assert await alerts() == [("A", "LOW", True), ("A", "OVERSTOCK", True)]
    await limit(reorder_point=9, max_stock_threshold=None)
    assert await alerts() == [("A", "LOW", False), ("A", "OVERSTOCK", False)]
    with pytest.raises(OutOfRange):
        await limit(max_stock_threshold=-1)


async def test_a_limit_that_is_crossed_and_crossed_back_in_a_transaction_raises_nothing(
    change: Change, alerts: Found, inventory: InventoryService, database: Database, actor: Actor
) -> None:
    async def there_and_back(tx: Tx) -> None:
        await inventory.update_stock(tx, "A", -10)
        await inventory.update_stock(tx, "A", 10)

    await database.run(there_and_back, actor)
    assert await alerts() == []


async def test_a_transfer_out_of_the_last_units_is_out_of_stock_until_they_arrive(
    change: Change, alerts: Found, inventory: InventoryService, database: Database, actor: Actor
) -> None:
    order_id = new_id()
    await database.run(lambda tx: inventory.reserve_stock(tx, "A", 10, order_id), actor)
    assert await alerts() == [("A", "LOW", True), ("A", "OUT", True)]
    await database.run(lambda tx: inventory.reservations.release(tx, actor, order_id), actor)
    assert await alerts() == [("A", "LOW", False), ("A", "OUT", False)]


async def test_many_orders_at_once_raise_one_alert_and_one_event(
    change: Change, alerts: Found, emitted: Emitted, inventory: InventoryService, database: Database, actor: Actor
) -> None:
    async def buy(tx: Tx) -> None:
        await inventory.reserve_stock(tx, "A", 1, new_id())

    async def give_back(tx: Tx) -> None:
        await inventory.update_stock(tx, "A", 1)

    await asyncio.gather(*(database.run(buy, actor) for _ in range(10)))
    assert await alerts() == [("A", "LOW", True), ("A", "OUT", True)]
    assert await emitted("inventory.out_of_stock") == [["A"]]
    works = [buy, give_back] * 10
    await asyncio.gather(*(database.run(work, actor) for work in works), return_exceptions=True)
    opened = [kind for _, kind, is_open in await alerts() if is_open]
    assert len(opened) == len(set(opened))
    outs = [entry for entry in await alerts() if entry[1] == "OUT"]
    assert len(outs) == len(await emitted("inventory.out_of_stock"))


async def test_an_alert_takes_no_statement_of_its_own(
    change: Change, inventory: InventoryService, database: Database, actor: Actor
) -> None:
    async def take(units: int) -> int:
        with counting() as counted:
            await database.run(lambda tx: inventory.update_stock(tx, "A", -units), actor)
        return counted.data

    assert await take(1) == await take(9)


@pytest.fixture
def stale(inventory: InventoryService, database: Database, actor: Actor) -> Callable[[], Awaitable[int]]:
    """Run the job that finds stale stock, after 30 days without a sale."""

    async def run() -> int:
        return await database.run(inventory.alerts.find_stale, actor)

    return run


async def set_days(inventory: InventoryService, database: Database, actor: Actor, days: int | None) -> None:
    await database.run(lambda tx: inventory.settings.update(tx, {"stale_after_days": days}, "EUR"), actor)


async def aged(owner: Any, company_id: Any, days: int) -> None:
    """Move the past of the company's stock back."""
    for statement in (
        "update inventory_items set created_at = created_at - $2::interval where company_id = $1",
        "update inventory_items set last_restocked = last_restocked - $2::interval where company_id = $1",
        "update stock_movements set created_at = created_at - $2::interval where company_id = $1",
    ):
        await owner.execute(statement, company_id, timedelta(days=days))


async def test_stock_without_a_sale_for_the_days_of_the_company_is_stale(
    change: Change,
    alerts: Found,
    emitted: Emitted,
    stale: Callable[[], Awaitable[int]],
    inventory: InventoryService,
    database: Database,
    actor: Actor,
    owner: Any,
    reader: Reader,
) -> None:
    assert await stale() == 0
    await set_days(inventory, database, actor, 30)
    await aged(owner, reader.company_id, 29)
    assert await stale() == 0
    await aged(owner, reader.company_id, 2)
    assert sorted(await asyncio.gather(stale(), stale(), stale())) == [0, 0, 1]
    assert await stale() == 0
    assert await alerts() == [("A", "STALE", True)]
    assert await emitted("inventory.stale") == [["A"]]

    await database.run(lambda tx: inventory.reserve_stock(tx, "A", 1, new_id()), actor)
    assert await stale() == 0
    assert await alerts() == [("A", "STALE", False)]
    await aged(owner, reader.company_id, 31)
    assert await stale() == 1
    await set_days(inventory, database, actor, None)
    assert await stale() == 0
    assert [is_open for _, _, is_open in await alerts()] == [False, False]


async def test_stock_that_is_gone_is_not_stale(
    change: Change,
    alerts: Found,
    stale: Callable[[], Awaitable[int]],
    inventory: InventoryService,
    database: Database,
    actor: Actor,
    owner: Any,
    reader: Reader,
) -> None:
    await set_days(inventory, database, actor, 1)
    await aged(owner, reader.company_id, 2)
    assert await stale() == 1
    await change(-10)
    assert await stale() == 0
    assert ("A", "STALE", False) in await alerts()


@pytest.mark.parametrize("days", [0, 3_651, -1])
async def test_the_days_are_bounded(inventory: InventoryService, database: Database, actor: Actor, days: int) -> None:
    with pytest.raises(OutOfRange) as raised:
        await set_days(inventory, database, actor, days)
    assert raised.value.field == ("stale_after_days",)


async def test_alerts_are_filtered(change: Change, inventory: InventoryService, reader: Reader) -> None:
    await change(-10)
    await change(1)

    async def kinds(**given: Any) -> list[str]:
        page = await inventory.alerts.find(reader, PageArgs(first=10), StockAlertFilter(**given))
        return sorted(alert.kind for alert in page.items)

    assert await kinds() == ["LOW", "OUT"]
    assert await kinds(is_open=True) == ["LOW"]
    assert await kinds(is_open=False) == ["OUT"]
    assert await kinds(kind=StockAlertKind.STALE) == []
    assert [await kinds(sku="A"), await kinds(sku="X")] == [["LOW", "OUT"], []]
