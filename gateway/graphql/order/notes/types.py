"""The notes of staff on orders in the API."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final
from uuid import UUID

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.order import models
from gateway.graphql.auth.loaders import load_users
from gateway.graphql.core.context import Context
from gateway.graphql.core.fields import guarded, relation, requires
from gateway.graphql.core.node import Node
from gateway.graphql.engine.loading import many_per_key

if TYPE_CHECKING:
    from gateway.graphql.auth.types import User

SEES_USERS: Final = requires(PermissionResource.USERS, PermissionAction.READ)
LazyUser = Annotated["User", strawberry.lazy("gateway.graphql.auth.types")]


@strawberry.type(
    description="A note of staff on an order. Internal ones require ORDERS:READ; the buyer sees the others too."
)
class OrderNote(Node, model=models.OrderNote):
    """A note with its author."""

    order_id: UUID = strawberry.field(description="The id of the order to which staff have added it.")
    note: str = strawberry.field(description="The text, 1 to 5,000 characters; it may have several lines.")
    is_internal: bool = strawberry.field(description="Whether it is for staff alone; false: the buyer sees it too.")
    created_at: datetime = strawberry.field(description="When it was written.")
    updated_at: datetime = strawberry.field(description="When its text or `isInternal` last changed.")
    created_by: UUID | None = guarded(
        SEES_USERS,
        "created_by",
        description="The id of the user who wrote it; null for the platform. Requires USERS:READ.",
    )
    created_by_user: LazyUser | None = relation(
        "created_by",
        load_users,
        guard=SEES_USERS,
        description="The user who wrote it; null for the platform. Requires USERS:READ.",
    )


async def load_notes(context: Context, keys: Sequence[UUID]) -> Sequence[list[models.OrderNote]]:
    """The notes on orders that the actor may see."""
    rows = await context.services.order.notes.of_orders(context.reader, context.actor, keys)
    return many_per_key(keys, rows, lambda row: row.order_id)


ORDER_NOTES: Final = relation(
    "id",
    load_notes,
    many=True,
    size=2,
    description=(
        "The notes of staff, oldest first: with ORDERS:READ all, for the buyer those that are not internal. `notes` "
        "is the buyer's own from the checkout."
    ),
)
"""The field of an order."""
