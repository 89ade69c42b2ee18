"""Stock as the rest of the house sees it."""

from dataclasses import dataclass

from domains.inventory.data import InventoryItemRow as InventoryItem
from domains.inventory.data import MovementType
from domains.inventory.data import StockMovementRow as StockMovement

__all__ = ["InventoryItem", "MovementType", "StockCount", "StockMovement"]


@dataclass(frozen=True, slots=True)
class StockCount:
    """What a count of the shelves says: so many of a SKU are free to sell."""

    sku: str
    available: int
