"""The timeline of one order: its history, payments, refunds and stock movements, oldest first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from operator import itemgetter
from typing import Final
from uuid import UUID

from domains.inventory.models import MovementFilter, StockMovement
from domains.inventory.service import InventoryService
from domains.kernel.database import Reader
from domains.kernel.pagination.pages import MAX_PAGE, PageArgs
from domains.kernel.values.money import round_half_up
from domains.order import data
from domains.order.errors import OrderNotFound
from domains.order.models import Order, OrderEdit, OrderItem, OrderPromotion, OrderStatusHistory
from domains.order.payments.acceptance import awaits_acceptance
from domains.payment.models import Payment, PaymentTransaction, Refund, RefundLine, is_captured
from domains.payment.providers.recorded_provider import MANUAL
from domains.payment.service import PaymentService

RANKS: Final = ("order", "payment", "refund", "provider", "stock")


@dataclass(frozen=True, slots=True)
class OrderTimeline:
    """An order with its history, payments, refunds and the first hundred stock movements, with their SKUs."""

    order: Order
    items: list[OrderItem]
    promotions: list[OrderPromotion]
    history: list[OrderStatusHistory]
    edits: list[OrderEdit]
    payments: list[Payment]
    refunds: list[Refund]
    refund_lines: list[RefundLine]
    transactions: list[PaymentTransaction]
    movements: list[StockMovement]
    skus: Mapping[UUID, str]
    has_more_movements: bool

    @property
    def is_consistent(self) -> bool:
        """Whether the lines and the shipping add up to the total."""
        lines = sum(item.total_price for item in self.items)
        return lines + self.order.shipping_cost == self.order.total

    @property
    def captured(self) -> Decimal:
        """The sum of the captures that are not being cancelled."""
        return sum((payment.amount_captured for payment in self.payments if is_captured(payment)), Decimal(0))

    @property
    def is_settled(self) -> bool:
        """Whether the captures equal the total of a paid order, and are below it for any other.

        What an edit has made too much or too little of a paid order is told elsewhere.
        """
        total, paid = self.order.total, self.captured - self.order.amount_repaid
        if self.order.paid_at:
            return paid == total or bool(self.edits)
        return paid < total or not total

    @property
    def awaits_acceptance(self) -> bool:
        """Whether the order waits for staff to accept it."""
        return awaits_acceptance(self.order)

    def entries(self) -> Iterator[tuple[datetime, str]]:
        """The entries with their times, oldest first; entries of the same time are in the order of RANKS."""
        entries = [
            *((change.created_at, 0, _change(change)) for change in self.history),
            *((edit.created_at, 0, _edit(edit)) for edit in self.edits),
            *((payment.created_at, 1, _payment(payment, self.order)) for payment in self.payments),
            *((refund.created_at, 2, self._refund(refund)) for refund in self.refunds),
            *((entry.processed_at, 3, _transaction(entry)) for entry in self.transactions),
            *((entry.created_at, 4, _movement(entry, self.skus)) for entry in self.movements),
        ]
        for at, rank, text in sorted(entries, key=itemgetter(0, 1)):
            yield at, f"{RANKS[rank]:<8} {text}"

    def _refund(self, refund: Refund) -> str:
        skus = {item.id: item.sku for item in self.items}
        lines = ", ".join(_refund_line(line, skus) for line in self.refund_lines if line.refund_id == refund.id)
        reason = f": {refund.reason}" if refund.reason else ""
        return f"{refund.status} {round_half_up(refund.amount, refund.currency)} {refund.currency} ({lines}){reason}"


class Timeline:
    """Collects the timeline of an order from the order, payment and inventory domains."""

    def __init__(self, payment: PaymentService, inventory: InventoryService) -> None:
        self._payment = payment
        self._inventory = inventory

    async def of(self, db: Reader, number: str) -> OrderTimeline:
        """The timeline of the order with this number. Raises OrderNotFound."""
        order = await data.order.find_unique(db, order_number=number)
        if order is None:
            raise OrderNotFound(number, field=("number",))
        payments = await self._payment.payments_of(db, [order.id])
        page = await self._inventory.listing.find_movements(
            db, PageArgs(first=MAX_PAGE), MovementFilter(reference=str(order.id)), direction="asc"
        )
        refunds = await self._payment.refunds.of_payments(db, [payment.id for payment in payments])
        items = await self._inventory.listing.items_by_id(db, {entry.inventory_id for entry in page.items})
        return OrderTimeline(
            order,
            await data.order_item.find_many(db, where={"order_id": order.id}, order_by=[{"id": "asc"}]),
            await data.order_promotion.find_many(db, where={"order_id": order.id}, order_by=[{"id": "asc"}]),
            await data.order_status_history.find_many(db, where={"order_id": order.id}, order_by=[{"id": "asc"}]),
            await data.order_edit.find_many(db, where={"order_id": order.id}, order_by=[{"id": "asc"}]),
            payments,
            refunds,
            await self._payment.refunds.lines_of(db, [refund.id for refund in refunds]),
            await self._payment.transactions.of_payments(db, [payment.id for payment in payments]),
            list(page.items),
            {item.id: item.sku for item in items},
            page.has_next,
        )


def _change(change: OrderStatusHistory) -> str:
    is_note = change.from_status is change.to_status
    origin = f"{change.from_status} -> " if change.from_status and not is_note else ""
    actor = change.actor_kind.value if change.changed_by is None else f"{change.actor_kind} {change.changed_by}"
    return f"{origin}{change.to_status} by {actor}" + (f": {change.comment}" if change.comment else "")


def _edit(edit: OrderEdit) -> str:
    before, after = (round_half_up(total, edit.currency) for total in (edit.total_before, edit.total_after))
    return f"edited: the total was {before} and is {after} {edit.currency}, edit {edit.id}"


def _payment(payment: Payment, order: Order) -> str:
    amount = round_half_up(payment.amount, order.currency)
    card = f", card ending in {payment.card_last_4}" if payment.card_last_4 else f", {payment.method}"
    manual = " by hand" if payment.provider == MANUAL else ""
    reason = f" ({payment.failure_code})" if payment.failure_code else ""
    cancellation = ", to be cancelled" if payment.cancel_requested_at and payment.status != "CANCELLED" else ""
    return f"{payment.status}{manual}{reason} {amount} {payment.currency}{card}{cancellation}, payment {payment.id}"


def _refund_line(line: RefundLine, skus: Mapping[UUID, str]) -> str:
    name = f"{line.quantity} x {skus[line.order_item_id]}" if line.order_item_id else line.kind.value.lower()
    return f"{name} {round_half_up(line.amount, line.currency)}"


def _transaction(entry: PaymentTransaction) -> str:
    amount = round_half_up(entry.amount, entry.currency)
    return f"{entry.type} {entry.status} {amount} {entry.currency}, {entry.provider} {entry.provider_transaction_id}"


def _movement(entry: StockMovement, skus: Mapping[UUID, str]) -> str:
    return (
        f"{entry.type} of {entry.quantity} x {skus[entry.inventory_id]}: "
        f"free {entry.available_delta:+}, reserved {entry.reserved_delta:+}"
    )
