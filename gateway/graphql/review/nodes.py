"""The review domain's types that `node` finds."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domains.review.domain import REVIEWS
from domains.review.models import Review as ReviewModel
from gateway.graphql.core.context import Context
from gateway.graphql.core.nodes import AnyNodeType, NodeType
from gateway.graphql.engine.loading import one_per_key
from gateway.graphql.review.types import Review


async def load_visible_reviews(context: Context, keys: Sequence[UUID]) -> Sequence[ReviewModel | None]:
    """Reviews by id, as the actor may see them."""
    rows = await context.services.review.listing.find_by_id(context.reader, context.actor, keys)
    return one_per_key(keys, rows, lambda row: row.id)


NODES: Final[list[AnyNodeType]] = [NodeType(Review, REVIEWS, load_visible_reviews)]
