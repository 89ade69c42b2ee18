"""Batch functions of stock alerts."""

from collections.abc import Sequence
from uuid import UUID

from domains.inventory.alerts.models import StockAlert
from gateway.graphql.core.context import Context
from gateway.graphql.engine.loading import one_per_key


async def load_stock_alerts(context: Context, keys: Sequence[UUID]) -> Sequence[StockAlert | None]:
    """Stock alerts by id."""
    rows = await context.services.inventory.alerts.by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)
