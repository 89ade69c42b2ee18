"""What visitors did, as administrators see it."""

from datetime import datetime
from uuid import UUID

import strawberry

from domains.activity import models
from domains.activity.models import ActivityAction
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.auth.loaders import load_users
from gateway.graphql.auth.types import User
from gateway.graphql.catalog.loaders import load_products
from gateway.graphql.catalog.types import Product
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import relation, requires
from gateway.graphql.core.node import Node
from gateway.graphql.core.scalars import JSON

READ_USERS = requires(PermissionResource.USERS, PermissionAction.READ)

describe(
    ActivityAction,
    "What a visitor did.",
    {
        ActivityAction.BUTTON_CLICK: "Pressed something.",
        ActivityAction.PAGE_VIEW: "Looked at a page.",
        ActivityAction.PRODUCT_VIEW: "Looked at a product.",
    },
)


@strawberry.type(description="One thing that a visitor did in a frontend. Frontends say so; nothing proves it.")
class ActivityLog(Node, model=models.ActivityLog):
    """The activity domain's ActivityLog."""

    user_id: UUID | None = strawberry.field(description="The id of the user; null for a guest.")
    action: ActivityAction = strawberry.field(description="What was done.")
    resource: str = strawberry.field(description="A product's id, a category's slug, a page's path, a button's name.")
    metadata: JSON = strawberry.field(description="What the frontend added: the button, coordinates, a duration.")
    ip_address: str | None = strawberry.field(description="The address that reported it.")
    user_agent: str | None = strawberry.field(description="The program that reported it.")
    timestamp: datetime = strawberry.field(description="When it was done, as far as the visitor's clock is right.")
    user: User | None = relation(
        "user_id", load_users, guard=READ_USERS, description="The signed-in user who did it; null for a guest."
    )
    product: Product | None = relation(
        "product_id", load_products, description="The product of a PRODUCT_VIEW, while it is there."
    )
