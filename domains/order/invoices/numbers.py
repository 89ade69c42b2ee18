"""Numbers of invoices without gaps: the row of a counter is locked until the transaction of the invoice ends."""

from typing import Final

from domains.kernel.database import Tx
from domains.order.invoices.models import InvoiceKind

NEXT: Final = """
insert into invoice_counters (company_id, kind, last_sequence) values ($1, $2, 1)
on conflict (company_id, kind) do update set last_sequence = invoice_counters.last_sequence + 1
returning last_sequence
"""


async def next_sequence(tx: Tx, kind: InvoiceKind) -> int:
    """The next sequence of the company and kind; others wait for it until the transaction ends. One statement.

    A transaction that fails gives it back, so that there are no gaps.
    """
    sequence: int = await tx.fetch_value(NEXT, tx.company_id, kind)
    return sequence
