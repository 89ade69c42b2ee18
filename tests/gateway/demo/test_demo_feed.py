"""The demo's export is imported again unchanged, into its own and into an empty company."""

import io
from typing import Any
from uuid import UUID

import asyncpg

from domains.feed.models import ImportOptions, ImportReport
from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from gateway.bootstrap import Platform
from gateway.demo.loader import Demo
from tests.conftest import COMPANY

OWN = {"id", "company_id", "category_id", "product_id", "created_at", "updated_at", "view_count", "rating_sum"}
OWN |= {"review_count", "display_order", "tax_class_id", "shipping_profile_id", "length", "width", "height"}
PRODUCTS = """
select p.*, c.name as category from products p join categories c on c.id = p.category_id
where p.company_id = $1 and archived_at is null order by p.slug
"""
VARIANTS = """
select v.*, p.slug from product_variants v join products p on p.id = v.product_id
where v.company_id = $1 order by p.slug, v.display_order, v.id
"""
ATTRIBUTES = """
select p.slug, a.name, a.value, a.unit from product_attributes a join products p on p.id = a.product_id
where a.company_id = $1 order by p.slug, a.name
"""
STOCK = """
select i.sku, coalesce(l.available_stock, 0) as available_stock
from inventory_items i join warehouses w on w.company_id = i.company_id and w.is_default
left join inventory_levels l on l.inventory_id = i.id and l.warehouse_id = w.id
where i.company_id = $1 order by i.sku
"""  # files have the stock of the default warehouse


async def catalogue(owner: Any, company: UUID) -> list[dict[str, Any]]:
    """The data of a company that a file must contain, from its tables."""
    rows = [row for sql in (PRODUCTS, VARIANTS, ATTRIBUTES, STOCK) for row in await owner.fetch(sql, company)]
    return [{name: value for name, value in row.items() if name not in OWN} for row in rows]


async def import_file(platform: Platform, company: UUID, content: bytes) -> ImportReport:
    options = ImportOptions(strict=True)
    return await platform.services.feed.import_products(
        platform.database, Actor.system(company), io.BytesIO(content), options
    )


async def export_file(platform: Platform, company: UUID) -> bytes:
    reader = platform.database.reader(company)
    return b"".join([chunk async for chunk in platform.services.feed.export_products(reader)])


async def test_the_export_of_the_demo_is_imported_unchanged(demo: Demo, platform: Platform, url: str) -> None:
    owner = await asyncpg.connect(url)
    try:
        company, other = demo._actor.company_id, new_id()
        assert company
        await owner.execute(COMPANY, other, "Another", "another")
        first, before = await export_file(platform, company), await catalogue(owner, company)

        report = await import_file(platform, company, first)
        products = report.products_unchanged
        assert (report.products_created, report.products_updated, report.products_failed) == (0, 0, 0)
        assert (report.stock_changes, report.warning_count) == (0, 0)
        assert products == await owner.fetchval("select count(*) from products where company_id = $1", company)
        assert await catalogue(owner, company) == before

        report = await import_file(platform, other, first)
        assert (report.products_created, report.bad_rows, report.warnings) == (products, [], [])
        assert await export_file(platform, other) == first
        assert await catalogue(owner, other) == before
    finally:
        await owner.close()
