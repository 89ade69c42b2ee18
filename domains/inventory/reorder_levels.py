"""Reorder levels: when a SKU is reordered, how many units, and where it is stored."""

from typing import Any

from domains.catalog.variants.skus import Skus
from domains.inventory import data, movements, sql
from domains.inventory.models import InventoryItem, ReorderChanges
from domains.inventory.owners import SKU_FIELD, require_owners
from domains.kernel.database import Tx
from domains.kernel.text.validation import normalize_key, require_text
from domains.kernel.validation import collect_errors


class ReorderLevels:
    """Changes the reorder levels of SKUs."""

    def __init__(self, skus: Skus) -> None:
        self._skus = skus

    async def set(self, tx: Tx, sku: str, changes: ReorderChanges) -> InventoryItem:
        """Change the reorder point, reorder quantity and location of a SKU; absent fields do not change.

        Raises SkuNotFound, OutOfRange below zero and above a billion, TooLong.
        """
        with collect_errors() as each:
            with each:
                normalized_sku = require_text(normalize_key(sku), field=SKU_FIELD)
            with each:
                checked: Any = movements.require_reorder(changes)
        (item,) = await sql.lock_items(tx, await require_owners(self._skus, tx, {normalized_sku: SKU_FIELD}))
        return await data.inventory_item.update(tx, id=item.id, data=checked) if checked else item
