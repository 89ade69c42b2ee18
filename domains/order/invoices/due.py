"""Orders of which an invoice or a credit note is due, each locked; those that others have locked are skipped."""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from domains.kernel.database import Tx
from domains.order import data
from domains.order.models import Order

# The conditions are those of the indexes `orders_of_outdated_invoice_idx` and `orders_without_invoice_idx`.
OUTDATED: Final = f"""
select {data.order.columns()} from orders
where company_id = $1 and id <> all($2) and invoiced_total is not null
  and (invoiced_total <> total or is_invoice_outdated
    or amount_refunded - amount_repaid <> amount_credited or cancelled_at is not null or failed_at is not null)
order by updated_at, id limit 1 for update skip locked
"""  # noqa: S608 - names of columns
UNINVOICED: Final = f"""
select {data.order.columns()} from orders
where company_id = $1 and id <> all($2) and invoiced_total is null and total > 0
  and units_shipped >= units_ordered - units_dropped and units_ordered > units_dropped
  and cancelled_at is null and failed_at is null and (status <> 'CANCELLED' or amount_captured > 0)
  and coalesce(shipped_at, paid_at, created_at) >= $3
order by coalesce(shipped_at, paid_at, created_at), id limit 1 for update skip locked
"""  # noqa: S608 - names of columns


async def next_outdated(tx: Tx, stepped_over: Collection[UUID]) -> Order | None:
    """The next order whose invoice is to be corrected: it was edited, refunded or cancelled. One statement."""
    row = await tx.fetch_row(OUTDATED, tx.company_id, list(stepped_over))
    return None if row is None else data.order.from_record(row)


async def next_uninvoiced(tx: Tx, since: datetime, stepped_over: Collection[UUID]) -> Order | None:
    """The order without an invoice that was shipped first since that time, all of its units by now. One statement."""
    row = await tx.fetch_row(UNINVOICED, tx.company_id, list(stepped_over), since)
    return None if row is None else data.order.from_record(row)
