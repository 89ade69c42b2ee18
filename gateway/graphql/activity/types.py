"""Logged activities in the API."""

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
    "What a visitor did, as the frontend reports it.",
    {
        ActivityAction.BUTTON_CLICK: "A button was pressed; `resource` is its name.",
        ActivityAction.PAGE_VIEW: "A page was opened; `resource` is its path.",
        ActivityAction.PRODUCT_VIEW: "A product page was opened; `resource` is the product's id.",
    },
)


@strawberry.type(
    description=(
        "An activity of a visitor, as a frontend reported it; it is not verified. Staff with ANALYTICS:READ see it."
    )
)
class ActivityLog(Node, model=models.ActivityLog):
    """The activity domain's ActivityLog."""

    user_id: UUID | None = strawberry.field(description="The id of the user; null for a guest.")
    action: ActivityAction = strawberry.field(
        description="What the visitor did; it decides the meaning of `resource`."
    )
    resource: str = strawberry.field(description="A product's id, a category's slug, a page's path, a button's name.")
    metadata: JSON = strawberry.field(
        description=(
            "A JSON object with details from the frontend, such as coordinates or a duration; empty when "
            "there are none."
        )
    )
    ip_address: str | None = strawberry.field(
        description="The IP address from which it was reported; null when it is unknown."
    )
    user_agent: str | None = strawberry.field(
        description="The user agent that reported it; null when the client sent none."
    )
    timestamp: datetime = strawberry.field(
        description="When the activity happened, by the visitor's clock, which may be wrong."
    )
    user: User | None = relation(
        "user_id", load_users, guard=READ_USERS, description="The user; null for a guest. Requires USERS:READ."
    )
    product: Product | None = relation(
        "product_id",
        load_products,
        description="The product of a PRODUCT_VIEW; null for other actions, and when you may not see the product.",
    )
