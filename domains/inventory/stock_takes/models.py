"""Stock takes with their lines, and the inputs that start, count and filter them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from domains.inventory.data import StockTakeLineRow as StockTakeLine
from domains.inventory.data import StockTakeRow as StockTake
from domains.inventory.data import StockTakeStatus

__all__ = [
    "CountedLine",
    "CountedUnits",
    "StockTake",
    "StockTakeFilter",
    "StockTakeLine",
    "StockTakeStatus",
]


@dataclass(frozen=True, slots=True)
class CountedLine:
    """The number of units of a SKU that are in the warehouse, the reserved and the quarantined ones included."""

    sku: str
    counted: int


@dataclass(frozen=True, slots=True)
class CountedUnits:
    """A counted SKU: its units in the warehouse by the ledger when it was counted, and by the count."""

    inventory_id: UUID
    expected: int
    counted: int

    @property
    def difference(self) -> int:
        """The units that were found beyond the ledger's; below zero for missing ones."""
        return self.counted - self.expected


@dataclass(frozen=True, slots=True)
class StockTakeFilter:
    """Conditions on stock takes, all of which must hold; None sets no condition."""

    statuses: Sequence[StockTakeStatus] | None = None
    warehouse_id: UUID | None = None
