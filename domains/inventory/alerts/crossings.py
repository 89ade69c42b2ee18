"""Which limits the stock of an item crosses with a change; pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

from domains.inventory.alerts.models import StockAlertKind

LOW: Final = StockAlertKind.LOW
OUT: Final = StockAlertKind.OUT
OVERSTOCK: Final = StockAlertKind.OVERSTOCK
STALE: Final = StockAlertKind.STALE


class Balances(Protocol):
    """The stock of an item, and its limits."""

    @property
    def available_stock(self) -> int:
        """The available units."""
        ...

    @property
    def total_stock(self) -> int:
        """All units on hand."""
        ...

    @property
    def reorder_point(self) -> int:
        """The available units at or below which the item is low."""
        ...

    @property
    def max_stock_threshold(self) -> int | None:
        """The units on hand above which the item is overstocked; None for no limit."""
        ...


@dataclass(frozen=True, slots=True)
class StockBefore:
    """The stock and limits of an item before a change."""

    available_stock: int
    total_stock: int
    reorder_point: int
    max_stock_threshold: int | None


@dataclass(frozen=True, slots=True)
class Crossing:
    """The conditions that a change of an item began and ended."""

    item_id: UUID
    sku: str
    begun: frozenset[StockAlertKind]
    ended: frozenset[StockAlertKind]


def conditions(stock: Balances) -> frozenset[StockAlertKind]:
    """The conditions that hold for an item: OUT without available units, LOW at or below the reorder point.

    OVERSTOCK above the maximum. STALE depends on time, see `stale`.
    """
    holds = {
        LOW: stock.available_stock <= stock.reorder_point,
        OUT: stock.available_stock <= 0,
        OVERSTOCK: stock.max_stock_threshold is not None and stock.total_stock > stock.max_stock_threshold,
    }
    return frozenset(kind for kind, is_held in holds.items() if is_held)


def crossing(item_id: UUID, sku: str, before: Balances, after: Balances) -> Crossing:
    """What a change from `before` to `after` began and ended."""
    held, holds = conditions(before), conditions(after)
    return Crossing(item_id, sku, holds - held, held - holds)


def begun(crossings: Iterable[Crossing], kind: StockAlertKind) -> list[str]:
    """The SKUs for which a condition began, in order."""
    return sorted(each.sku for each in crossings if kind in each.begun)
