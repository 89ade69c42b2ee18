"""SQL of unit prices: their decimals, and products with more decimals."""

from typing import Final

from domains.company.currency import LOCKED_CURRENCY
from domains.kernel.database import Tx
from domains.kernel.values.money import UnitPrices

# Both rows are locked and read after concurrent changes have committed. Without settings, prices have the currency's
# own decimals, which is the minimum, so no row needs to be locked.
_UNIT_PRICES: Final = f"""
with company as ({LOCKED_CURRENCY}),
  settings as (select unit_price_decimals from catalog_settings where company_id = $1 for share)
select currency, (select unit_price_decimals from settings) from company
"""
# Archived products are not sold and do not change any more.
_ABOVE_DECIMALS: Final = """
select p.name from products p
where p.company_id = $1 and p.archived_at is null and (
  p.base_price <> round(p.base_price, $2) or p.compare_at_price <> round(p.compare_at_price, $2)
  or exists (select from product_variants v where v.company_id = $1 and v.product_id = p.id
    and (v.price_modifier <> round(v.price_modifier, $2) or v.compare_at_price <> round(v.compare_at_price, $2))))
order by p.id limit 1
"""


async def lock_unit_prices(tx: Tx) -> UnitPrices | None:
    """The rules of the company's unit prices, which no other transaction can restrict until this one ends."""
    row = await tx.fetch_row(_UNIT_PRICES, tx.company_id)
    return None if row is None else UnitPrices.of(row[0], row[1])


async def product_above_decimals(tx: Tx, decimals: int) -> str | None:
    """The name of a product that has a price with more decimals than these; None when there is none."""
    name: str | None = await tx.fetch_value(_ABOVE_DECIMALS, tx.company_id, decimals)
    return name
