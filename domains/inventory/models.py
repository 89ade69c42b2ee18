"""Stock as the rest of the house sees it."""

from dataclasses import dataclass

from domains.inventory.data import InventoryItemRow as InventoryItem
from domains.inventory.data import MovementType, ReservationStatus
from domains.inventory.data import ReservationRow as Reservation
from domains.inventory.data import StockMovementRow as StockMovement

__all__ = [
    "InventoryItem",
    "Level",
    "MovementType",
    "Reservation",
    "ReservationStatus",
    "StockCount",
    "StockLine",
    "StockMovement",
]


@dataclass(frozen=True, slots=True)
class StockCount:
    """What a count of the shelves says: so many of a SKU are free to sell."""

    sku: str
    available: int


@dataclass(frozen=True, slots=True)
class StockLine:
    """So many units of a SKU, as an order's line asks for them."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Level:
    """How many units of a SKU can be sold; what is not tracked can always be."""

    available: int
    is_tracked: bool

    def covers(self, quantity: int) -> bool:
        """Whether so many units can be sold."""
        return not self.is_tracked or self.available >= quantity
