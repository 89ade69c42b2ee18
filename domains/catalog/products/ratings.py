"""The rating sum and review count of products."""

from collections.abc import Sequence
from uuid import UUID

from domains.catalog import sql
from domains.catalog.errors import ProductNotFound
from domains.catalog.search import index
from domains.kernel.database import Reader, Tx


class Ratings:
    """Keeps each product's rating sum and review count, which the review domain reports."""

    async def require_reviewable(self, db: Reader, product_id: UUID, *, field: Sequence[str] = ("id",)) -> None:
        """Raise ProductNotFound unless customers can see the product. One statement."""
        if not await sql.is_listed(db, product_id):
            raise ProductNotFound(product_id, field=field)

    async def add(self, tx: Tx, product_id: UUID, *, rating: int, count: int) -> None:
        """Add to a product's rating sum and review count (both may be negative), and update the search index.

        The product's `updated_at` does not change.
        """
        await sql.add_ratings(tx, product_id, rating, count)
        await index.reindex(tx, [product_id])
