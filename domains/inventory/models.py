"""Stock, its ledger and reservations, and the inputs that change and filter them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypedDict
from uuid import UUID

from domains.catalog.variants.skus import SkuOwner
from domains.inventory.data import (
    AllocationStrategy,
    BackorderKind,
    BackorderStatus,
    MovementType,
    ReservationStatus,
    StockDocument,
)
from domains.inventory.data import BackorderRow as Backorder
from domains.inventory.data import InventoryItemRow as InventoryItem
from domains.inventory.data import InventoryLevelRow as InventoryLevel
from domains.inventory.data import InventorySettingsRow as InventorySettings
from domains.inventory.data import ReservationRow as Reservation
from domains.inventory.data import StockMovementRow as StockMovement
from domains.inventory.data import WarehouseRow as Warehouse

__all__ = [
    "AllocatedLine",
    "AllocationStrategy",
    "AvailabilityStatus",
    "Backorder",
    "BackorderKind",
    "BackorderStatus",
    "InventoryItem",
    "InventoryLevel",
    "InventorySettings",
    "ItemFilter",
    "MovementFilter",
    "MovementType",
    "ReorderChanges",
    "Reservation",
    "ReservationStatus",
    "SkuTimeline",
    "StockCount",
    "StockDocument",
    "StockLevel",
    "StockLine",
    "StockMovement",
    "StoredItem",
    "StoredLevel",
    "Warehouse",
    "WarehouseChanges",
]


@dataclass(frozen=True, slots=True)
class StockCount:
    """The counted number of available units of a SKU in a warehouse; None is the default warehouse."""

    sku: str
    available: int
    warehouse_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class StockLine:
    """A quantity of a SKU, such as that of an order line, in a warehouse; None is the default warehouse."""

    sku: str
    quantity: int
    warehouse_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class AllocatedLine:
    """Units of a SKU that an order takes from a warehouse."""

    sku: str
    quantity: int
    warehouse_id: UUID


class AvailabilityStatus(StrEnum):
    """Whether units of a SKU can be bought now, and from what."""

    IN_STOCK = "IN_STOCK"
    BACKORDER = "BACKORDER"
    PREORDER = "PREORDER"
    UNAVAILABLE = "UNAVAILABLE"


@dataclass(frozen=True, slots=True)
class StockLevel:
    """The available units of a SKU, and those that may be sold beyond them. An untracked SKU is always available.

    `promised_at` is when units on backorder are expected; None if that is not known.
    """

    available: int
    is_tracked: bool
    backorder_room: int = 0
    backorder_kind: BackorderKind = BackorderKind.BACKORDER
    promised_at: datetime | None = None

    @property
    def sellable(self) -> int:
        """The units that can be bought now, those on backorder included."""
        return self.available + self.backorder_room

    def status(self, quantity: int) -> AvailabilityStatus:
        """Whether this many units can be bought now, and whether an order of them waits for some."""
        if not self.is_tracked or self.available >= quantity:
            return AvailabilityStatus.IN_STOCK
        return AvailabilityStatus(self.backorder_kind) if self.covers(quantity) else AvailabilityStatus.UNAVAILABLE

    def covers(self, quantity: int) -> bool:
        """Whether this many units can be sold."""
        return not self.is_tracked or self.sellable >= quantity


class ReorderChanges(TypedDict, total=False):
    """Changes to the reorder levels, the maximum and the location of a SKU. Absent fields do not change."""

    reorder_point: int
    reorder_quantity: int
    max_stock_threshold: int | None
    location: str | None


@dataclass(frozen=True, slots=True)
class StoredLevel:
    """The stock of a SKU in a warehouse, and the warehouse."""

    level: InventoryLevel
    warehouse: Warehouse


@dataclass(frozen=True, slots=True)
class StoredItem:
    """An item with its stock in one of its warehouses; None for one that is in none."""

    item: InventoryItem
    stored: StoredLevel | None


class WarehouseChanges(TypedDict, total=False):
    """The fields of a warehouse, or changes to it. Absent fields do not change, or have their defaults."""

    code: str | None
    name: str | None
    address_line_1: str | None
    address_line_2: str | None
    city: str | None
    province: str | None
    postal_code: str | None
    country: str | None
    priority: int | None
    countries: Sequence[str] | None
    is_active: bool | None
    is_default: bool | None
    is_pickup_point: bool | None


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """Conditions on stock, all of which must hold; None sets no condition. Low is at or below the reorder point."""

    available_at_most: int | None = None
    available_at_least: int | None = None
    is_low: bool | None = None
    is_reserved: bool | None = None
    product_id: UUID | None = None
    warehouse_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class MovementFilter:
    """Conditions on ledger entries, all of which must hold; None sets no condition. `until` is exclusive."""

    sku: str | None = None
    product_id: UUID | None = None
    warehouse_id: UUID | None = None
    type: MovementType | None = None
    types: Sequence[MovementType] | None = None
    reference: str | None = None
    performed_by: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class SkuTimeline:
    """A SKU with its owner, its stock in all and in each warehouse, its ledger, and its active reservations."""

    sku: str
    owner: SkuOwner | None
    item: InventoryItem | None
    levels: tuple[StoredLevel, ...]
    movements: tuple[StockMovement, ...]
    reservations: tuple[Reservation, ...]

    @property
    def available(self) -> int:
        """The available units by the sum of the ledger."""
        return sum(entry.available_delta for entry in self.movements)

    @property
    def reserved(self) -> int:
        """The reserved units by the sum of the ledger."""
        return sum(entry.reserved_delta for entry in self.movements)

    @property
    def in_reservations(self) -> int:
        """The units of the active reservations."""
        return sum(reservation.quantity for reservation in self.reservations)

    @property
    def is_consistent(self) -> bool:
        """Whether the stock in each warehouse equals the sums of its ledger and its reservations."""
        if self.item is None:
            return True
        stored = [_balances(each.level) for each in self.levels]
        sums = tuple(sum(column) for column in zip(*stored, strict=True)) or (0, 0, 0)
        return sums == _balances(self.item) and all(self._adds_up(each.level) for each in self.levels)

    def _adds_up(self, level: InventoryLevel) -> bool:
        entries = [entry for entry in self.movements if entry.warehouse_id == level.warehouse_id]
        reserved = sum(each.quantity for each in self.reservations if each.warehouse_id == level.warehouse_id)
        in_ledger = (
            sum(entry.available_delta for entry in entries),
            sum(entry.reserved_delta for entry in entries),
            sum(entry.quarantined_delta for entry in entries),
        )
        return in_ledger == _balances(level) and reserved == level.reserved_stock


def _balances(stock: InventoryItem | InventoryLevel) -> tuple[int, int, int]:
    return (stock.available_stock, stock.reserved_stock, stock.quarantined_stock)
