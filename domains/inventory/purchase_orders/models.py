"""Purchase orders with their lines, and the inputs that create, receive and filter them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from domains.inventory.data import PurchaseOrderLineRow as PurchaseOrderLine
from domains.inventory.data import PurchaseOrderRow as PurchaseOrder
from domains.inventory.data import PurchaseOrderStatus

__all__ = [
    "NewPurchaseOrder",
    "OrderedLine",
    "PurchaseOrder",
    "PurchaseOrderFilter",
    "PurchaseOrderLine",
    "PurchaseOrderStatus",
    "ReceivedUnits",
    "RestockSuggestion",
]


@dataclass(frozen=True, slots=True)
class OrderedLine:
    """Units of a SKU to order, and the cost of one before tax; None if it is not known."""

    sku: str
    quantity: int
    unit_cost: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPurchaseOrder:
    """A purchase order to draft. Costs are in `currency`."""

    warehouse_id: UUID
    supplier_name: str
    currency: str
    lines: Sequence[OrderedLine]
    supplier_contact: str | None = None
    supplier_reference: str | None = None
    note: str | None = None
    expected_on: date | None = None


@dataclass(frozen=True, slots=True)
class ReceivedUnits:
    """Units of a SKU that were delivered."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class PurchaseOrderFilter:
    """Conditions on purchase orders, all of which must hold; None sets no condition."""

    statuses: Sequence[PurchaseOrderStatus] | None = None
    warehouse_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class RestockSuggestion:
    """A SKU at or below its reorder point: its available and incoming units, and how many to order."""

    inventory_id: UUID
    available: int
    incoming: int
    quantity: int
