"""Inputs of the review domain."""

from uuid import UUID

import strawberry
from strawberry import UNSET

from domains.review.models import ReviewSort, ReviewStatus
from gateway.graphql.core.enums import describe
from gateway.graphql.core.sorting import SortDirection
from gateway.graphql.review import types as _types  # noqa: F401 - ReviewStatus must be described before it is used

describe(
    ReviewSort,
    "The fields that reviews can be sorted by.",
    {
        ReviewSort.CREATED_AT: "The time at which the review was written.",
        ReviewSort.HELPFUL_COUNT: "The number of users who found the review helpful.",
        ReviewSort.RATING: "The number of stars, from 1 to 5.",
    },
    name="ReviewSortField",
)


@strawberry.input(description="Conditions on reviews, all of which must hold. Omitted fields set no condition.")
class ReviewFilterInput:
    """See ReviewFilter."""

    product_id: UUID | None = strawberry.field(
        default=None, description="Reviews of this product. Required to filter otherwise, to search and to sort."
    )
    user_id: UUID | None = strawberry.field(
        default=None, description="Reviews by this user. For the caller's own id, hidden reviews are included."
    )
    rating: int | None = strawberry.field(default=None, description="Reviews with exactly this rating, from 1 to 5.")
    is_verified_purchase: bool | None = strawberry.field(
        default=None, description="True: reviews by buyers of the product; false: all others."
    )
    status: ReviewStatus | None = strawberry.field(
        default=None,
        description="Reviews with this status. Without REVIEWS:READ only published reviews of others are returned.",
    )


@strawberry.input(description="The order of a list of reviews.")
class ReviewSortInput:
    """A field and a direction."""

    field: ReviewSort = strawberry.field(
        default=ReviewSort.CREATED_AT, description="The value to sort by; the newest come first by default."
    )
    direction: SortDirection = strawberry.field(
        default=SortDirection.DESC, description="The direction; descending by default."
    )


@strawberry.input(description="The rating and the text of a review.")
class ReviewCreateInput:
    """See ReviewService.create."""

    product_id: UUID = strawberry.field(description="The id of a product that you have not reviewed yet.")
    rating: int = strawberry.field(description="A whole number from 1 (worst) to 5 (best).")
    title: str | None = strawberry.field(
        default=None, description="The headline in plain text, at most 255 characters; null or absent for none."
    )
    comment: str | None = strawberry.field(
        default=None,
        description="The text of the review in plain text, at most 5,000 characters; null or absent for none.",
    )


@strawberry.input(description="Changes to the caller's own review. Omitted fields do not change.")
class ReviewUpdateInput:
    """See ReviewService.update."""

    id: UUID = strawberry.field(description="The id of a review that you wrote.")
    rating: int | None = strawberry.field(
        default=UNSET, description="A whole number from 1 (worst) to 5 (best). Null is refused."
    )
    title: str | None = strawberry.field(
        default=UNSET, description="The headline in plain text, at most 255 characters; null removes it."
    )
    comment: str | None = strawberry.field(
        default=UNSET, description="The text of the review in plain text, at most 5,000 characters; null removes it."
    )


@strawberry.input(description="The review to vote for, or whose vote to remove.")
class ReviewVoteInput:
    """See ReviewService.vote."""

    id: UUID = strawberry.field(description="The id of a published review that another user wrote.")
    is_helpful: bool = strawberry.field(
        default=True, description="True, the default, votes that the review is helpful; false removes the vote."
    )


@strawberry.input(description="The review to delete.")
class ReviewDeleteInput:
    """See ReviewService.delete."""

    id: UUID = strawberry.field(description="The id of a review that you wrote; with REVIEWS:DELETE any.")


@strawberry.input(description="The review to hide.")
class ReviewHideInput:
    """See ReviewService.hide."""

    id: UUID = strawberry.field(description="The id of the review to hide from customers.")


@strawberry.input(description="The hidden review to publish again.")
class ReviewApproveInput:
    """See ReviewService.approve."""

    id: UUID = strawberry.field(description="The id of the hidden review to publish.")
