"""Queries of shipping labels and their parcels, for staff."""

from typing import Annotated
from uuid import UUID

import strawberry

from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import present, query
from gateway.graphql.shipping.labels.types import READS_ORDERS, ShippingLabel, TrackingEvent


@strawberry.type
class LabelQuery:
    """The fields of Query about shipping labels."""

    @query(READS_ORDERS)
    async def shipping_label(
        self,
        info: Info,
        id: Annotated[UUID, strawberry.argument(description="The id of a shipping label of this company.")],
    ) -> ShippingLabel | None:
        """A shipping label by its id; null when there is none."""
        context = info.context
        return present(ShippingLabel, await context.services.shipping.labels.find(context.reader, id))

    @query(READS_ORDERS)
    async def carrier_tracking(
        self,
        info: Info,
        label_id: Annotated[UUID, strawberry.argument(description="The id of a shipping label of this company.")],
    ) -> list[TrackingEvent]:
        """What the carrier says now of the parcel of a label, oldest first; empty before it has said anything.

        The carrier is asked while you wait, at most 15 seconds. `ShippingLabel.trackingStatus` is what it said last.
        """
        context = info.context
        shipping = context.services.shipping
        label = await shipping.labels.find(context.reader, label_id)
        return [
            TrackingEvent(
                status=event.status,
                occurred_at=event.occurred_at,
                description=event.description,
                location=event.location,
            )
            for event in await shipping.tracking.events(context.reader, label)
        ]
