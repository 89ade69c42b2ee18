"""Refunds of orders: one transaction records the refund, another one the provider's answer."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter
from typing import Final
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.fail_points import reach
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.ids import following_id
from domains.kernel.permissions import PermissionAction
from domains.kernel.prisma.runtime import fetch_parts
from domains.kernel.text.validation import LINE_LENGTH, optional_text
from domains.kernel.validation import collect_errors
from domains.order import data, sql, transitions
from domains.order.errors import OrderBeingRefunded, OrderNotRefundable
from domains.order.gift_cards.returns import UnspentCards
from domains.order.models import Order
from domains.order.payments.refund_division import divided
from domains.order.payments.refund_lines import NewRefund, RefundableOrder, refund_lines
from domains.order.payments.reversals import Reversals
from domains.payment.errors import PaymentNotFound, PaymentNotRefundable
from domains.payment.models import NOTHING, Amounts, Payment, PaymentReversals, Refund, RefundStatus, is_captured
from domains.payment.service import PaymentService

EVERYTHING: Final = NewRefund()


@dataclass(frozen=True, slots=True)
class PendingRefund:
    """A refund that was recorded, and the payment that it refunds."""

    payment: Payment
    refund: Refund


class Refunds:
    """Refunds the captured amounts of orders."""

    def __init__(self, payment: PaymentService, reversals: Reversals) -> None:
        self._payment = payment
        self._reversals = reversals

    async def refund(
        self, db: Database | Attempt, actor: Actor, order_id: UUID, new: NewRefund = EVERYTHING
    ) -> tuple[Order, list[Refund]]:
        """Refund an amount, lines or everything that is left of an order. For staff with ORDERS:MANAGE.

        Each captured payment that is needed, the oldest first, has a refund of its own; all are recorded in one
        transaction, and then sent. Gift cards are taken back for their units, and must be unspent. A complete refund
        of an order that was not shipped makes it REFUNDED at once and releases its units; a shipped order is REFUNDED
        at delivery. The ids of the refunds follow from that of the attempt. One that the provider does not answer
        stays PENDING, and the reconciliation sends it again.

        Raises OrderNotFound, OrderNotRefundable, PaymentNotFound, PaymentNotRefundable, ProviderNotConfigured; and
        together those of `refund_lines`, GiftCardsSpent, AmountNotTaken, and TooLong for the reason. Emits
        GiftCardWasDisabled; PaymentRefunded and OrderRefunded, or RefundFailed; and StockReleased, StockChanged,
        BackInStock, OrderCancelled where nothing was shipped.
        """
        attempt = Attempt.wrap(db)

        async def begin(tx: Tx) -> tuple[Order, list[PendingRefund]]:
            order = await transitions.lock(tx, actor, order_id, None, PermissionAction.MANAGE)
            payments = await self._payment.payments_of(tx, [order.id])
            if started := await self._started(tx, payments, attempt.id):
                return order, started
            available = await self._available(tx, _refundable_payments(payments, new.payment_id))
            is_everything = new.amount is None and not new.is_itemized
            if not available or (is_everything and not any(amount for _, amount in available)):
                raise OrderNotRefundable
            return order, await self._record_pending(tx, actor, order, available, new, attempt.id)

        order, pending = await attempt.run(begin, actor)
        return await self.send_all(attempt, actor, order, pending)

    async def find_started(self, tx: Tx, order: Order, attempt_id: UUID) -> list[PendingRefund]:
        """The refunds that an earlier run of this attempt has recorded. Two statements at most."""
        return await self._started(tx, await self._payment.payments_of(tx, [order.id]), attempt_id)

    async def begin_remaining(
        self, tx: Tx, actor: Actor, order: Order, reason: str | None, attempt_id: UUID
    ) -> list[PendingRefund]:
        """Record refunds of the remaining captured amount of a locked order; none when nothing is left."""
        captured = _refundable_payments(await self._payment.payments_of(tx, [order.id]), None)
        available = await self._available(tx, captured)
        if not any(amount for _, amount in available):
            return []
        return await self._record_pending(tx, actor, order, available, NewRefund(reason=reason), attempt_id)

    async def pending_of(self, db: Reader, order_id: UUID) -> list[PendingRefund]:
        """The refunds of an order that have no answer yet, oldest first. Two statements."""
        paid = {payment.id: payment for payment in await self._payment.payments_of(db, [order_id])}
        refunds = await self._payment.refunds.of_payments(db, paid)
        return [
            PendingRefund(paid[refund.payment_id], refund)
            for refund in refunds
            if refund.status is RefundStatus.PENDING
        ]

    async def _started(self, tx: Tx, payments: Sequence[Payment], attempt_id: UUID) -> list[PendingRefund]:
        if not payments:
            return []
        ids = [following_id(attempt_id, number) for number in range(len(payments))]
        refunds = sorted(await self._payment.refunds.by_id(tx, ids), key=attrgetter("id"))
        paid = {payment.id: payment for payment in payments}
        return [PendingRefund(paid[refund.payment_id], refund) for refund in refunds]

    async def _available(self, tx: Tx, payments: Sequence[Payment]) -> list[tuple[Payment, Decimal]]:
        """Captured payments, each with what it has left to refund."""
        amounts = await self._payment.refunds.available(tx, payments)
        return [(payment, amounts[payment.id]) for payment in payments]

    async def _record_pending(
        self,
        tx: Tx,
        actor: Actor,
        order: Order,
        available: Sequence[tuple[Payment, Decimal]],
        new: NewRefund,
        attempt_id: UUID,
    ) -> list[PendingRefund]:
        """Record the refund of each payment that is needed; raises as `refund`."""
        left = await self._left(tx, order, new, sum((amount for _, amount in available), NOTHING))
        cards = await self.lock_gift_cards(tx, order)
        with collect_errors() as each:
            with each:
                lines = refund_lines(new, left)
                cards.require(lines)
            with each:
                reason = optional_text(new.reason, field=("reason",), max_length=LINE_LENGTH)
        parts = divided(lines, [amount for _, amount in available], order.currency)
        needed = [(payment, part) for (payment, _), part in zip(available, parts, strict=True) if part]
        pending: list[PendingRefund] = []
        for number, (payment, part) in enumerate(needed):
            refund_id = following_id(attempt_id, number)
            refund = await self._payment.refunds.create(
                tx, actor, payment.id, None, reason, refund_id=refund_id, lines=part
            )
            await cards.take_back(tx, self._payment, refund_id, part)
            pending.append(PendingRefund(payment, refund))
        return pending

    async def lock_gift_cards(self, tx: Tx, order: Order) -> UnspentCards:
        """The gift cards of a locked order, locked before stock; see `UnspentCards.lock`."""
        return await UnspentCards.lock(tx, self._payment, order)

    async def _left(self, tx: Tx, order: Order, new: NewRefund, amount: Decimal) -> RefundableOrder:
        """What is left of a locked order; a refund of an amount does not need its lines."""
        if new.amount is not None and not new.is_itemized:
            return RefundableOrder(order.currency, amount, {}, ())
        sold = await sql.sold(tx, order.id)
        return RefundableOrder.of(order, sold, await self._payment.refunds.lines_of_orders(tx, [order.id]), amount)

    async def refundable(self, db: Reader, order_ids: Collection[UUID]) -> dict[UUID, RefundableOrder]:
        """What is left to refund of orders, for those who may see them. Four statements."""
        ids = list(order_ids)
        orders = await data.order.find_many(db, where={"id": {"in": ids}})
        sold = await sql.sold_of(db, ids)
        lines = await self._payment.refunds.lines_of_orders(db, ids)
        balances = await self._payment.balances_of(db, ids)
        return {
            order.id: RefundableOrder.of(
                order,
                sold[order.id],
                [line for line in lines if line.order_id == order.id],
                balances[order.id].refundable,
            )
            for order in orders
        }

    async def send_all(
        self, db: Database | Attempt, actor: Actor, order: Order, pending: Sequence[PendingRefund]
    ) -> tuple[Order, list[Refund]]:
        """Send recorded refunds that have no answer yet, one after the other; the order and the refunds after it."""
        refunds: list[Refund] = []
        for each in pending:
            refund = each.refund
            if refund.status is RefundStatus.PENDING:
                order, refund = await self.send(db, actor, each)
            refunds.append(refund)
        return order, refunds

    async def send(self, db: Database | Attempt, actor: Actor, pending: PendingRefund) -> tuple[Order, Refund]:
        """Send a recorded refund to the provider and record its answer; without an answer the job sends it again.

        Emits as `refund`.
        """
        reach("refund.requested")
        reader = Attempt.wrap(db).db.reader(pending.payment.company_id)
        outcome = await self._payment.refunds.send(reader, pending.payment, pending.refund)
        reach("refund.provider_refunded")

        async def record(tx: Tx) -> tuple[Order, Refund]:
            reading = self._payment.refunds.reading_lines(tx, pending.refund.id)
            locked, lines = await fetch_parts(tx, [sql.locked_with_lines(tx, pending.refund.order_id), reading])
            order, sold = sql.order_with_lines(locked)
            (before,) = await self._payment.refunds.by_id(tx, [pending.refund.id])
            after = await self._payment.refunds.record(tx, pending.refund.id, outcome)
            if before.status is RefundStatus.PENDING and after.status is RefundStatus.SUCCEEDED:
                await self._payment.tenders.lock_refunded(tx, pending.payment)
                reversals = PaymentReversals((after,), self._payment.refunds.read_lines(lines))
                change = Amounts(refunded=after.amount)
                order = await self._reversals.record(tx, actor, order, change, reversals, sold)
                reach("refund.recorded")
            return order, after

        return await db.run(record, actor)

    async def require_not_refunded(self, tx: Tx, order: Order) -> None:
        """Raise OrderBeingRefunded when the whole payment of an order was refunded, or is being refunded."""
        if order.paid_at is not None and not await self._refundable(tx, order):
            raise OrderBeingRefunded

    async def _refundable(self, tx: Tx, order: Order) -> Decimal:
        return (await self._payment.balance_of(tx, order.id)).refundable


def _refundable_payments(payments: Sequence[Payment], payment_id: UUID | None) -> list[Payment]:
    """The captured payments, the oldest first, or the one with this id.

    Raises PaymentNotFound for a payment of another order, and PaymentNotRefundable for one that is not captured.
    """
    if payment_id is None:
        return [payment for payment in payments if is_captured(payment)]
    chosen = [payment for payment in payments if payment.id == payment_id]
    if not chosen:
        raise PaymentNotFound
    if not is_captured(chosen[0]):
        raise PaymentNotRefundable
    return chosen
