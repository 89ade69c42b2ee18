"""The events of purchase orders."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domains.inventory.transfers.events import TransferredUnits
from domains.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseOrderEvent(Event):
    """The base of the events about one purchase order."""

    purchase_order_id: UUID
    number: str
    warehouse_id: UUID

    @property
    def aggregate_id(self) -> UUID:
        """The purchase order."""
        return self.purchase_order_id


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseOrderCreated(PurchaseOrderEvent):
    """A purchase order was drafted."""

    topic: ClassVar[str] = "purchase_order.created"


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseOrderPlaced(PurchaseOrderEvent):
    """A purchase order was placed with the supplier; its units are incoming."""

    topic: ClassVar[str] = "purchase_order.placed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseOrderReceived(PurchaseOrderEvent):
    """Units of a purchase order were delivered; `is_complete` when no more are expected."""

    topic: ClassVar[str] = "purchase_order.received"
    lines: list[TransferredUnits]
    is_complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseOrderCancelled(PurchaseOrderEvent):
    """A purchase order was cancelled; no more units are expected."""

    topic: ClassVar[str] = "purchase_order.cancelled"
