"""Invoices and credit notes: issued with numbers without gaps, when they are due or on request."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import asyncpg

from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.ids import new_id
from domains.kernel.transactions.cleanup import raise_if_cancelled
from domains.kernel.values.calendar import local_day
from domains.order import data, lifecycle, transitions
from domains.order.checkout.number_patterns import format_number
from domains.order.events import InvoiceIssued
from domains.order.invoices import content, due, errors
from domains.order.invoices.corrections import valid_invoice
from domains.order.invoices.listing import InvoiceListing
from domains.order.invoices.models import NOTHING, Content, Invoice, InvoiceKind
from domains.order.invoices.numbers import next_sequence
from domains.order.invoices.retention import Retention
from domains.order.invoices.settings import names_seller
from domains.order.invoices.sources import InvoiceSources, Repayment, Sources
from domains.order.models import Order
from domains.order.summary import OrderFacts

Write = Callable[[str, datetime], Content]
"""The content of a document with this number, issued at this time."""


class Invoices:
    """Issues invoices and credit notes.

    The order is locked first and the counter of the kind last, that of credit notes before that of invoices. An
    order has one valid invoice at a time: an edit, or a refund that fails after its credit note, has it taken back by
    a credit note, and another one is issued.
    """

    def __init__(self, sources: InvoiceSources, clock: Clock) -> None:
        self.settings = sources.settings
        self.listing = InvoiceListing()
        self.retention = Retention(sources.settings, clock)
        self._sources = sources
        self._clock = clock

    async def issue(self, tx: Tx, actor: Actor, order_id: UUID) -> Invoice:
        """Issue the invoice of an order before it is due. For staff with ORDERS:UPDATE. About nine statements.

        Raises OrderNotFound, OrderInvoiced, OrderNotInvoiceable, SellerIncomplete, InvoiceNumberTaken. Emits
        InvoiceIssued.
        """
        order = await transitions.lock(tx, actor, order_id, None)
        if order.invoiced_total is not None:
            raise errors.OrderInvoiced((await self._valid(tx, order)).number)
        is_open = lifecycle.may_invoice(OrderFacts.of(order))
        if not is_open or not order.total:
            raise errors.OrderNotInvoiceable(has_ended=not is_open)
        if not names_seller(await self.settings.current(tx)):
            raise errors.SellerIncomplete
        return await self._issue_invoice(tx, order, await self._sources.of(tx, order))

    async def issue_due(self, db: Database, actor: Actor) -> int:
        """Issue what is due in the actor's company, one order per transaction; returns the number of orders.

        Credit notes are due for refunds that succeeded, edits and cancellations of orders with an invoice, and for
        refunds that failed after their credit note; invoices for orders that were shipped completely since the time
        in the settings. An order that fails does not stop the others; all failures are raised together at the end,
        each with a note that names the order. Emits InvoiceIssued.
        """
        count, found, stepped_over, failures = 0, list[Order](), list[UUID](), list[Exception]()

        async def work(tx: Tx) -> None:
            found[:] = await self._next(tx, stepped_over)
            for order in found:
                await self._bring_up_to_date(tx, order)

        while True:
            found.clear()
            try:
                await db.run(work, actor)
            except Exception as error:
                raise_if_cancelled()
                if not found:
                    raise  # it was not the order
                error.add_note(f"order {found[0].order_number}")
                failures.append(error)
                stepped_over += [order.id for order in found]
            else:
                if not found:
                    break
                count += 1
        if failures:
            raise ExceptionGroup("Some invoices could not be issued.", failures)
        return count

    async def _next(self, tx: Tx, stepped_over: Collection[UUID]) -> list[Order]:
        settings = await self.settings.current(tx)
        if not names_seller(settings):
            return []
        order = await due.next_outdated(tx, stepped_over)
        if order is None and settings.invoices_from is not None:
            order = await due.next_uninvoiced(tx, settings.invoices_from, stepped_over)
        return [] if order is None else [order]

    async def _bring_up_to_date(self, tx: Tx, order: Order) -> None:
        sources, is_open = await self._sources.of(tx, order), lifecycle.may_invoice(OrderFacts.of(order))
        if order.invoiced_total is None:
            await self._issue_invoice(tx, order, sources)
        elif order.is_invoice_outdated or order.invoiced_total != order.total or not is_open:
            await self._replace(tx, order, sources)
        else:
            await self._credit_refunds(tx, order, sources)

    async def _issue_invoice(self, tx: Tx, order: Order, sources: Sources) -> Invoice:
        await _record(tx, order, order.total)
        return await self._write(
            tx,
            sources,
            InvoiceKind.INVOICE,
            lambda number, at: content.invoice_content(sources, number, at),
            (order.total, order.tax_amount),
        )

    async def _replace(self, tx: Tx, order: Order, sources: Sources) -> None:
        """Take back what is left of the valid invoice; an order that goes on gets another one."""
        valid = await self._valid(tx, order)
        notes = await self._notes_of(tx, valid)
        total = valid.total - sum((note.total for note in notes), NOTHING)
        tax = valid.tax - sum((note.tax for note in notes), NOTHING)
        await _record(tx, order, None)
        if total > 0:
            await self._write(
                tx,
                sources,
                InvoiceKind.CREDIT_NOTE,
                lambda number, at: content.reversal_content(sources, number, at, valid, notes),
                (total, tax),
                corrected=valid,
            )
        if order.total and lifecycle.may_invoice(OrderFacts.of(order)):
            await self._issue_invoice(tx, order, sources)

    async def _credit_refunds(self, tx: Tx, order: Order, sources: Sources) -> None:
        """Issue a credit note for each refund that has none of the valid invoice yet."""
        valid = await self._valid(tx, order)
        credited = {note.refund_id for note in await self._notes_of(tx, valid)}
        for repayment in await self._sources.repayments(tx, sources):
            if repayment.refund.id not in credited and content.sums_of(repayment)[0] > 0:
                await self._credit(tx, sources, valid, repayment)
        considered = order.amount_refunded - order.amount_repaid
        await data.order.update(tx, id=order.id, data={"amount_credited": considered})

    async def _credit(self, tx: Tx, sources: Sources, valid: Invoice, repayment: Repayment) -> None:
        await self._write(
            tx,
            sources,
            InvoiceKind.CREDIT_NOTE,
            lambda number, at: content.refund_content(sources, number, at, valid, repayment),
            content.sums_of(repayment),
            corrected=valid,
            refund_id=repayment.refund.id,
        )

    async def _write(
        self,
        tx: Tx,
        sources: Sources,
        kind: InvoiceKind,
        write: Write,
        sums: tuple[Decimal, Decimal],
        *,
        corrected: Invoice | None = None,
        refund_id: UUID | None = None,
    ) -> Invoice:
        """Number a document and store it. Two statements. Raises InvoiceNumberTaken. Emits InvoiceIssued."""
        order, settings = sources.order, sources.settings
        sequence = await next_sequence(tx, kind)
        at = self._clock.now()
        pattern = settings.invoice_pattern if kind is InvoiceKind.INVOICE else settings.credit_note_pattern
        number = format_number(pattern, sequence, local_day(at, sources.company.time_zone))
        row: data.InvoiceCreate = {
            "id": new_id(),
            "order_id": order.id,
            "kind": kind,
            "corrected_id": corrected.id if corrected else None,
            "erase_at": corrected.erase_at if corrected else None,
            "refund_id": refund_id,
            "sequence": sequence,
            "number": number,
            "language": order.language or settings.document_language,
            "total": sums[0],
            "tax": sums[1],
            "currency": order.currency,
            "document": write(number, at),
            "issued_at": at,
        }
        try:
            invoice = await data.invoice.create(tx, data=row)
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name != "invoices_company_id_kind_number_key":
                raise
            raise errors.InvoiceNumberTaken(number) from None
        tx.emit(_issued(order, invoice))
        return invoice

    async def _valid(self, db: Reader, order: Order) -> Invoice:
        """The valid invoice of an order that has one: the last. One statement. Raises InvoiceNotFound."""
        invoice = await valid_invoice(db, order.id)
        if invoice is None:
            raise errors.InvoiceNotFound
        return invoice

    async def _notes_of(self, db: Reader, invoice: Invoice) -> Sequence[Invoice]:
        """The credit notes of an invoice, oldest first. One statement."""
        return await data.invoice.find_many(db, where={"corrected_id": invoice.id}, order_by=[{"sequence": "asc"}])


async def _record(tx: Tx, order: Order, total: Decimal | None) -> None:
    """Record the total of the valid invoice of a locked order, as of now; None for no invoice. One statement."""
    columns: data.OrderUpdate = {"invoiced_total": total, "amount_credited": NOTHING, "is_invoice_outdated": False}
    await data.order.update(tx, id=order.id, data=columns)


def _issued(order: Order, invoice: Invoice) -> InvoiceIssued:
    return InvoiceIssued(
        order_id=order.id,
        order_number=order.order_number,
        invoice_id=invoice.id,
        kind=invoice.kind.value,
        number=invoice.number,
        refund_id=invoice.refund_id,
        total=invoice.total,
        currency=invoice.currency,
    )
