"""Races of stock takes with sales and with each other, with real commits."""

from collections import Counter
from typing import Any

import pytest

from domains.inventory.service import InventoryService
from domains.inventory.stock_takes.models import CountedLine
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.ids import new_id
from tests.domains.inventory.stock_takes.conftest import Take
from tests.domains.inventory.warehouse_stock import Levels, Race

pytestmark = pytest.mark.usefixtures("all_invariants_hold")


def kinds(outcomes: list[Any]) -> Counter[str]:
    return Counter(type(outcome).__name__ for outcome in outcomes)


async def test_units_sold_during_the_count_are_no_difference(
    inventory: InventoryService, database: Database, actor: Actor, race: Race, take: Take, levels: Levels
) -> None:
    started = await take()

    async def sell(tx: Tx) -> None:
        order_id = new_id()
        await inventory.reserve_stock(tx, "A", 1, order_id)
        await inventory.confirm_sale(tx, "A", 1, order_id)

    async def count(tx: Tx) -> Any:
        units = await tx.fetch_value(
            "select total_stock from inventory_items where company_id = $1 and sku = 'A' for no key update",
            tx.company_id,
        )
        return await inventory.stock_takes.count(tx, started.id, [CountedLine("A", units - 1)])  # one was stolen

    outcomes = await race(sell, sell, count, sell, sell, count, sell)
    assert kinds(outcomes) == {"NoneType": 5, "StockTakeRow": 2}
    outcomes = await race(sell, lambda tx: inventory.stock_takes.complete(tx, started.id), sell)
    assert kinds(outcomes) == {"NoneType": 2, "StockTakeRow": 1}
    assert (await levels())["A", "MAIN"] == (2, 0, 0)


async def test_a_stock_take_that_is_completed_twice_at_once_corrects_once(
    inventory: InventoryService, race: Race, take: Take, levels: Levels
) -> None:
    started = await take(A=8)
    outcomes = await race(*[lambda tx: inventory.stock_takes.complete(tx, started.id)] * 5)
    assert kinds(outcomes) == {"StockTakeRow": 1, "StockTakeNotOpen": 4}
    assert (await levels())["A", "MAIN"] == (8, 0, 0)


async def test_two_stock_takes_that_count_a_sku_at_once_do_not_both_have_it(
    inventory: InventoryService, race: Race, take: Take
) -> None:
    takes = [await take(), await take()]
    outcomes = await race(
        *(
            lambda tx, chosen=started.id: inventory.stock_takes.count(tx, chosen, [CountedLine("A", 9)])
            for started in takes
        )
    )
    assert kinds(outcomes) == {"StockTakeRow": 1, "SkuInOpenStockTake": 1}


async def test_of_orders_and_a_completion_none_takes_units_that_are_not_there(
    inventory: InventoryService, race: Race, take: Take, levels: Levels
) -> None:
    started = await take(A=3)

    async def buy(tx: Tx) -> None:
        await inventory.reserve_stock(tx, "A", 1, new_id())

    outcomes = await race(*[buy] * 6, lambda tx: inventory.stock_takes.complete(tx, started.id), *[buy] * 6)
    found, (available, reserved, _) = kinds(outcomes), (await levels())["A", "MAIN"]
    assert found["NoneType"] == reserved
    assert available + reserved == (3 if found["StockTakeRow"] else 10)
