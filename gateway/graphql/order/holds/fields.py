"""The fields of an order about its hold."""

from typing import Final

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.core.fields import guarded, requires

SEES_ORDERS: Final = requires(PermissionResource.ORDERS, PermissionAction.READ)

HELD_AT: Final = strawberry.field(
    description="Since when staff hold its shipment back (`orderHold`); null when it is not on hold."
)
HOLD_REASON: Final = guarded(
    SEES_ORDERS,
    "hold_reason",
    description="Why its shipment is held back; null when it is not on hold. Requires ORDERS:READ.",
)
