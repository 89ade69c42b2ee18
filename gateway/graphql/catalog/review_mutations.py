"""Mutations of reviews: by their authors, by voters, by moderators."""

from typing import Annotated

import strawberry

from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.catalog import conversions, inputs, payloads
from gateway.graphql.catalog.types import Review
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import AUTHENTICATED, OWNER, command, present, requires

MAY_MODERATE = requires(PermissionResource.REVIEWS, PermissionAction.UPDATE)
MAY_DELETE = requires(PermissionResource.REVIEWS, PermissionAction.DELETE)


@strawberry.type
class ReviewMutation:
    """What people do with reviews."""

    @command(AUTHENTICATED)
    async def review_create(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[inputs.ReviewCreateInput, strawberry.argument(description="What it says.")],
    ) -> payloads.ReviewCreatePayload:
        """Review a product, once. It counts at once."""
        changes = conversions.review_changes(input)
        review = await info.context.services.reviews.create_review(tx, info.context.actor, input.product_id, changes)
        return payloads.ReviewCreatePayload(review=present(Review, review))

    @command(AUTHENTICATED)
    async def review_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[inputs.ReviewUpdateInput, strawberry.argument(description="What to change.")],
    ) -> payloads.ReviewUpdatePayload:
        """Change one's own review."""
        changes = conversions.review_changes(input)
        review = await info.context.services.reviews.update_review(tx, info.context.actor, input.id, changes)
        return payloads.ReviewUpdatePayload(review=present(Review, review))

    @command(MAY_DELETE | OWNER)
    async def review_delete(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.ReviewDeleteInput,
            strawberry.argument(description="One of your own reviews; with REVIEWS:DELETE any."),
        ],
    ) -> payloads.ReviewDeletePayload:
        """Delete one's own review, or as a moderator any."""
        await info.context.services.reviews.delete_review(tx, info.context.actor, input.id)
        return payloads.ReviewDeletePayload(deleted_id=input.id)

    @command(MAY_MODERATE)
    async def review_hide(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.ReviewHideInput,
            strawberry.argument(description="The review to show to its author and moderators only."),
        ],
    ) -> payloads.ReviewHidePayload:
        """Hide a review; it counts no more."""
        review = await info.context.services.reviews.hide_review(tx, input.id)
        return payloads.ReviewHidePayload(review=present(Review, review))

    @command(MAY_MODERATE)
    async def review_approve(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.ReviewApproveInput, strawberry.argument(description="The hidden review to publish again.")
        ],
    ) -> payloads.ReviewApprovePayload:
        """Show a hidden review again; it counts again."""
        review = await info.context.services.reviews.approve_review(tx, input.id)
        return payloads.ReviewApprovePayload(review=present(Review, review))

    @command(AUTHENTICATED)
    async def review_vote(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.ReviewVoteInput,
            strawberry.argument(description="A review by somebody else, and whether it was helpful."),
        ],
    ) -> payloads.ReviewVotePayload:
        """Say that another's review helped, or take that back. A user counts once."""
        review = await info.context.services.reviews.vote_review(
            tx, info.context.actor, input.id, is_helpful=input.is_helpful
        )
        return payloads.ReviewVotePayload(review=present(Review, review))
