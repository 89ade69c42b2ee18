"""Stock takes of the default warehouse, which has 10 units of A and 5 of B."""

from collections.abc import Awaitable, Callable

import pytest

from domains.inventory.service import InventoryService
from domains.inventory.stock_takes.models import CountedLine, StockTake
from domains.kernel.actor import Actor
from domains.kernel.database import Database
from tests.domains.inventory.warehouse_stock import Places, all_invariants_hold, levels, places, race

__all__ = ["all_invariants_hold", "levels", "places", "race"]
Take = Callable[..., Awaitable[StockTake]]


@pytest.fixture
def take(inventory: InventoryService, database: Database, actor: Actor, places: Places) -> Take:
    """Start a stock take, and count SKUs: `await take(A=9)`."""

    async def start(**counted: int) -> StockTake:
        started = await database.run(lambda tx: inventory.stock_takes.start(tx, places.main), actor)
        if counted:
            lines = [CountedLine(sku, units) for sku, units in counted.items()]
            await database.run(lambda tx: inventory.stock_takes.count(tx, started.id, lines), actor)
        return started

    return start
