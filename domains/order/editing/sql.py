"""SQL of edits of orders; the company is always its first parameter."""

from collections import defaultdict
from collections.abc import Collection
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Tx
from domains.order import data
from domains.order.editing.models import EditPlan
from domains.order.editing.new_lines import tax_rows
from domains.order.models import OrderAdjustmentSource

ITEMS: Final = """
update order_items i
set quantity = i.quantity + c.added, dropped_quantity = i.dropped_quantity + c.dropped,
  discount_amount = c.discount, tax_rate = c.rate, tax_amount = c.tax, total_price = c.total
from unnest($2::uuid[], $3::int[], $4::int[], $5::numeric[], $6::numeric[], $7::numeric[], $8::numeric[])
  as c (id, added, dropped, discount, rate, tax, total)
where i.company_id = $1 and i.id = c.id
"""
ADJUSTMENTS: Final = """
with changed as (
  select * from unnest($2::uuid[], $3::numeric[]) as c (id, amount)
), removed as (
  delete from order_adjustments a using changed c where a.company_id = $1 and a.id = c.id and c.amount = 0
)
update order_adjustments a set amount = c.amount
from changed c where a.company_id = $1 and a.id = c.id and c.amount > 0
"""
PROMOTIONS: Final = """
update order_promotions p set discount_amount = p.discount_amount - c.amount
from unnest($3::uuid[], $4::numeric[]) as c (promotion_id, amount)
where p.company_id = $1 and p.order_id = $2 and p.promotion_id = c.promotion_id
"""


async def store(tx: Tx, plan: EditPlan) -> None:
    """Store the lines of a locked order, their taxes and discounts, and its new address. Eight statements at most."""
    order = plan.order
    if plan.address is not None:
        await data.order_address.create(tx, plan.address)
    if plan.lines:
        await _store_lines(tx, plan)
    taxes = [row for line in plan.lines for row in tax_rows(order.id, line.item.id, line.amount, order.currency)]
    removed: Collection[UUID | None] = [line.item.id for line in plan.lines if line.before.taxes]
    if removed:
        await data.order_tax.delete_many(tx, where={"order_item_id": {"in": list(filter(None, removed))}})
    if plan.shipping.after is not None:
        await data.order_tax.delete_many(tx, where={"order_id": order.id, "order_item_id": None})
        for number, part in enumerate(plan.shipping.after):
            taxes += tax_rows(order.id, None, part, order.currency, number)
    if plan.built.items:
        await data.order_item.create_many(tx, plan.built.items)
    if rows := [*taxes, *plan.built.taxes]:
        await data.order_tax.create_many(tx, rows)


async def _store_lines(tx: Tx, plan: EditPlan) -> None:
    """Store the changed lines and the discounts of them. Three statements at most."""
    rows: list[tuple[Any, ...]] = [
        (
            line.item.id,
            line.added,
            line.dropped,
            line.discount,
            line.amount.tax_rate,
            line.amount.tax,
            line.amount.total,
        )
        for line in plan.lines
    ]
    await tx.execute(ITEMS, tx.company_id, *(list(column) for column in zip(*rows, strict=True)))
    amounts: dict[UUID, Decimal] = {}
    taken_back: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    for line in plan.lines:
        shares = line.adjustments
        for row in line.before.adjustments:
            if (fewer := row.amount - shares[row.id]) == 0:
                continue
            amounts[row.id] = shares[row.id]
            if row.source_type is OrderAdjustmentSource.PROMOTION and row.source_id is not None:
                taken_back[row.source_id] += fewer
    if amounts:
        await tx.execute(ADJUSTMENTS, tx.company_id, list(amounts), list(amounts.values()))
    if taken_back:
        values = (list(taken_back), list(taken_back.values()))
        await tx.execute(PROMOTIONS, tx.company_id, plan.order.id, *values)
