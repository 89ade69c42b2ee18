"""The refusal to delete a variant names its references."""

from typing import Any
from uuid import UUID

import pytest

from domains.catalog.errors import VariantInUse
from domains.catalog.models import NewVariant
from domains.catalog.service import CatalogService
from domains.kernel.actor import Actor
from domains.kernel.database import Database
from domains.kernel.ids import new_id
from tests.domains.catalog.conftest import MakeProduct

CART = """
with c as (insert into carts (id, company_id, session_id, currency, expires_at, updated_at)
           values ($1::uuid, $2, encode(sha256($1::uuid::text::bytea), 'hex'), 'EUR', now(), now()) returning id)
insert into cart_items (id, company_id, cart_id, product_id, variant_id, quantity, price_snapshot, currency,
  updated_at)
select $1, $2, c.id, $3, $4, 1, 1, 'EUR', now() from c
"""
ORDER = """
with o as (insert into orders (id, company_id, order_number, email, currency, subtotal, tax_amount, shipping_cost,
             discount_amount, total, tax_rate, prices_include_tax, updated_at)
           values ($1::uuid, $2, $1::uuid::text, 'a@example.com', 'EUR', 1, 0, 0, 0, 1, 0, true, now()) returning id)
insert into order_items (id, company_id, order_id, product_id, variant_id, product_name, sku, quantity, unit_price,
  total_price, currency, product_snapshot)
select $1, $2, o.id, $3, $4, 'P', 'V', 1, 1, 1, 'EUR', '{}' from o
"""
STOCK = """
insert into inventory_items (id, company_id, sku, product_id, variant_id, updated_at)
values ($1, $2, 'V', $3, $4, now())
"""


@pytest.mark.parametrize(
    ("insert", "message"), [(STOCK, "has or had stock"), (CART, "is in a cart"), (ORDER, "was ordered")]
)
async def test_a_variant_in_use_is_refused_with_its_references(
    insert: str,
    message: str,
    make_product: MakeProduct,
    catalog: CatalogService,
    database: Database,
    actor: Actor,
    owner: Any,
    company: UUID,
) -> None:
    product = await make_product(variants=[NewVariant(sku="V", name="V")])
    (variant,) = await catalog.variants.of_products(database.reader(company), actor, [product.id])
    await owner.execute(insert, new_id(), company, product.id, variant.id)
    with pytest.raises(VariantInUse, match=message):
        await database.run(lambda tx: catalog.variants.delete(tx, variant.id), actor)
