"""Purchase orders for the default warehouse, which has 10 units of A and 5 of B."""

from collections.abc import Awaitable, Callable

import pytest

from domains.inventory.purchase_orders.models import NewPurchaseOrder, OrderedLine, PurchaseOrder
from domains.inventory.service import InventoryService
from domains.kernel.actor import Actor
from domains.kernel.database import Database
from tests.domains.inventory.warehouse_stock import Places, all_invariants_hold, levels, places, race

__all__ = ["all_invariants_hold", "levels", "places", "race"]
Order = Callable[..., Awaitable[PurchaseOrder]]


@pytest.fixture
def order(inventory: InventoryService, database: Database, actor: Actor, places: Places) -> Order:
    """Draft a purchase order of units by SKU, and place it: `await order(A=4)`."""

    async def make(**units: int) -> PurchaseOrder:
        lines = [OrderedLine(sku, quantity) for sku, quantity in units.items()]
        new = NewPurchaseOrder(warehouse_id=places.main, supplier_name="Acme", currency="EUR", lines=lines)
        made = await database.run(lambda tx: inventory.purchase_orders.create(tx, new), actor)
        return await database.run(lambda tx: inventory.purchase_orders.place(tx, made.id), actor)

    return make
