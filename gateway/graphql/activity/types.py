"""Logged activities in the API."""

from datetime import datetime
from uuid import UUID

import strawberry

from domains.activity.models import ActivityAction
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.auth.loaders import load_users
from gateway.graphql.auth.types import User
from gateway.graphql.catalog.loaders import load_products
from gateway.graphql.catalog.types import Product
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import relation, requires
from gateway.graphql.core.scalars import JSON

READ_USERS = requires(PermissionResource.USERS, PermissionAction.READ)

describe(
    ActivityAction,
    "The kind of an activity.",
    {
        ActivityAction.BUTTON_CLICK: "A press of a button.",
        ActivityAction.PAGE_VIEW: "A view of a page.",
        ActivityAction.PRODUCT_VIEW: "A view of a product.",
    },
)


@strawberry.type(description="An activity of a visitor, as a frontend reported it; it is not verified.")
class ActivityLog:
    """The activity domain's ActivityLog."""

    id: UUID = strawberry.field(description="The id of the activity.")
    user_id: UUID | None = strawberry.field(description="The id of the user; null for a guest.")
    action: ActivityAction = strawberry.field(description="The kind of activity.")
    resource: str = strawberry.field(description="A product's id, a category's slug, a page's path, a button's name.")
    metadata: JSON = strawberry.field(
        description="Details from the frontend, such as the button, coordinates or a duration."
    )
    ip_address: str | None = strawberry.field(description="The IP address of the report.")
    user_agent: str | None = strawberry.field(description="The user agent of the report.")
    timestamp: datetime = strawberry.field(
        description="When the activity happened, by the visitor's clock, which may be wrong."
    )
    user: User | None = relation("user_id", load_users, guard=READ_USERS, description="The user; null for a guest.")
    product: Product | None = relation(
        "product_id", load_products, description="The product of a PRODUCT_VIEW; null when it no longer exists."
    )
