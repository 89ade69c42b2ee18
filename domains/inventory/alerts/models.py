"""Stock alerts and the inputs that filter them."""

from dataclasses import dataclass
from uuid import UUID

from domains.inventory.data import StockAlertKind
from domains.inventory.data import StockAlertRow as StockAlert

__all__ = ["StockAlert", "StockAlertFilter", "StockAlertKind"]


@dataclass(frozen=True, slots=True)
class StockAlertFilter:
    """Conditions on alerts, all of which must hold; None sets no condition."""

    kind: StockAlertKind | None = None
    is_open: bool | None = None
    inventory_id: UUID | None = None
    sku: str | None = None
