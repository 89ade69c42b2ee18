"""Payloads of the review domain's mutations."""

from typing import Any
from uuid import UUID

import strawberry

from gateway.graphql.core.errors import UserError
from gateway.graphql.review.types import Review


def _errors() -> Any:
    return strawberry.field(default_factory=list, description="Why nothing was changed; empty on success.")


def _review(description: str) -> Any:
    return strawberry.field(default=None, description=f"{description} Null when there are errors.")


@strawberry.type(description="The result of `reviewCreate`.")
class ReviewCreatePayload:
    """See ReviewService.create."""

    review: Review | None = _review("The new review.")
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `reviewUpdate`.")
class ReviewUpdatePayload:
    """See ReviewService.update."""

    review: Review | None = _review("The changed review.")
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `reviewDelete`.")
class ReviewDeletePayload:
    """See ReviewService.delete."""

    deleted_id: UUID | None = strawberry.field(
        default=None, description="The id of the deleted review. Null when there are errors."
    )
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `reviewHide`.")
class ReviewHidePayload:
    """See ReviewService.hide."""

    review: Review | None = _review("The hidden review.")
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `reviewApprove`.")
class ReviewApprovePayload:
    """See ReviewService.approve."""

    review: Review | None = _review("The published review.")
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `reviewVote`.")
class ReviewVotePayload:
    """See ReviewService.vote."""

    review: Review | None = _review("The review with its new `helpfulCount`.")
    errors: list[UserError] = _errors()
