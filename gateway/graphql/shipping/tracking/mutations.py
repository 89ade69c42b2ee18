"""Mutations of the tracking of shipments, for staff."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.order.fulfilment.returned_parcels import RestockedUnits
from domains.shipping.tracking.models import NewTrackingEvent, TrackingStatus
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import command, from_input, requires
from gateway.graphql.order.inputs import KEY
from gateway.graphql.shipping.shipments.payloads import ShipmentOutcome
from gateway.graphql.shipping.tracking import types  # noqa: F401 - it describes the enum used here

MAY_UPDATE = requires(PermissionResource.ORDERS, PermissionAction.UPDATE)


@strawberry.input(description="An event of a shipment that staff enter.")
class ShipmentTrackingAddInput:
    """See ShipmentFollowing.add."""

    idempotency_key: str = strawberry.field(description=KEY)
    shipment_id: UUID = strawberry.field(
        description="The id of a dispatched shipment; one that is PENDING takes PRE_TRANSIT only."
    )
    status: TrackingStatus = strawberry.field(description="Where the parcel was from then on.")
    timestamp: datetime | None = strawberry.field(
        default=None,
        description=(
            "When it happened, at most 30 days before the shipment was packed and at most an hour ahead; null or "
            "absent: now."
        ),
    )
    location: str | None = strawberry.field(
        default=None, description="Where it happened, at most 255 characters; null or absent when it is not known."
    )
    description: str | None = strawberry.field(
        default=None, description="What happened, at most 1,000 characters, which the buyer sees too."
    )


@strawberry.input(description="Units of an order's line that came back with a parcel.")
class ShipmentReceiveBackLineInput:
    """See RestockedUnits."""

    order_item_id: UUID = strawberry.field(description="The id of a line of the order with units in the shipment.")
    restocked: int = strawberry.field(
        description="How many units can be sold again, 0 to those in the shipment. The others are written off."
    )


@strawberry.input(description="A shipment that came back to its sender, and what becomes of its goods.")
class ShipmentReceiveBackInput:
    """See ReturnedParcels.receive."""

    idempotency_key: str = strawberry.field(description=KEY)
    shipment_id: UUID = strawberry.field(description="The id of a shipment that is RETURNED_TO_SENDER.")
    warehouse_id: UUID = strawberry.field(description="The id of the active warehouse into which the units go.")
    lines: list[ShipmentReceiveBackLineInput] = strawberry.field(
        default_factory=list,
        description="The lines with units that cannot be sold again; all units of other lines go into the stock.",
    )


@strawberry.type(description="The result of `shipmentTrackingAdd`.")
class ShipmentTrackingAddPayload(ShipmentOutcome):
    """The shipment, or the errors."""


@strawberry.type(description="The result of `shipmentReceiveBack`.")
class ShipmentReceiveBackPayload(ShipmentOutcome):
    """The shipment, or the errors."""


@strawberry.type
class ShipmentTrackingMutation:
    """The fields of Mutation about the way of shipments."""

    @command(MAY_UPDATE, idempotent=True)
    async def shipment_tracking_add(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            ShipmentTrackingAddInput, strawberry.argument(description="The shipment, and what happened to it.")
        ],
    ) -> ShipmentTrackingAddPayload:
        """Enter what happened to a shipment, as its carrier's page shows it. Its order follows at once.

        The event with the latest time says where the shipment is. Goods that a buyer collects are
        AVAILABLE_FOR_PICKUP, and DELIVERED once they are collected.
        """
        context, new = info.context, from_input(NewTrackingEvent, input, exclude=("idempotency_key", "shipment_id"))
        shipment = await context.services.order.shipment_tracking.following.add(
            tx, context.actor, input.shipment_id, new
        )
        return ShipmentTrackingAddPayload.of(shipment)

    @command(MAY_UPDATE, idempotent=True)
    async def shipment_receive_back(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            ShipmentReceiveBackInput,
            strawberry.argument(description="The shipment, the warehouse, and the units that are written off."),
        ],
    ) -> ShipmentReceiveBackPayload:
        """Receive the goods of a shipment that came back before its delivery: into the stock, or written off.

        It moves no money: refund the order, or ship it again.
        """
        context, lines = info.context, [from_input(RestockedUnits, line) for line in input.lines]
        shipment = await context.services.order.shipment_tracking.returned.receive(
            tx, context.actor, input.shipment_id, lines, input.warehouse_id
        )
        return ShipmentReceiveBackPayload.of(shipment)
