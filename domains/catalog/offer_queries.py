"""SQL of offers; the company is always its first parameter."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Final
from uuid import UUID

from domains.catalog import data
from domains.catalog.models import Product, Variant, product_from_record, variant_from_record
from domains.kernel.database import Reader

_PLACE: Final = 4  # of the product's columns in the record
_OFFERS: Final = f"""
select coalesce(s.is_listed, false) as is_listed,
       v.id is null and exists (
         select from product_variants other where other.company_id = $1 and other.product_id = p.id
       ) as needs_variant,
       array(
         with recursive upwards as (
           select id, parent_id from categories where company_id = $1 and id = p.category_id
           union
           select c.id, c.parent_id from upwards join categories c on c.company_id = $1 and c.id = upwards.parent_id
         )
         select id from upwards
       ) as category_ids,
       v.id is not null as is_variant,
       {data.product.columns("p")},
       v.id, v.product_id, v.sku, v.name, v.options, v.color, v.size, v.price_modifier, v.compare_at_price, v.images,
       v.is_tracked, v.is_active, v.display_order, v.created_at, v.updated_at, p.base_price, p.compare_at_price,
       p.currency
from unnest($2::uuid[], $3::uuid[]) as wanted (product_id, variant_id)
join products p on p.company_id = $1 and p.id = wanted.product_id
left join product_variants v on v.company_id = $1 and v.id = wanted.variant_id and v.product_id = p.id
left join product_search s on s.company_id = $1 and s.product_id = p.id
where v.id is not null or wanted.variant_id is null
"""


async def find(
    db: Reader, keys: Sequence[tuple[UUID, UUID | None]]
) -> list[tuple[Product, Variant | None, bool, bool, frozenset[UUID]]]:
    """Products with the variants asked for, as the fields of an Offer."""
    records = await db.fetch(
        _OFFERS, db.company_id, [product for product, _ in keys], [variant for _, variant in keys]
    )
    after_product = _PLACE + len(fields(data.ProductRow))
    return [
        (
            product_from_record(record, _PLACE),
            variant_from_record(record, after_product) if record["is_variant"] else None,
            record["is_listed"],
            record["needs_variant"],
            frozenset(record["category_ids"]),
        )
        for record in records
    ]
