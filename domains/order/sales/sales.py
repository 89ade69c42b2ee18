"""Sales: what orders earn, write off and give back, as entries of the ledger.

Each entry follows from a change of the facts of a locked order, in the transaction that records the change.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from domains.kernel.database import Tx
from domains.ledger import chart
from domains.ledger.models import NewEntry, NewLine, Source, credit, debit
from domains.ledger.service import LedgerService
from domains.order import sql
from domains.order.models import Order
from domains.order.sales import postings
from domains.order.sales.sold_order import SoldOrder
from domains.payment.models import PaymentReversals, Refund, RefundLine, RefundLineKind, RefundStatus
from domains.payment.service import PaymentService

SALE: Final = "SALE"
CANCELLATION: Final = "CANCELLATION"
REOPENING: Final = "REOPENING"
CREDIT_NOTE: Final = "CREDIT_NOTE"
CREDIT_NOTE_REVERSAL: Final = "CREDIT_NOTE_REVERSAL"
CHARGEBACK_LOSS: Final = "CHARGEBACK_LOSS"
NO_LINES: Final = SoldOrder((), (), None)


class Sales:
    """Posts what orders earn. Entries are written with the last statement of the transaction."""

    def __init__(self, ledger: LedgerService, payment: PaymentService) -> None:
        self._ledger = ledger
        self._payment = payment

    async def post_sale(self, tx: Tx, order: Order, sold: SoldOrder) -> None:
        """Post the SALE of an order that is recognized now. An order of zero has none. No statement."""
        await self._post(tx, SALE, Source("order", order.id), order, postings.sale(order, sold))

    async def follow(
        self, tx: Tx, before: Order, after: Order, sold: SoldOrder | None = None, *, refund: Refund | None = None
    ) -> None:
        """Post what follows from a change of an order: its SALE, its CANCELLATION, or the REOPENING of that.

        The `refund` is what ended an order that was shipped, or, when it failed, reopened it. No statement, except
        one for the order's lines when they are needed and not given.
        """
        if postings.is_recognized(after) and not postings.is_recognized(before):
            await self.post_sale(tx, after, sold or await sql.sold(tx, after.id))
        if rest := postings.written_off(after) - postings.written_off(before):
            source = Source("order", after.id) if refund is None else Source("refund", refund.id)
            is_unpaid = rest > 0 and not after.amount_captured
            lines = (sold or await sql.sold(tx, after.id)) if is_unpaid else None
            kind = CANCELLATION if rest > 0 else REOPENING
            await self._post(tx, kind, source, after, postings.write_off(after, rest, lines))

    async def give_back(
        self, tx: Tx, order: Order, reversals: PaymentReversals, sold: SoldOrder | None = None
    ) -> None:
        """Post a CREDIT_NOTE for each refund that succeeded, and its reversal for one that failed afterwards.

        No statement when the lines of the order and of the refunds are given, one each otherwise.
        """
        kinds = {refund.id: kind for refund in reversals.refunds if (kind := _kind_of(refund, reversals))}
        if not kinds:
            return
        lines: Sequence[RefundLine] | None = reversals.lines
        if lines is None:
            lines = await self._payment.refunds.lines_of(tx, list(kinds))
        if sold is None and any(line.kind is not RefundLineKind.ADJUSTMENT for line in lines):
            sold = await sql.sold(tx, order.id)
        for refund in reversals.refunds:
            if kind := kinds.get(refund.id):
                own = [line for line in lines if line.refund_id == refund.id]
                note = postings.credit_note(refund, own, sold or NO_LINES)
                note = note if kind is CREDIT_NOTE else postings.reversed_lines(note)
                await self._post(tx, kind, Source("refund", refund.id), order, note)

    async def charge_back(self, tx: Tx, order: Order, amount: Decimal, reversals: PaymentReversals) -> None:
        """Post what a buyer's bank took back; negative for what came back. No statement."""
        if reversals.chargeback_id is not None:
            source = Source("payment_transaction", reversals.chargeback_id)
            lines = [debit(chart.CHARGEBACKS, amount), credit(chart.RECEIVABLE, amount)]
            await self._post(tx, CHARGEBACK_LOSS, source, order, lines)

    async def _post(self, tx: Tx, kind: str, source: Source, order: Order, lines: Sequence[NewLine]) -> None:
        entry = NewEntry(kind=kind, source=source, currency=order.currency, lines=lines, order_id=order.id)
        await self._ledger.post(tx, entry)


def _kind_of(refund: Refund, reversals: PaymentReversals) -> str | None:
    """The kind of a refund's entry; None for a refund that gave nothing back."""
    if refund.status is RefundStatus.SUCCEEDED:
        return CREDIT_NOTE
    return CREDIT_NOTE_REVERSAL if refund.id in reversals.undone else None
