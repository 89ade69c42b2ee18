"""Reviews in the API."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.review import models
from domains.review.models import ReviewStatus
from gateway.answers.dependencies import ON_REVIEWS
from gateway.graphql.auth.loaders import load_users
from gateway.graphql.catalog.loaders import load_products
from gateway.graphql.catalog.types import Product
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import relation, requires
from gateway.graphql.core.node import Node
from gateway.graphql.review.loaders import load_author_names

if TYPE_CHECKING:
    from gateway.graphql.auth.types import User

describe(
    ReviewStatus,
    "The visibility of a review.",
    {
        ReviewStatus.PUBLISHED: "Visible to everyone and counted in the product's rating.",
        ReviewStatus.HIDDEN: "Visible to its author and to moderators only, and not counted in the product's rating.",
    },
)
READ_USERS = requires(PermissionResource.USERS, PermissionAction.READ)
Author = Annotated["User", strawberry.lazy("gateway.graphql.auth.types")]


@strawberry.type(description="A customer's review of a product.")
class Review(Node, model=models.Review, depends_on=ON_REVIEWS):
    """A review."""

    product_id: UUID = strawberry.field(description="The id of the reviewed product.")
    rating: int = strawberry.field(description="A whole number from 1 (worst) to 5 (best).")
    title: str | None = strawberry.field(description="The headline in plain text; null when there is none.")
    comment: str | None = strawberry.field(
        description="The text of the review in plain text; null when there is none."
    )
    status: ReviewStatus = strawberry.field(
        description="Whether everyone sees the review, or only its author and moderators."
    )
    is_verified_purchase: bool = strawberry.field(
        description="Whether the author has a paid order of the product that was neither cancelled nor refunded."
    )
    helpful_count: int = strawberry.field(description="The number of users who voted that the review is helpful.")
    created_at: datetime = strawberry.field(description="When the review was written.")
    updated_at: datetime = strawberry.field(description="When the review was last edited; votes do not change it.")
    author_name: str = relation(
        "user_id",
        load_author_names,
        description=(
            "The author's public name: first name and initial, such as `Ann B.`, or `A customer` without a name."
        ),
    )
    user: Author | None = relation(
        "user_id",
        load_users,
        guard=READ_USERS,
        description="The author; null when the account no longer exists. Requires USERS:READ.",
    )
    product: Product | None = relation(
        "product_id", load_products, description="The reviewed product; null when the caller may not see it."
    )
