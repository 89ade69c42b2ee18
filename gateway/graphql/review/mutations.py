"""Mutations of reviews: by authors, voters and moderators."""

from typing import Annotated

import strawberry

from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.review.models import ReviewChanges
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import AUTHENTICATED, OWNER, command, from_input, present, requires
from gateway.graphql.review import inputs, payloads
from gateway.graphql.review.types import Review

MODERATE = requires(PermissionResource.REVIEWS, PermissionAction.UPDATE)
DELETE = requires(PermissionResource.REVIEWS, PermissionAction.DELETE)


def _changes(input: inputs.ReviewCreateInput | inputs.ReviewUpdateInput) -> ReviewChanges:
    return from_input(ReviewChanges, input, exclude=("id", "product_id"))


@strawberry.type
class ReviewMutation:
    """The review domain's fields of Mutation."""

    @command(AUTHENTICATED)
    async def review_create(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.ReviewCreateInput, strawberry.argument(description="The product with the rating and the text.")
        ],
    ) -> payloads.ReviewCreatePayload:
        """Review a product, once per user. The review is published at once and counts in the product's rating."""
        reviews, actor = info.context.services.review, info.context.actor
        review = await reviews.create(tx, actor, input.product_id, _changes(input))
        return payloads.ReviewCreatePayload(review=present(Review, review))

    @command(AUTHENTICATED)
    async def review_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.ReviewUpdateInput,
            strawberry.argument(description="The id of the review, and the fields to change."),
        ],
    ) -> payloads.ReviewUpdatePayload:
        """Change a review that you wrote; its rating counts in the product's at once."""
        review = await info.context.services.review.update(tx, info.context.actor, input.id, _changes(input))
        return payloads.ReviewUpdatePayload(review=present(Review, review))

    @command(DELETE | OWNER)
    async def review_delete(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.ReviewDeleteInput,
            strawberry.argument(description="The id of a review that you wrote; with REVIEWS:DELETE of any review."),
        ],
    ) -> payloads.ReviewDeletePayload:
        """Delete a review of the caller's own, or with REVIEWS:DELETE any review."""
        await info.context.services.review.delete(tx, info.context.actor, input.id)
        return payloads.ReviewDeletePayload(deleted_id=input.id)

    @command(MODERATE)
    async def review_hide(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[inputs.ReviewHideInput, strawberry.argument(description="The id of a published review.")],
    ) -> payloads.ReviewHidePayload:
        """Hide a review; it no longer counts in the product's rating."""
        review = await info.context.services.review.hide(tx, input.id)
        return payloads.ReviewHidePayload(review=present(Review, review))

    @command(MODERATE)
    async def review_approve(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[inputs.ReviewApproveInput, strawberry.argument(description="The review to publish.")],
    ) -> payloads.ReviewApprovePayload:
        """Publish a hidden review; it counts in the product's rating again."""
        review = await info.context.services.review.approve(tx, input.id)
        return payloads.ReviewApprovePayload(review=present(Review, review))

    @command(AUTHENTICATED)
    async def review_vote(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.ReviewVoteInput,
            strawberry.argument(description="The id of a published review by another user, and the vote."),
        ],
    ) -> payloads.ReviewVotePayload:
        """Vote that another user's review is helpful, or remove the vote. Each user counts once."""
        reviews, actor = info.context.services.review, info.context.actor
        review = await reviews.vote(tx, actor, input.id, is_helpful=input.is_helpful)
        return payloads.ReviewVotePayload(review=present(Review, review))
