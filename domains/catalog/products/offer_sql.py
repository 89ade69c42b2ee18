"""SQL of offers; the company is always its first parameter."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Final
from uuid import UUID

from domains.catalog import data
from domains.catalog.models import Product, Variant, product_from_record, variant_from_record
from domains.kernel.database import Reader

_PRODUCT_START: Final = 4  # index of the product's first column
_VARIANT_START: Final = _PRODUCT_START + len(fields(data.ProductRow))
COLUMNS: Final = f"""
  coalesce(s.is_listed, false) as is_listed,
  v.id is null and exists (
    select from product_variants other where other.company_id = $1 and other.product_id = p.id
  ) as needs_variant,
  coalesce(s.tokens, '{{}}') as tokens,
  v.id is not null as is_variant,
  {data.product.columns("p")},
  v.id, v.product_id, v.sku, v.name, v.options, v.color, v.size, v.price_modifier, v.compare_at_price, v.images,
  v.image_alt_texts, v.is_tracked, v.is_active, v.display_order, coalesce(v.weight, p.weight),
  coalesce(v.length, p.length), coalesce(v.width, p.width), coalesce(v.height, p.height), v.created_at, v.updated_at,
  p.base_price, p.compare_at_price, p.currency
"""


def joins(alias: str) -> str:
    """The joins that COLUMNS need, for a table with product_id and variant_id under an alias."""
    return f"""
      left join products p on p.company_id = $1 and p.id = {alias}.product_id
      left join product_variants v on v.company_id = $1 and v.id = {alias}.variant_id and v.product_id = p.id
      left join product_search s on s.company_id = $1 and s.product_id = p.id
    """


_OFFERS: Final = f"""
select {COLUMNS} from unnest($2::uuid[], $3::uuid[]) as requested (product_id, variant_id) {joins("requested")}
where p.id is not null and (v.id is not null or requested.variant_id is null)
"""


async def find(db: Reader, keys: Sequence[tuple[UUID, UUID | None]]) -> list[Any]:
    """One record for each product with its requested variant."""
    return await db.fetch(_OFFERS, db.company_id, [product for product, _ in keys], [variant for _, variant in keys])


def read_record(record: Any, start: int) -> tuple[Product, Variant | None, bool, bool, Sequence[str]]:
    """The fields of a record whose COLUMNS begin at `start`: product, variant, is_listed, needs_variant, tokens."""
    is_listed, needs_variant, tokens, is_variant = record[start : start + _PRODUCT_START]
    return (
        product_from_record(record, start + _PRODUCT_START),
        variant_from_record(record, start + _VARIANT_START) if is_variant else None,
        is_listed,
        needs_variant,
        tokens,
    )
