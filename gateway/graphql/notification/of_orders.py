"""The field of an order with its notifications."""

from typing import TYPE_CHECKING, Annotated, Final

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.core.fields import relation, requires
from gateway.graphql.notification.loaders import load_order_notifications

if TYPE_CHECKING:
    from gateway.graphql.notification.types import Notification

LazyNotification = Annotated["Notification", strawberry.lazy("gateway.graphql.notification.types")]
SEES_ORDERS: Final = requires(PermissionResource.ORDERS, PermissionAction.READ)
ORDER_NOTIFICATIONS: Final = relation(
    "id",
    load_order_notifications,
    many=True,
    size=5,
    guard=SEES_ORDERS,
    description=(
        "The latest notifications about the order, to the buyer and to staff, newest first, at most 100. Requires "
        "ORDERS:READ."
    ),
)
