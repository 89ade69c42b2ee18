"""View counts: views are appended without a lock on products, and added to their counts later."""

from collections.abc import Mapping
from uuid import UUID

from domains.catalog.products import view_sql
from domains.catalog.search import index
from domains.kernel.database import Tx
from domains.kernel.errors import OutOfRange
from domains.kernel.ids import new_id

BATCH_SIZE = 5_000
MAX_VIEWS = 1_000_000


class Views:
    """Counts the views of products."""

    async def record(self, tx: Tx, counts: Mapping[UUID, int]) -> None:
        """Append views of products; unknown ids are ignored. No product's row is written.

        Raises OutOfRange for a count outside 1 to 1,000,000.
        """
        if any(not 0 < views <= MAX_VIEWS for views in counts.values()):
            raise OutOfRange(f"The views of a product are counted in batches from 1 to {MAX_VIEWS}.")
        if counts:
            await view_sql.append_views(tx, counts, [new_id() for _ in counts])

    async def add_to_counts(self, tx: Tx) -> int:
        """Move a batch of appended views into the products' counts and popularity, each once; how many views."""
        views = await view_sql.take_views(tx, BATCH_SIZE)
        if views:
            await index.set_popularity(tx, await view_sql.add_views(tx, views))
        return sum(views.values())
