"""SQL of imports that reads or changes many rows by one statement."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import orjson

from domains.catalog import data
from domains.catalog.models import Product, product_from_record
from domains.kernel.database import Reader, Tx

_AFTER = f"""
select {data.product.columns("p")}, c.name
from products p join categories c on c.company_id = p.company_id and c.id = p.category_id
where p.company_id = $1 and p.slug > $2 and p.archived_at is null
order by p.slug
limit $3
"""

_LOCK = f"""
select {data.product.columns()} from products where company_id = $1 and slug = any($2) order by id for no key update
"""

_PRODUCTS = """
update products p
set name = v.name, description = v.description, long_description = v.long_description, brand = v.brand,
    tags = v.tags, images = v.images,
    image_alt_texts = v.image_alt_texts, is_active = v.is_active, category_id = v.category_id, archived_at = null,
    sku = v.sku, base_price = v.base_price, compare_at_price = v.compare_at_price, is_tracked = v.is_tracked,
    model = v.model, is_featured = v.is_featured, weight = v.weight, requires_shipping = v.requires_shipping,
    updated_at = $3
from jsonb_to_recordset($2::text::jsonb) as v (
  id uuid, name text, description text, long_description text, brand text, tags text[], images text[],
  image_alt_texts jsonb,
  is_active boolean, category_id uuid, sku text, base_price numeric, compare_at_price numeric, is_tracked boolean,
  model text, is_featured boolean, weight numeric, requires_shipping boolean
)
where p.company_id = $1 and p.id = v.id
"""

_VARIANTS = """
update product_variants t
set name = v.name, options = v.options, color = v.color, size = v.size, price_modifier = v.price_modifier,
    compare_at_price = v.compare_at_price, images = v.images, is_tracked = v.is_tracked,
    is_active = v.is_active, display_order = v.display_order, weight = v.weight, updated_at = $3
from jsonb_to_recordset($2::text::jsonb) as v (
  id uuid, name text, options jsonb, color text, size text, price_modifier numeric, compare_at_price numeric,
  images text[], is_tracked boolean, is_active boolean, display_order int, weight numeric
)
where t.company_id = $1 and t.id = v.id
"""


async def lock_products(tx: Tx, slugs: Collection[str]) -> list[data.ProductRow]:
    """The products with these slugs, locked by id until the end of the transaction; see `sql.lock_product`."""
    records = await tx.fetch(_LOCK, tx.company_id, list(slugs))
    return [data.product.from_record(record) for record in records]


async def products_after(db: Reader, slug: str, take: int) -> list[tuple[Product, str]]:
    """The next `take` products in the order of slugs, each with its category's name."""
    records = await db.fetch(_AFTER, db.company_id, slug, take)
    return [(product_from_record(record), record[-1]) for record in records]


async def update_products(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> int:
    """Write the columns of products, which the caller has locked, by their ids; all become unarchived."""
    return await tx.execute(_PRODUCTS, tx.company_id, _json(rows), tx.clock.now()) if rows else 0


async def update_variants(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> int:
    """Write the columns of variants by their ids; the caller has locked their products."""
    return await tx.execute(_VARIANTS, tx.company_id, _json(rows), tx.clock.now()) if rows else 0


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    return orjson.dumps(rows, default=str).decode()
