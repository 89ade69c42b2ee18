"""Counting views without holding up the products: appended first, folded into the counts later."""

from collections.abc import Mapping
from uuid import UUID

from domains.catalog.products import view_sql
from domains.catalog.search import index
from domains.kernel.database import Tx
from domains.kernel.errors import InvalidInput
from domains.kernel.ids import new_id

BATCH = 5_000
MOST_VIEWS = 1_000_000


async def record(tx: Tx, counts: Mapping[UUID, int]) -> None:
    """Append views; see CatalogService.record_views."""
    if any(not 0 < views <= MOST_VIEWS for views in counts.values()):
        raise InvalidInput(f"The views of a product are counted in batches from 1 to {MOST_VIEWS}.")
    if counts:
        await view_sql.append_views(tx, counts, [new_id() for _ in counts])


async def fold(tx: Tx) -> int:
    """Fold one batch of views into the counts; see CatalogService.fold_views."""
    views = await view_sql.take_views(tx, BATCH)
    if views:
        await index.set_popularity(tx, await view_sql.add_views(tx, views))
    return sum(views.values())
