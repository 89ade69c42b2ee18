"""Stock as the rest of the house sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from domains.catalog.variants.skus import SkuOwner
from domains.inventory.data import InventoryItemRow as InventoryItem
from domains.inventory.data import MovementType, ReservationStatus
from domains.inventory.data import ReservationRow as Reservation
from domains.inventory.data import StockMovementRow as StockMovement

__all__ = [
    "InventoryItem",
    "ItemFilter",
    "Level",
    "MovementFilter",
    "MovementType",
    "ReorderChanges",
    "Reservation",
    "ReservationStatus",
    "SkuTimeline",
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


class ReorderChanges(TypedDict, total=False):
    """When a SKU is to be ordered again and where it lies; what is left out stays."""

    reorder_point: int
    reorder_quantity: int
    location: str | None


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """Which stock: conditions that must all hold; None asks nothing. Low is at or below the reorder point."""

    available_at_most: int | None = None
    available_at_least: int | None = None
    is_low: bool | None = None
    is_reserved: bool | None = None
    product_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class MovementFilter:
    """Which entries of the ledger: conditions that must all hold; None asks nothing. `until` is not within."""

    sku: str | None = None
    product_id: UUID | None = None
    type: MovementType | None = None
    types: Sequence[MovementType] | None = None
    reference: str | None = None
    performed_by: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class SkuTimeline:
    """What happened to a SKU: whose it is, its stock, all entries of its ledger, and what is held of it now."""

    sku: str
    owner: SkuOwner | None
    item: InventoryItem | None
    movements: tuple[StockMovement, ...]
    reservations: tuple[Reservation, ...]

    @property
    def free(self) -> int:
        """The free units that the ledger adds up to."""
        return sum(entry.available_delta for entry in self.movements)

    @property
    def reserved(self) -> int:
        """The reserved units that the ledger adds up to."""
        return sum(entry.reserved_delta for entry in self.movements)

    @property
    def held(self) -> int:
        """The units that orders and carts hold."""
        return sum(reservation.quantity for reservation in self.reservations)

    @property
    def adds_up(self) -> bool:
        """Whether the stock is what the ledger and the reservations say."""
        now = (self.item.available_stock, self.item.reserved_stock) if self.item else (0, 0)
        return now == (self.free, self.reserved) and now[1] == self.held
