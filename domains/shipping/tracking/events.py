"""The events of the tracking of shipments."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from domains.shipping.shipments.events import ShipmentEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentTracked(ShipmentEvent):
    """New events of a shipment were stored, from its carrier or from staff. `status` is that of the newest of them.

    The shipment and its order follow; ShipmentStatusChanged tells where it is then.
    """

    topic: ClassVar[str] = "shipment.tracked"
    status: str
    tracked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentStatusChanged(ShipmentEvent):
    """The way of a shipment changed its status; see `ShipmentStatus`."""

    topic: ClassVar[str] = "shipment.status_changed"
    from_status: str
    to_status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentReceivedBack(ShipmentEvent):
    """The goods of a shipment that was returned to its sender were received: put into stock, or written off."""

    topic: ClassVar[str] = "shipment.received_back"
    warehouse_id: UUID
    restocked: int
    written_off: int
