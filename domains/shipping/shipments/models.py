"""Shipments of orders as the domain shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from uuid import UUID

from domains.shipping.data import ShipmentLineRow as ShipmentLine
from domains.shipping.data import ShipmentRow as Shipment
from domains.shipping.data import ShipmentStatus, ShipmentUpdate
from domains.shipping.parcel_events import TrackingStatus

__all__ = [
    "NewShipment",
    "PackedUnits",
    "Shipment",
    "ShipmentFacts",
    "ShipmentFilter",
    "ShipmentLine",
    "ShipmentStatus",
    "ShipmentUpdate",
    "number_of",
    "status_of",
]

BY_TRACKING: Final = {
    TrackingStatus.OUT_FOR_DELIVERY: ShipmentStatus.OUT_FOR_DELIVERY,
    TrackingStatus.AVAILABLE_FOR_PICKUP: ShipmentStatus.READY_FOR_PICKUP,
    TrackingStatus.DELIVERED: ShipmentStatus.DELIVERED,
    TrackingStatus.EXCEPTION: ShipmentStatus.EXCEPTION,
    TrackingStatus.RETURN_TO_SENDER: ShipmentStatus.RETURNED_TO_SENDER,
    TrackingStatus.LOST: ShipmentStatus.LOST,
}
# The shipments whose units were sent back or lost before their delivery.
SENT_BACK: Final = frozenset({ShipmentStatus.RETURNED_TO_SENDER, ShipmentStatus.LOST})
# The shipments whose way has ended.
ENDED: Final = SENT_BACK | {ShipmentStatus.DELIVERED, ShipmentStatus.CANCELLED}


@dataclass(frozen=True, slots=True)
class PackedUnits:
    """Units of a line of an order in a shipment."""

    order_item_id: UUID
    sku: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewShipment:
    """A shipment to create for a locked order. The columns of `details` take the place of the defaults."""

    order_id: UUID
    position: int
    lines: Sequence[PackedUnits]
    warehouse_id: UUID | None
    carrier_id: UUID | None = None
    carrier_name: str | None = None
    method_id: UUID | None = None
    method_name: str | None = None
    origin: Mapping[str, str] | None = None
    destination_id: UUID | None = None
    estimated_delivery_date: date | None = None
    details: ShipmentUpdate = field(default_factory=ShipmentUpdate)
    is_dispatched: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentFilter:
    """Conditions on shipments, all of which must hold; None sets no condition."""

    statuses: Sequence[ShipmentStatus] | None = None
    warehouse_id: UUID | None = None
    carrier_id: UUID | None = None
    order_ids: Sequence[UUID] | None = None
    tracking_number: str | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None
    shipped_from: datetime | None = None
    shipped_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class ShipmentFacts:
    """The facts of a shipment: when it was cancelled or dispatched, and its latest event at the carrier's time."""

    cancelled_at: datetime | None = None
    shipped_at: datetime | None = None
    tracking_status: TrackingStatus | None = None


def status_of(facts: ShipmentFacts) -> ShipmentStatus:
    """The status of a shipment, a function of its facts. Pure."""
    if facts.cancelled_at is not None:
        return ShipmentStatus.CANCELLED
    if facts.shipped_at is None:
        return ShipmentStatus.PENDING
    if facts.tracking_status is None:
        return ShipmentStatus.IN_TRANSIT
    return BY_TRACKING.get(facts.tracking_status, ShipmentStatus.IN_TRANSIT)


def number_of(order_number: str, position: int) -> str:
    """The number of a shipment, by which people refer to it: that of its order, and its position there."""
    return f"{order_number}-{position}"
