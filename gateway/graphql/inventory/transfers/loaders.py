"""Batch functions of stock transfers."""

from collections.abc import Sequence
from uuid import UUID

from domains.inventory.transfers.models import StockTransfer, StockTransferLine
from gateway.graphql.core.context import Context
from gateway.graphql.engine.loading import one_per_key


async def load_transfers(context: Context, keys: Sequence[UUID]) -> Sequence[StockTransfer | None]:
    """Stock transfers by id."""
    rows = await context.services.inventory.transfers.listing.by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_transfer_lines(context: Context, keys: Sequence[UUID]) -> Sequence[list[StockTransferLine]]:
    """The lines of stock transfers."""
    lines = await context.services.inventory.transfers.listing.lines_of(context.reader, keys)
    return [lines[key] for key in keys]
