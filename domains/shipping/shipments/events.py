"""The events of shipments."""

from dataclasses import dataclass
from typing import ClassVar, TypedDict
from uuid import UUID

from domains.kernel.events import Event


class ShippedUnits(TypedDict):
    """Units of an order's line in a shipment."""

    order_item_id: UUID
    sku: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentEvent(Event):
    """The base of the events about one shipment; `position` is its number in its order."""

    shipment_id: UUID
    order_id: UUID
    position: int

    @property
    def aggregate_id(self) -> UUID:
        """The shipment."""
        return self.shipment_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentCreated(ShipmentEvent):
    """Units of an order were packed into a shipment of one warehouse; they are still in stock, and reserved."""

    topic: ClassVar[str] = "shipment.created"
    warehouse_id: UUID | None
    lines: list[ShippedUnits]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentDispatched(ShipmentEvent):
    """A shipment left its warehouse, and its units the stock."""

    topic: ClassVar[str] = "shipment.dispatched"
    warehouse_id: UUID | None
    carrier_id: UUID | None
    tracking_number: str | None
    lines: list[ShippedUnits]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentUpdated(ShipmentEvent):
    """The carrier, the tracking, the weight or the cost of a shipment changed; `changed` names the fields."""

    topic: ClassVar[str] = "shipment.updated"
    changed: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentDivided(ShipmentEvent):
    """Units of a pending shipment went over into a new one of the same order."""

    topic: ClassVar[str] = "shipment.divided"
    new_shipment_id: UUID
    lines: list[ShippedUnits]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentCancelled(ShipmentEvent):
    """A pending shipment was unpacked. Its units stay reserved for the order, unless the order was cancelled."""

    topic: ClassVar[str] = "shipment.cancelled"
