"""Batch functions of activities."""

from collections.abc import Sequence
from uuid import UUID

from domains.activity.models import ActivityLog
from gateway.graphql.core.context import Context
from gateway.graphql.engine.loading import one_per_key


async def load_activities(context: Context, keys: Sequence[UUID]) -> Sequence[ActivityLog | None]:
    """Activities by id."""
    rows = await context.services.activity.activities_by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)
