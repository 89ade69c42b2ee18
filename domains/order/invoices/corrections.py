"""Which invoices are to be replaced, because their credit notes say what is not true any more."""

from collections.abc import Collection
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.order import data
from domains.order.invoices.models import Invoice, InvoiceKind
from domains.order.models import Order


async def valid_invoice(db: Reader, order_id: UUID) -> Invoice | None:
    """The last invoice of an order, which is the valid one of an order that has one. One statement."""
    return await data.invoice.find_first(
        db, where={"order_id": order_id, "kind": InvoiceKind.INVOICE}, order_by=[{"sequence": "desc"}]
    )


async def outdate_credited(tx: Tx, order: Order, undone: Collection[UUID]) -> Order:
    """Have the invoice of a locked order replaced if it has a credit note for one of these refunds, which failed.

    A credit note is never deleted: what is left of the invoice is credited, and another one is issued, of which the
    refunds that succeeded are credited. No statement without an invoice or such refunds, otherwise three at most.
    """
    if not undone or order.invoiced_total is None:
        return order
    valid = await valid_invoice(tx, order.id)
    notes = await data.invoice.find_many(tx, where={"refund_id": {"in": list(undone)}})
    if valid is None or all(note.corrected_id != valid.id for note in notes):
        return order
    return await data.order.update(tx, id=order.id, data={"is_invoice_outdated": True})
