"""SQL of offers; the company is always its first parameter."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Final
from uuid import UUID

from domains.catalog import data
from domains.catalog.models import Product, Variant, product_from_record, variant_from_record
from domains.kernel.database import Reader

_PLACE: Final = 4  # of the product's columns among an offer's
_AFTER_PRODUCT: Final = _PLACE + len(fields(data.ProductRow))
COLUMNS: Final = f"""
  coalesce(s.is_listed, false) as is_listed,
  v.id is null and exists (
    select from product_variants other where other.company_id = $1 and other.product_id = p.id
  ) as needs_variant,
  coalesce(s.tokens, '{{}}') as tokens,
  v.id is not null as is_variant,
  {data.product.columns("p")},
  v.id, v.product_id, v.sku, v.name, v.options, v.color, v.size, v.price_modifier, v.compare_at_price, v.images,
  v.image_alt_texts, v.is_tracked, v.is_active, v.display_order, v.created_at, v.updated_at, p.base_price,
  p.compare_at_price, p.currency
"""


def joins(wanted: str) -> str:
    """What COLUMNS are of, for each row of `wanted` with its product_id and variant_id."""
    return f"""
      left join products p on p.company_id = $1 and p.id = {wanted}.product_id
      left join product_variants v on v.company_id = $1 and v.id = {wanted}.variant_id and v.product_id = p.id
      left join product_search s on s.company_id = $1 and s.product_id = p.id
    """


_OFFERS: Final = f"""
select {COLUMNS} from unnest($2::uuid[], $3::uuid[]) as wanted (product_id, variant_id) {joins("wanted")}
where p.id is not null and (v.id is not null or wanted.variant_id is null)
"""


async def find(db: Reader, keys: Sequence[tuple[UUID, UUID | None]]) -> list[Any]:
    """Products with the variants asked for, a record each."""
    return await db.fetch(_OFFERS, db.company_id, [product for product, _ in keys], [variant for _, variant in keys])


def parts_of(record: Any, start: int) -> tuple[Product, Variant | None, bool, bool, Sequence[str]]:
    """Of a record whose COLUMNS begin at `start`: product, variant, is_listed, needs_variant, tokens."""
    is_listed, needs_variant, tokens, is_variant = record[start : start + _PLACE]
    return (
        product_from_record(record, start + _PLACE),
        variant_from_record(record, start + _AFTER_PRODUCT) if is_variant else None,
        is_listed,
        needs_variant,
        tokens,
    )
