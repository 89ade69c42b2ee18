"""Sales: what orders earn, write off and give back, as entries of the ledger.

Each entry follows from a change of the facts of a locked order, in the transaction that records the change.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

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
EDIT: Final = "EDIT"
CREDIT_NOTE: Final = "CREDIT_NOTE"
CREDIT_NOTE_REVERSAL: Final = "CREDIT_NOTE_REVERSAL"
CHARGEBACK_LOSS: Final = "CHARGEBACK_LOSS"
OF_THE_SALE: Final = {RefundLineKind.ITEM, RefundLineKind.SHIPPING}
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
        self, tx: Tx, before: Order, after: Order, sold: SoldOrder | None = None, *, by: Source | None = None
    ) -> None:
        """Post what follows from a change of an order: its SALE, its CANCELLATION, or the REOPENING of that.

        `by` is what ended the order or reopened it, for changes that can happen to it more than once. No statement,
        except one for the order's lines when they are needed and not given.
        """
        if postings.is_recognized(after) and not postings.is_recognized(before):
            await self.post_sale(tx, after, sold or await sql.sold(tx, after.id))
        if rest := postings.written_off(after) - postings.written_off(before):
            is_whole = abs(rest) == after.total and not after.amount_captured
            lines = (sold or await sql.sold(tx, after.id)) if is_whole else None
            kind = CANCELLATION if rest > 0 else REOPENING
            written_off = postings.write_off(after, rest, lines)
            await self._post(tx, kind, by or Source("order", after.id), after, written_off)

    async def edit(self, tx: Tx, edit_id: UUID, order: Order, before: SoldOrder, after: SoldOrder) -> None:
        """Post what an edit changed of the sale of a recognized order. No statement."""
        await self._post(tx, EDIT, Source("order_edit", edit_id), order, postings.edit(before, after))

    async def give_back(
        self, tx: Tx, order: Order, reversals: PaymentReversals, sold: SoldOrder | None = None
    ) -> None:
        """Post a CREDIT_NOTE for each refund that succeeded, and its reversal for one that failed afterwards.

        No statement when the lines of the order and of the refunds are given, one each otherwise.
        """
        signs = {each.id: sign_of(each, reversals) for each in reversals.refunds if sign_of(each, reversals)}
        if not signs:
            return
        lines: Sequence[RefundLine] | None = reversals.lines
        if lines is None:
            lines = await self._payment.refunds.lines_of(tx, list(signs))
        if sold is None and any(line.kind in OF_THE_SALE for line in lines):
            sold = await sql.sold(tx, order.id)
        for refund in reversals.refunds:
            if sign := signs.get(refund.id, 0):
                own = [line for line in lines if line.refund_id == refund.id]
                note = postings.credit_note(own, sold or NO_LINES)
                kind, note = (
                    (CREDIT_NOTE, note) if sign > 0 else (CREDIT_NOTE_REVERSAL, postings.reversed_lines(note))
                )
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


def sign_of(refund: Refund, reversals: PaymentReversals) -> int:
    """1 for a refund that gave its amount back, -1 for one that had done so and failed, 0 for any other. Pure."""
    if refund.status is RefundStatus.SUCCEEDED:
        return 1
    return -1 if refund.id in reversals.undone else 0
