"""Stock transfers with their lines, and the inputs that create, change, receive and filter them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypedDict
from uuid import UUID

from domains.inventory.data import StockTransferLineRow as StockTransferLine
from domains.inventory.data import StockTransferRow as StockTransfer
from domains.inventory.data import StockTransferStatus
from domains.inventory.models import StockLine

__all__ = [
    "NewStockTransfer",
    "ReceivedLine",
    "StockTransfer",
    "StockTransferChanges",
    "StockTransferFilter",
    "StockTransferLine",
    "StockTransferStatus",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStockTransfer:
    """A transfer to draft: units of SKUs, each once, from one warehouse to another."""

    from_warehouse_id: UUID
    to_warehouse_id: UUID
    lines: Sequence[StockLine]
    reference: str | None = None
    note: str | None = None
    expected_on: date | None = None


class StockTransferChanges(TypedDict, total=False):
    """Changes to a transfer. Absent fields do not change; `lines` replaces all lines, of a draft only."""

    lines: Sequence[StockLine]
    reference: str | None
    note: str | None
    expected_on: date | None


@dataclass(frozen=True, slots=True)
class ReceivedLine:
    """Units of a SKU that arrived, and units that are lost, with the reason."""

    sku: str
    received: int
    lost: int = 0
    lost_reason: str | None = None


@dataclass(frozen=True, slots=True)
class StockTransferFilter:
    """Conditions on transfers, all of which must hold; None sets no condition."""

    statuses: Sequence[StockTransferStatus] | None = None
    from_warehouse_id: UUID | None = None
    to_warehouse_id: UUID | None = None
    sku: str | None = None
