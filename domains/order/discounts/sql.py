"""SQL of the discounts of orders; the company is always its first parameter."""

from collections.abc import Sequence
from typing import Final

from domains.kernel.database import Tx
from domains.order.discounts.amounts import ChangedLine

ITEMS: Final = """
update order_items i
set discount_amount = i.discount_amount + c.discount, tax_amount = c.tax, total_price = c.total
from unnest($2::uuid[], $3::numeric[], $4::numeric[], $5::numeric[]) as c (id, discount, tax, total)
where i.company_id = $1 and i.id = c.id
"""
TAXES: Final = """
update order_taxes t set taxable = c.taxable, amount = c.amount
from unnest($2::uuid[], $3::text[], $4::numeric[], $5::numeric[]) as c (order_item_id, name, taxable, amount)
where t.company_id = $1 and t.order_item_id = c.order_item_id and t.name = c.name
"""


async def store(tx: Tx, lines: Sequence[ChangedLine]) -> None:
    """Store changed lines of a locked order, and their taxes. Two statements."""
    items = [(line.id, line.amount, line.after.tax, line.after.total) for line in lines]
    taxes = [(line.id, tax.name, tax.taxable, tax.amount) for line in lines for tax in line.after.taxes]
    await tx.execute(ITEMS, tx.company_id, *(list(column) for column in zip(*items, strict=True)))
    await tx.execute(TAXES, tx.company_id, *(list(column) for column in zip(*taxes, strict=True)))
