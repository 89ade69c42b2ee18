"""A company as tests of imports use it: files are imported and exported, and its rows are counted."""

import io
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domains.feed.models import ImportOptions, ImportReport
from domains.feed.service import FeedService
from domains.kernel.actor import Actor
from domains.kernel.database import Database

TABLES = ("categories", "products", "product_variants", "inventory_items", "stock_movements", "outbox_events")
PRODUCTS = """
select p.slug, p.name, c.name as category, p.base_price, p.compare_at_price, p.sku, p.is_tracked, p.is_active,
       p.brand, p.tags, p.images
from products p join categories c on c.id = p.category_id where p.company_id = $1 order by p.slug
"""
STOCK = """
select i.sku, i.available_stock, count(m.id) as movements, min(m.actor_kind::text) as actor_kind
from inventory_items i left join stock_movements m on m.inventory_id = i.id
where i.company_id = $1 group by i.id order by i.sku
"""


@dataclass(frozen=True, slots=True)
class Shop:
    """One company and the service that feeds it."""

    feed: FeedService
    database: Database
    owner: Any
    id: UUID

    async def import_file(self, content: bytes, **options: Any) -> ImportReport:
        """Import a file, with the fields of ImportOptions."""
        actor, file = Actor.system(self.id), io.BytesIO(content)
        return await self.feed.import_products(self.database, actor, file, ImportOptions(**options))

    async def export_file(self) -> bytes:
        """Export the products."""
        chunks = [chunk async for chunk in self.feed.export_products(self.database.reader(self.id))]
        return b"".join(chunks)

    async def counts(self) -> dict[str, int]:
        """How many rows each table has of the company."""
        return {
            table: await self.owner.fetchval(f"select count(*) from {table} where company_id = $1", self.id)  # noqa: S608 - names from this module
            for table in TABLES
        }

    async def products(self) -> dict[str, dict[str, Any]]:
        """The products by slug."""
        return {row["slug"]: dict(row) for row in await self.owner.fetch(PRODUCTS, self.id)}

    async def stock(self) -> dict[str, tuple[int, int]]:
        """Free units and movements by SKU."""
        return {
            row["sku"]: (row["available_stock"], row["movements"]) for row in await self.owner.fetch(STOCK, self.id)
        }

    async def prices(self, slug: str) -> dict[str, str]:
        """The price of each variant of a product by SKU, in display order."""
        rows = await self.owner.fetch(
            """
            select v.sku, p.base_price + v.price_modifier as price
            from product_variants v join products p on p.id = v.product_id
            where p.company_id = $1 and p.slug = $2 order by v.display_order
            """,
            self.id,
            slug,
        )
        return {row["sku"]: f"{row['price']:.2f}" for row in rows}
