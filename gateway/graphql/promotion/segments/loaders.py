"""Batch functions of customer segments."""

from collections.abc import Sequence
from uuid import UUID

from domains.promotion.segments.models import CustomerSegment, CustomerSegmentMember
from gateway.graphql.core.context import Context
from gateway.graphql.engine.loading import one_per_key


async def load_segments(context: Context, keys: Sequence[UUID]) -> Sequence[CustomerSegment | None]:
    """Segments by id."""
    rows = await context.services.promotion.segments.by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_members(context: Context, keys: Sequence[UUID]) -> Sequence[CustomerSegmentMember | None]:
    """Members of lists by their own ids."""
    rows = await context.services.promotion.segments.members_by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)
