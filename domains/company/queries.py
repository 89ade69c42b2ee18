"""SQL of the company domain that the generated verbs cannot express."""

from typing import Final
from uuid import UUID

from domains.company import data
from domains.company.models import Company
from domains.kernel.database import Reader, Tx

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
_CURRENCY: Final = "select currency from companies where id = $1 for key share"
_HELD: Final = f"select {data.company.columns()} from companies where id = $1 for no key update"


async def has_money(db: Reader, company_id: UUID) -> bool:
    """Whether the company has a row in any table that holds amounts."""
    found: bool = await db.fetch_value(HAS_MONEY, company_id)
    return found


async def currency_held(tx: Tx, company_id: UUID) -> str | None:
    """The company's currency, which cannot change until this transaction ends."""
    currency: str | None = await tx.fetch_value(_CURRENCY, company_id)
    return currency


async def held(tx: Tx, company_id: UUID) -> Company | None:
    """The company, which nobody else changes until this transaction ends; what belongs to it is still written."""
    record = await tx.fetch_row(_HELD, company_id)
    return data.company.from_record(record) if record else None
