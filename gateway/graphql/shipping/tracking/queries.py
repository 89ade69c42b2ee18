"""The query by which anyone with the number of a parcel and the e-mail address of its order follows it."""

from datetime import date, datetime, timedelta
from typing import Annotated, Final

import strawberry

from domains.kernel.quotas import Quota
from domains.order.errors import OrderNotFound
from domains.order.fulfilment.lookup import TrackedParcel
from domains.shipping.shipments.models import ShipmentStatus
from domains.shipping.tracking.models import TrackingStatus
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import PUBLIC, query
from gateway.graphql.shipping.shipments import types as _shipments  # noqa: F401 - it describes ShipmentStatus
from gateway.graphql.shipping.tracking import types as _types  # noqa: F401 - it describes TrackingStatus

# Numbers of orders are counted, so that they are easy to guess; addresses are not.
UNKNOWN_PARCELS: Final = Quota("lookups of parcels that found none", 20, timedelta(minutes=10))


@strawberry.type(description="Something that happened to a parcel.")
class TrackedShipmentEvent:
    """What its recipient may know of an event."""

    status: TrackingStatus = strawberry.field(description="Where the parcel was from then on.")
    timestamp: datetime = strawberry.field(description="When it happened, at the carrier's time.")
    location: str = strawberry.field(description="Where it happened; empty when it is not known.")
    description: str = strawberry.field(description="What happened, in the words of the carrier or staff, or empty.")


@strawberry.type(description="Units of a product in a parcel.")
class TrackedShipmentLine:
    """A name and a quantity."""

    product_name: str = strawberry.field(description="The name of the product at the time of the order.")
    variant_name: str | None = strawberry.field(
        description="The name of the variant at the time of the order; null for a product without variants."
    )
    quantity: int = strawberry.field(description="The number of units in the parcel.")


@strawberry.type(
    description="A parcel for anyone with its number and the e-mail address of the order: no addresses, no prices."
)
class TrackedShipment:
    """What the recipient of a parcel may know of it."""

    number: str = strawberry.field(description="The number of the shipment: the order's, and its place in the order.")
    status: ShipmentStatus = strawberry.field(description="Where the parcel is now.")
    carrier: str | None = strawberry.field(description="The name of the carrier; null when it is not known.")
    tracking_number: str | None = strawberry.field(
        description="The number by which the carrier tracks it; null when there is none."
    )
    tracking_url: str | None = strawberry.field(
        description="The page on which the carrier shows where it is; null when there is none."
    )
    estimated_delivery_date: date | None = strawberry.field(
        description="The last day on which its delivery is expected; null without an estimate."
    )
    shipped_at: datetime | None = strawberry.field(description="When it left the warehouse; null before.")
    delivered_at: datetime | None = strawberry.field(description="When it was delivered; null before.")
    lines: list[TrackedShipmentLine] = strawberry.field(description="The goods in it.")
    events: list[TrackedShipmentEvent] = strawberry.field(
        description="What happened to it, oldest first at the carrier's time."
    )


def _shown(parcel: TrackedParcel) -> TrackedShipment:
    shipment = parcel.shipment
    return TrackedShipment(
        number=parcel.number,
        status=shipment.status,
        carrier=shipment.carrier_name,
        tracking_number=shipment.tracking_number,
        tracking_url=shipment.tracking_url,
        estimated_delivery_date=shipment.estimated_delivery_date,
        shipped_at=shipment.shipped_at,
        delivered_at=shipment.delivered_at,
        lines=[
            TrackedShipmentLine(
                product_name=each.item.product_name, variant_name=each.item.variant_name, quantity=each.quantity
            )
            for each in parcel.units
        ],
        events=[
            TrackedShipmentEvent(
                status=each.status, timestamp=each.timestamp, location=each.location, description=each.description
            )
            for each in parcel.events
        ],
    )


@strawberry.type
class TrackShipmentQuery:
    """The field of Query."""

    @query(PUBLIC)
    async def track_shipment(
        self,
        info: Info,
        number: Annotated[
            str,
            strawberry.argument(
                description="The number of the shipment (`2026-000042-1`), its tracking number, or the order number."
            ),
        ],
        email: Annotated[
            str, strawberry.argument(description="The e-mail address of the order; capital letters do not matter.")
        ],
    ) -> list[TrackedShipment]:
        """Follow the parcels of an order without an account: one by its number, or all by the order number.

        Empty for a number that does not exist, for another address, and before there are parcels: the answers do not
        differ. After 20 lookups in ten minutes from one network address that found nothing, more are refused.
        """
        context, lookup = info.context, info.context.services.order.shipment_tracking.lookup
        source = (context.cache, context.actor.company_id, context.request.ip)
        try:
            async with UNKNOWN_PARCELS.count_failures(OrderNotFound, *source):
                found = await lookup.find(context.reader, number, email)
        except OrderNotFound:
            return []
        return [_shown(parcel) for parcel in found]
