"""The inputs of shipments."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import strawberry

from domains.order.fulfilment.packed_units import ParcelUnits
from domains.order.fulfilment.parcels import NewParcel
from domains.shipping.shipments.details import ParcelDetails
from domains.shipping.shipments.models import ShipmentStatus
from gateway.graphql.core.fields import from_input, input_values
from gateway.graphql.order.inputs import KEY
from gateway.graphql.shipping.shipments import types  # noqa: F401 - it describes the enum used here

UNSET: Any = strawberry.UNSET
DETAILS: Final = frozenset(ParcelDetails.__annotations__)
PENDING_ID = "The id of a PENDING shipment of this company."


@strawberry.input(description="Units of an order's line in a shipment.")
class ShipmentLineInput:
    """A line and its units."""

    order_item_id: UUID = strawberry.field(description="The id of a line of the order that is shipped; each once.")
    quantity: int = strawberry.field(description="The number of units, at least 1 and at most those that are left.")


@strawberry.input(description="What is known of a parcel. Absent fields do not change; null removes a value.")
class ParcelFields:
    """A label, or the carrier with the tracking, the weight and the cost. Not a type of the API itself."""

    label_id: UUID | None = strawberry.field(
        default=UNSET,
        description=(
            "The id of a PURCHASED shipping label of the order that no other shipment has. It gives the carrier, the "
            "tracking number, the weight and the cost, which are then left out."
        ),
    )
    carrier_id: UUID | None = strawberry.field(
        default=UNSET, description="The id of a carrier of the company; by default that of the order's method."
    )
    tracking_number: str | None = strawberry.field(
        default=UNSET,
        description=(
            "The number by which the carrier tracks it: 4 to 64 letters, digits, `.`, `/` and `-`, unique for the "
            "carrier."
        ),
    )
    tracking_url: str | None = strawberry.field(
        default=UNSET, description="The page on which the carrier shows where it is."
    )
    weight: Decimal | None = strawberry.field(
        default=UNSET, description="The weight in kg, above 0 and at most 1,000, with at most three decimals."
    )
    cost: Decimal | None = strawberry.field(
        default=UNSET, description="What the carrier charges for it, in the currency of the order; 0 or more."
    )
    estimated_delivery_date: date | None = strawberry.field(
        default=UNSET, description="The last day on which its delivery is expected; by default that of the order."
    )

    def as_details(self) -> ParcelDetails:
        """The details for the domain: the fields that are given."""
        given: Any = {name: value for name, value in input_values(self).items() if name in DETAILS}
        details: ParcelDetails = given
        return details


@strawberry.input(description="A shipment to make of an order that is CONFIRMED, PAID or PROCESSING.")
class ShipmentCreateInput(ParcelFields):
    """A shipment."""

    idempotency_key: str = strawberry.field(description=KEY)
    order_id: UUID = strawberry.field(description="The id of an order with units that are left to pack.")
    lines: list[ShipmentLineInput] | None = strawberry.field(
        default=None,
        description="The units in it, 1 to 250 lines; null or absent: all that are left, without refunded ones.",
    )
    warehouse_id: UUID | None = strawberry.field(
        default=None,
        description="The id of the warehouse that sends it; by default the only one with the units for the order.",
    )
    is_dispatched: bool = strawberry.field(
        default=True,
        description="True: it leaves now, and its units the stock. False: it is PENDING, its units reserved.",
    )

    def as_new(self) -> NewParcel:
        """The shipment for the domain."""
        return NewParcel(
            order_id=self.order_id,
            lines=None if self.lines is None else [from_input(ParcelUnits, line) for line in self.lines],
            warehouse_id=self.warehouse_id,
            details=self.as_details(),
            is_dispatched=self.is_dispatched,
        )


@strawberry.input(description="Changes to a shipment that is not delivered.")
class ShipmentUpdateInput(ParcelFields):
    """Changes."""

    shipment_id: UUID = strawberry.field(description="The id of a shipment that is not delivered, lost or cancelled.")


@strawberry.input(description="A shipment that leaves its warehouse.")
class ShipmentDispatchInput(ParcelFields):
    """A packed shipment."""

    shipment_id: UUID = strawberry.field(description=PENDING_ID)


@strawberry.input(description="A shipment to unpack.")
class ShipmentCancelInput:
    """A packed shipment."""

    shipment_id: UUID = strawberry.field(description=PENDING_ID)


@strawberry.input(description="Units of a shipment that go into a new one.")
class ShipmentSplitInput:
    """A packed shipment and the units to take out of it."""

    idempotency_key: str = strawberry.field(description=KEY)
    shipment_id: UUID = strawberry.field(description=PENDING_ID)
    lines: list[ShipmentLineInput] = strawberry.field(
        description="The units of the new shipment, 1 to 250 lines; at least one unit stays."
    )


@strawberry.input(description="Conditions on shipments, all of which must hold.")
class ShipmentFilterInput:
    """See ShipmentFilter."""

    statuses: list[ShipmentStatus] | None = strawberry.field(
        default=None, description="Shipments with one of these statuses."
    )
    warehouse_id: UUID | None = strawberry.field(default=None, description="Shipments that this warehouse sends.")
    carrier_id: UUID | None = strawberry.field(default=None, description="Shipments that this carrier delivers.")
    order_number: str | None = strawberry.field(
        default=None, description="Shipments of the order with this number, in its exact case."
    )
    tracking_number: str | None = strawberry.field(
        default=None, description="Shipments with this tracking number, in upper case."
    )
    created_from: datetime | None = strawberry.field(default=None, description="Shipments packed from this time on.")
    created_before: datetime | None = strawberry.field(default=None, description="Shipments packed before this time.")
    shipped_from: datetime | None = strawberry.field(
        default=None, description="Shipments dispatched from this time on."
    )
    shipped_before: datetime | None = strawberry.field(
        default=None, description="Shipments dispatched before this time."
    )
