"""Reorder levels: when a SKU is reordered, how many units, and where it is stored."""

from typing import Any
from uuid import UUID

from domains.catalog.variants.skus import Skus
from domains.inventory import data, movements, sql
from domains.inventory.alerts import emission
from domains.inventory.alerts.crossings import crossing
from domains.inventory.models import InventoryItem, ReorderChanges
from domains.inventory.movements import LockedItem
from domains.inventory.owners import SKU_FIELD, require_owners
from domains.inventory.warehouses.sql import default_warehouse, require_active
from domains.kernel.database import Tx
from domains.kernel.text.validation import normalize_key, require_text
from domains.kernel.validation import collect_errors


class ReorderLevels:
    """Changes the reorder levels of SKUs."""

    def __init__(self, skus: Skus) -> None:
        self._skus = skus

    async def set(
        self, tx: Tx, sku: str, changes: ReorderChanges, *, warehouse_id: UUID | None = None
    ) -> InventoryItem:
        """Change the reorder point and quantity of a SKU, its maximum, and its location in a warehouse.

        Absent fields do not change; None is the default warehouse. Raises SkuNotFound, OutOfRange below zero and
        above a billion, TooLong, WarehouseNotFound, WarehouseInactive. Emits StockRanLow and StockOverstocked
        when the stock is beyond a new limit.
        """
        with collect_errors() as each:
            with each:
                normalized_sku = require_text(normalize_key(sku), field=SKU_FIELD)
            with each:
                checked: Any = movements.require_reorder(changes)
        owners = await require_owners(self._skus, tx, {normalized_sku: SKU_FIELD})
        if warehouse_id is not None:
            await require_active(tx, {warehouse_id: ("warehouse_id",)})
        stock = await sql.lock_items(tx, owners)
        (locked,) = stock.items
        if "location" in checked:
            place = warehouse_id or stock.default_id or await default_warehouse(tx)
            await _set_location(tx, locked, place, checked.pop("location"))
        if not checked:
            return locked.item
        item = await data.inventory_item.update(tx, id=locked.item.id, data=checked)
        emission.emit(tx, item.id, [crossing(item.id, item.sku, locked.item, item)])
        return item


async def _set_location(tx: Tx, locked: LockedItem, warehouse_id: UUID, location: str | None) -> None:
    level = locked.levels.get(warehouse_id)
    if level is not None:
        await data.inventory_level.update(tx, id=level.id, data={"location": location})
    elif location is not None:
        await data.inventory_level.create(
            tx, {"inventory_id": locked.item.id, "warehouse_id": warehouse_id, "location": location}
        )
