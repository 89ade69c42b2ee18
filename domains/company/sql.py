"""SQL of the company domain that the generated verbs cannot express."""

from typing import Final
from uuid import UUID

from domains.company import data
from domains.company.models import Company
from domains.kernel.database import Reader, Tx
from domains.kernel.values.money import UnitPrices

HAS_MONEY: Final = """
select exists (select from products where company_id = $1)
    or exists (select from promotions where company_id = $1)
    or exists (select from carts where company_id = $1)
    or exists (select from cart_items where company_id = $1)
    or exists (select from orders where company_id = $1)
    or exists (select from order_items where company_id = $1)
    or exists (select from order_promotions where company_id = $1)
    or exists (select from payments where company_id = $1)
    or exists (select from refunds where company_id = $1)
"""
_UNIT_PRICES: Final = "select currency, unit_price_decimals from companies where id = $1 for key share"
# Archived products are nobody's to change, and sold no more.
_FINER: Final = """
select p.name from products p
where p.company_id = $1 and p.archived_at is null and (
  p.base_price <> round(p.base_price, $2) or p.compare_at_price <> round(p.compare_at_price, $2)
  or exists (select from product_variants v where v.company_id = $1 and v.product_id = p.id
    and (v.price_modifier <> round(v.price_modifier, $2) or v.compare_at_price <> round(v.compare_at_price, $2))))
order by p.id limit 1
"""
_HELD: Final = f"select {data.company.columns()} from companies where id = $1 for no key update"


async def has_money(db: Reader, company_id: UUID) -> bool:
    """Whether the company has a row in any table that holds amounts."""
    found: bool = await db.fetch_value(HAS_MONEY, company_id)
    return found


async def unit_prices_held(tx: Tx, company_id: UUID) -> UnitPrices | None:
    """What the company's unit prices may be, which cannot become less until this transaction ends."""
    row = await tx.fetch_row(_UNIT_PRICES, company_id)
    return None if row is None else UnitPrices.of(row[0], row[1])


async def product_priced_finer(tx: Tx, company_id: UUID, decimals: int) -> str | None:
    """The name of a product of which a price has more decimals than these; None when there is none."""
    name: str | None = await tx.fetch_value(_FINER, company_id, decimals)
    return name


async def held(tx: Tx, company_id: UUID) -> Company | None:
    """The company, which nobody else changes until this transaction ends; what belongs to it is still written."""
    record = await tx.fetch_row(_HELD, company_id)
    return data.company.from_record(record) if record else None
