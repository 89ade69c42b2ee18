"""Transfers between two warehouses."""

from collections.abc import Awaitable, Callable

import pytest

from domains.inventory.models import StockLine
from domains.inventory.service import InventoryService
from domains.inventory.transfers.models import NewStockTransfer, StockTransfer
from domains.kernel.actor import Actor
from domains.kernel.database import Database
from tests.domains.inventory.warehouse_stock import Places, all_invariants_hold, levels, places, race

__all__ = ["all_invariants_hold", "levels", "places", "race"]
Draft = Callable[..., Awaitable[StockTransfer]]


@pytest.fixture
def draft(inventory: InventoryService, database: Database, actor: Actor, places: Places) -> Draft:
    """Draft a transfer of units by SKU from the default warehouse to the other one, and ship it."""

    async def make(*, is_shipped: bool = True, **units: int) -> StockTransfer:
        lines = [StockLine(sku, quantity) for sku, quantity in units.items()]
        new = NewStockTransfer(from_warehouse_id=places.main, to_warehouse_id=places.north, lines=lines)
        transfer = await database.run(lambda tx: inventory.transfers.create(tx, new), actor)
        if is_shipped:
            await database.run(lambda tx: inventory.transfers.ship(tx, transfer.id), actor)
        return transfer

    return make
