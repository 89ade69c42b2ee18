"""The events of shipments in the API."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final
from uuid import UUID

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.shipping.parcel_events import TrackingSource
from domains.shipping.tracking import models
from domains.shipping.tracking.models import TrackingStatus
from gateway.graphql.auth.loaders import load_users
from gateway.graphql.core.context import Context
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import guarded, relation, requires
from gateway.graphql.engine.loading import many_per_key
from gateway.graphql.shipping.labels import types as _labels  # noqa: F401 - it describes TrackingStatus

if TYPE_CHECKING:
    from gateway.graphql.auth.types import User

SEES_ORDERS: Final = requires(PermissionResource.ORDERS, PermissionAction.READ)
SEES_USERS: Final = requires(PermissionResource.USERS, PermissionAction.READ)
LazyUser = Annotated["User", strawberry.lazy("gateway.graphql.auth.types")]

describe(
    TrackingSource,
    "Who told an event of a shipment.",
    {
        TrackingSource.WEBHOOK: "The carrier, by its webhook.",
        TrackingSource.POLL: "The carrier, when it was asked.",
        TrackingSource.MANUAL: "Staff, who entered it by `shipmentTrackingAdd`, or by setting an order to DELIVERED.",
    },
)


@strawberry.type(
    description=(
        "Something that happened to the parcel of a shipment, as its carrier or staff told it. No two of a shipment "
        "have the same status, time and place. The buyer sees them too."
    )
)
class ShipmentTracking:
    """An event at the carrier's time."""

    shipment_id: UUID = strawberry.field(description="The id of the shipment whose parcel it happened to.")
    status: TrackingStatus = strawberry.field(description="Where the parcel was from then on.")
    timestamp: datetime = strawberry.field(description="When it happened, at the carrier's time.")
    location: str = strawberry.field(description="Where it happened; empty when it is not known.")
    description: str = strawberry.field(description="What happened, in the words of the carrier or staff, or empty.")
    created_at: datetime = strawberry.field(description="When it was received here, which may be much later.")
    source: TrackingSource | None = guarded(SEES_ORDERS, "source", description="Who told it. Requires ORDERS:READ.")
    created_by: UUID | None = guarded(
        SEES_USERS,
        "created_by",
        description="The id of the user who entered it; null for one of a carrier. Requires USERS:READ.",
    )
    created_by_user: LazyUser | None = relation(
        "created_by",
        load_users,
        guard=SEES_USERS,
        description="The user who entered it; null for one of a carrier. Requires USERS:READ.",
    )


async def load_events(context: Context, keys: Sequence[UUID]) -> Sequence[list[models.ShipmentTracking]]:
    """The events of shipments, by the ids of the shipments."""
    rows = await context.services.shipping.tracking_records.of_shipments(context.reader, keys)
    return many_per_key(keys, rows, lambda row: row.shipment_id)


SHIPMENT_EVENTS: Final = relation(
    "id",
    load_events,
    many=True,
    size=6,
    description="What happened to its parcel, oldest first at the carrier's time, however late it was told.",
)
"""The field of a shipment."""
