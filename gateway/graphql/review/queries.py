"""Queries of the review domain."""

from typing import Annotated
from uuid import UUID

import strawberry

from domains.review.models import ReviewFilter
from gateway.answers.dependencies import ON_PRODUCTS, ON_REVIEWS, Cached
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import PUBLIC, input_values, present, query
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.review.inputs import ReviewFilterInput, ReviewSortInput
from gateway.graphql.review.types import Review


@strawberry.type
class ReviewQuery:
    """The review domain's fields of Query."""

    @query(PUBLIC, cached=Cached((ON_REVIEWS,)))
    async def review(
        self,
        info: Info,
        id: Annotated[
            UUID,
            strawberry.argument(description="The id of a review that is published, your own, or that you moderate."),
        ],
    ) -> Review | None:
        """A review by id; null when there is none or the caller may not see it."""
        context = info.context
        return present(Review, await context.services.review.find(context.reader, context.actor, id))

    # A product that is not listed hides its reviews.
    @query(PUBLIC, cached=Cached((ON_REVIEWS, ON_PRODUCTS)))
    async def reviews(
        self,
        info: Info,
        filter: Annotated[
            ReviewFilterInput | None,
            strawberry.argument(description="Conditions on the reviews; all reviews that you may see by default."),
        ] = None,
        search: Annotated[
            str | None,
            strawberry.argument(
                description="A text that occurs in the title or comment, ignoring case; null or empty for all."
            ),
        ] = None,
        sort_by: Annotated[
            ReviewSortInput | None, strawberry.argument(description="The order; newest first by default.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Review]:
        """Published reviews and the caller's own; for moderators all reviews.

        Without REVIEWS:READ, `search`, `sortBy` and the filters `rating` and `isVerifiedPurchase` need a `productId`
        or `userId`.
        """
        context, sort = info.context, sort_by or ReviewSortInput()
        page = await context.services.review.listing.find(
            context.reader,
            context.actor,
            PageArgs(first, after, last, before),
            ReviewFilter(**(input_values(filter) if filter else {}), search=search),
            sort.field,
            sort.direction.value,
        )
        return Connection[Review].of(page)
