"""Refunds of orders: one transaction records the refund, another one the provider's answer."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from operator import attrgetter
from typing import Final
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.fail_points import reach
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.ids import following_id
from domains.kernel.prisma.runtime import fetch_parts
from domains.kernel.text.validation import LINE_LENGTH, optional_text
from domains.kernel.validation import collect_errors
from domains.order import data, sql, transitions
from domains.order.errors import OrderBeingRefunded, OrderNotRefundable
from domains.order.gift_cards.returns import UnspentCards
from domains.order.models import Order
from domains.order.payments.refund_division import divided
from domains.order.payments.refund_lines import NewRefund, RefundableOrder, overpaid_of, refund_lines
from domains.order.payments.refund_plans import ExchangePart, RefundPlan
from domains.order.payments.refund_targets import Targets, open_store_credit, require_destination
from domains.order.payments.reversals import Reversals
from domains.order.summary import OrderFacts
from domains.payment.errors import PaymentNotFound, PaymentNotRefundable
from domains.payment.models import (
    NOTHING,
    Amounts,
    Payment,
    PaymentReversals,
    Refund,
    RefundDestination,
    RefundStatus,
    RefundTarget,
    is_captured,
)
from domains.payment.providers.results import ProviderRefund
from domains.payment.refunds import settled
from domains.payment.service import PaymentService

EVERYTHING: Final = NewRefund()
MOST_OF_A_PAYMENT: Final = 2  # one refund to an exchange, and one of the rest


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
        stays PENDING, and the reconciliation sends it again. One to store credit succeeds in the first transaction.

        Raises OrderNotFound, OrderNotRefundable, PaymentNotFound, PaymentNotRefundable, ProviderNotConfigured; and
        together those of `refund_lines`, GiftCardsSpent, StoreCreditNeedsCustomer, ExchangeNeedsOrder,
        AmountNotTaken, and TooLong for the reason. Emits GiftCardWasDisabled; PaymentRefunded and OrderRefunded, or
        RefundFailed; and StockReleased, StockChanged, BackInStock, ShipmentCancelled,
        OrderCancelled where nothing was shipped.
        """
        attempt = Attempt.wrap(db)

        async def begin(tx: Tx) -> tuple[Order, list[PendingRefund]]:
            order = await transitions.lock_managed(tx, actor, order_id)
            payments = await self._payment.payments_of(tx, [order.id])
            if started := await self._started(tx, payments, attempt.id):
                return order, started
            plan = await self._plan(tx, order, payments, new)
            return await self.settle(tx, actor, order, await self.record_plan(tx, actor, order, plan, attempt.id))

        order, pending = await attempt.run(begin, actor)
        return await self.send_all(attempt, actor, order, pending)

    async def plan(self, tx: Tx, order: Order, new: NewRefund) -> RefundPlan:
        """What a refund of a locked order would be; its gift cards are locked. Raises as `refund`."""
        return await self._plan(tx, order, await self._payment.payments_of(tx, [order.id]), new)

    async def _plan(self, tx: Tx, order: Order, payments: Sequence[Payment], new: NewRefund) -> RefundPlan:
        available = await self._available(tx, _refundable_payments(payments, new.payment_id))
        is_everything = new.amount is None and not new.is_itemized
        if not available or (is_everything and not any(amount for _, amount in available)):
            raise OrderNotRefundable
        return await self._planned(tx, order, available, new)

    async def find_started(self, tx: Tx, order: Order, attempt_id: UUID) -> list[PendingRefund]:
        """The refunds that an earlier run of this attempt has recorded. Two statements at most."""
        return await self._started(tx, await self._payment.payments_of(tx, [order.id]), attempt_id)

    async def begin_remaining(
        self, tx: Tx, actor: Actor, order: Order, reason: str | None, attempt_id: UUID
    ) -> list[PendingRefund]:
        """Record refunds of the remaining captured amount of a locked order; none when nothing is left.

        What an exchange paid goes to the buyer's store credit, that of a guest is paid by hand.
        """
        return await self._begin(tx, actor, order, NewRefund(reason=reason), attempt_id)

    async def begin_overpayment(
        self, tx: Tx, actor: Actor, order: Order, reason: str | None, attempt_id: UUID
    ) -> list[PendingRefund]:
        """Record refunds of what was paid above the total of a locked order; none when nothing is left of it."""
        refunded = await self._payment.refunds.lines_of_orders(tx, [order.id])
        if not overpaid_of(order, refunded, OrderFacts.of(order).overpaid):
            return []
        return await self._begin(tx, actor, order, NewRefund(overpayment=True, reason=reason), attempt_id)

    async def _begin(
        self, tx: Tx, actor: Actor, order: Order, new: NewRefund, attempt_id: UUID
    ) -> list[PendingRefund]:
        captured = _refundable_payments(await self._payment.payments_of(tx, [order.id]), None)
        available = await self._available(tx, captured)
        if not any(amount for _, amount in available):
            return []
        plan = await self._planned(tx, order, available, new)
        return await self.record_plan(tx, actor, order, plan, attempt_id)

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
        ids = [following_id(attempt_id, number) for number in range(MOST_OF_A_PAYMENT * len(payments))]
        refunds = sorted(await self._payment.refunds.by_id(tx, ids), key=attrgetter("id"))
        paid = {payment.id: payment for payment in payments}
        return [PendingRefund(paid[refund.payment_id], refund) for refund in refunds]

    async def _available(self, tx: Tx, payments: Sequence[Payment]) -> list[tuple[Payment, Decimal]]:
        """Captured payments, each with what it has left to refund."""
        amounts = await self._payment.refunds.available(tx, payments)
        return [(payment, amounts[payment.id]) for payment in payments]

    async def _planned(
        self, tx: Tx, order: Order, available: Sequence[tuple[Payment, Decimal]], new: NewRefund
    ) -> RefundPlan:
        left = await self._left(tx, order, new, sum((amount for _, amount in available), NOTHING))
        cards = await self.lock_balances(tx, order)
        with collect_errors() as each:
            with each:
                lines = refund_lines(new, left)
                cards.require(lines)
            with each:
                require_destination(order, new.destination)
            with each:
                reason = optional_text(new.reason, field=("reason",), max_length=LINE_LENGTH)
        return RefundPlan(lines, available, reason, new.destination, cards)

    async def record_plan(
        self,
        tx: Tx,
        actor: Actor,
        order: Order,
        plan: RefundPlan,
        attempt_id: UUID,
        exchange: ExchangePart | None = None,
    ) -> list[PendingRefund]:
        """Record the refund of each payment that a plan needs, and first the part that pays an exchange order.

        `settle` completes those whose amounts are here. Raises as `refund`.
        """
        rooms = plan.rooms(exchange)
        parts = divided(plan.lines, [room.amount for room in rooms], order.currency)
        needed = [(room, part) for room, part in zip(rooms, parts, strict=True) if part]
        pending: list[PendingRefund] = []
        targets = Targets(self._payment, order, plan.destination)
        for number, (room, part) in enumerate(needed):
            refund_id, exchanged = following_id(attempt_id, number), room.exchange_payment_id
            to = await targets.of(tx, room.payment) if exchanged is None else RefundTarget(None, exchanged)
            refund = await self._payment.refunds.create(
                tx, actor, room.payment.id, None, plan.reason, refund_id=refund_id, lines=part, to=to
            )
            await plan.cards.take_back(tx, self._payment, refund_id, part)
            pending.append(PendingRefund(room.payment, refund))
        return pending

    async def lock_balances(self, tx: Tx, order: Order) -> UnspentCards:
        """The gift cards of a locked order, locked before stock; see `UnspentCards.lock`.

        Also locks the store credit that gets what an exchange has paid of it: one more statement.
        """
        cards = await UnspentCards.lock(tx, self._payment, order)
        if order.exchanged_order_id is not None and order.amount_captured:
            await open_store_credit(tx, self._payment, order)
        return cards

    async def _left(self, tx: Tx, order: Order, new: NewRefund, amount: Decimal) -> RefundableOrder:
        """What is left of a locked order; a refund of an amount does not need its lines, unless too much was paid."""
        is_amount = new.amount is not None and not new.is_itemized
        if is_amount and not OrderFacts.of(order).overpaid:
            return RefundableOrder(order.currency, amount, {}, ())
        refunded = await self._payment.refunds.lines_of_orders(tx, [order.id])
        if is_amount:
            return RefundableOrder(order.currency, amount, {}, (), overpaid_of(order, refunded, amount))
        return RefundableOrder.of(order, await sql.sold(tx, order.id), refunded, amount)

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

        return await db.run(lambda tx: self._record(tx, actor, pending, outcome), actor)

    async def settle(
        self, tx: Tx, actor: Actor, order: Order, pending: Sequence[PendingRefund]
    ) -> tuple[Order, list[PendingRefund]]:
        """Record in `tx` that refunds of a locked order succeeded whose amounts are here; the order, and all refunds.

        Those that a provider must be asked for stay PENDING. Emits as `refund`.
        """
        settled_ones: list[PendingRefund] = []
        for each in pending:
            refund = each.refund
            if refund.destination is not RefundDestination.ORIGINAL_PAYMENT:
                order, refund = await self._record(tx, actor, each, settled(refund))
            settled_ones.append(replace(each, refund=refund))
        return order, settled_ones

    async def _record(
        self, tx: Tx, actor: Actor, pending: PendingRefund, outcome: ProviderRefund
    ) -> tuple[Order, Refund]:
        """Record the answer to a refund in its payment and, while it is locked, in its order. Idempotent."""
        reading = self._payment.refunds.reading_lines(tx, pending.refund.id)
        locked, lines = await fetch_parts(tx, [sql.locked_with_lines(tx, pending.refund.order_id), reading])
        order, sold = sql.order_with_lines(locked)
        (before,) = await self._payment.refunds.by_id(tx, [pending.refund.id])
        after = await self._payment.refunds.record(tx, pending.refund.id, outcome)
        if before.status is RefundStatus.PENDING and after.status is RefundStatus.SUCCEEDED:
            await self._payment.tenders.lock_refunded(tx, pending.payment, after)
            reversals = PaymentReversals((after,), self._payment.refunds.read_lines(lines))
            change = Amounts(refunded=after.amount)
            order = await self._reversals.record(tx, actor, order, change, reversals, sold)
            reach("refund.recorded")
        return order, after

    async def require_not_refunded(self, tx: Tx, order: Order) -> None:
        """Raise OrderBeingRefunded when the whole payment of an order was refunded, or is being refunded."""
        if order.paid_at is not None and order.total and not await self._refundable(tx, order):
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
