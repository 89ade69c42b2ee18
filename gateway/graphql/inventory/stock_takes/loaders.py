"""Batch functions of stock takes."""

from collections.abc import Sequence
from uuid import UUID

from domains.inventory.stock_takes.models import StockTake, StockTakeLine
from domains.kernel.pagination.pages import PageArgs
from gateway.graphql.core.context import Context
from gateway.graphql.core.pagination import Connection
from gateway.graphql.engine.loading import one_per_key


async def load_stock_takes(context: Context, keys: Sequence[UUID]) -> Sequence[StockTake | None]:
    """Stock takes by id."""
    rows = await context.services.inventory.stock_takes.listing.by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_stock_take_lines(context: Context, keys: Sequence[UUID]) -> Sequence[StockTakeLine | None]:
    """Lines of stock takes by id."""
    rows = await context.services.inventory.stock_takes.listing.lines_by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_line_pages(
    context: Context, keys: Sequence[tuple[UUID, PageArgs]]
) -> Sequence[Connection[StockTakeLine]]:
    """A page of the lines of each stock take."""
    pages = await context.services.inventory.stock_takes.listing.line_pages(context.reader, keys)
    return [Connection[StockTakeLine].of(page) for page in pages]
