"""Refunds of orders: one transaction records the refund, another one the provider's answer."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.fail_points import reach
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.permissions import PermissionAction
from domains.order import transitions
from domains.order.errors import OrderBeingRefunded, OrderNotRefundable
from domains.order.models import Order
from domains.order.payments.reversals import Reversals
from domains.payment.models import Amounts, Payment, PaymentStatus, Refund, RefundStatus, is_captured
from domains.payment.service import PaymentService


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
        self,
        db: Database | Attempt,
        actor: Actor,
        order_id: UUID,
        *,
        amount: Decimal | None = None,
        reason: str | None = None,
    ) -> tuple[Order, Refund]:
        """Refund an amount in the order's currency, by default all that is left. For staff with ORDERS:MANAGE.

        A complete refund of an order that was not shipped makes it REFUNDED at once and releases its units; a
        shipped order is REFUNDED at delivery. The refund has the id of the attempt. One that the provider does not
        answer stays PENDING, and the reconciliation sends it again. Raises OrderNotFound, OrderNotRefundable,
        RefundTooLarge, OutOfRange, TooManyDecimals. Emits PaymentRefunded and OrderRefunded, or RefundFailed; and
        StockReleased, StockChanged, BackInStock, OrderCancelled where nothing was shipped.
        """
        attempt = Attempt.wrap(db)

        async def begin(tx: Tx) -> PendingRefund:
            order = await transitions.lock(tx, actor, order_id, None, PermissionAction.MANAGE)
            payment = await self._captured(tx, order)
            if payment is None:
                raise OrderNotRefundable
            if (
                amount is None
                and await self._refundable(tx, order) == 0
                and await self.find_started(tx, attempt.id) is None
            ):
                raise OrderNotRefundable
            refund = await self._payment.refunds.create(tx, actor, payment.id, amount, reason, refund_id=attempt.id)
            return PendingRefund(payment, refund)

        return await self.send(attempt, actor, await attempt.run(begin, actor))

    async def find_started(self, tx: Tx, refund_id: UUID) -> PendingRefund | None:
        """The refund with this id, if an earlier attempt has recorded it."""
        refunds = await self._payment.refunds.by_id(tx, [refund_id])
        if not refunds:
            return None
        (payment,) = await self._payment.payments_by_id(tx, [refunds[0].payment_id])
        return PendingRefund(payment, refunds[0])

    async def begin_remaining(
        self, tx: Tx, actor: Actor, order: Order, reason: str | None, refund_id: UUID
    ) -> PendingRefund | None:
        """Record a refund of the remaining captured amount of a locked order; None when nothing is left."""
        payment = await self._captured(tx, order)
        if payment is None or not await self._refundable(tx, order):
            return None
        refund = await self._payment.refunds.create(tx, actor, payment.id, None, reason, refund_id=refund_id)
        return PendingRefund(payment, refund)

    async def send(self, db: Database | Attempt, actor: Actor, pending: PendingRefund) -> tuple[Order, Refund]:
        """Send a recorded refund to the provider and record its answer; without an answer the job sends it again.

        Emits as `refund`.
        """
        reach("refund.requested")
        reader = Attempt.wrap(db).db.reader(pending.payment.company_id)
        outcome = await self._payment.refunds.send(reader, pending.payment, pending.refund)
        reach("refund.provider_refunded")

        async def record(tx: Tx) -> tuple[Order, Refund]:
            order = await transitions.lock_known(tx, pending.refund.order_id)
            (before,) = await self._payment.refunds.by_id(tx, [pending.refund.id])
            after = await self._payment.refunds.record(tx, pending.refund.id, outcome)
            if before.status is RefundStatus.PENDING and after.status is RefundStatus.SUCCEEDED:
                order = await self._reversals.record(tx, actor, order, Amounts(refunded=after.amount), [after])
                reach("refund.recorded")
            return order, after

        return await db.run(record, actor)

    async def cancel_authorization(self, tx: Tx, order: Order) -> None:
        """Request the cancellation of a locked order's authorized payment, which the reconciliation carries out."""
        for payment in await self._payment.payments_of(tx, [order.id]):
            if payment.status is PaymentStatus.AUTHORIZED:
                await self._payment.request_cancellation(tx, payment.id)

    async def require_not_refunded(self, tx: Tx, order: Order) -> None:
        """Raise OrderBeingRefunded when the whole payment of an order was refunded, or is being refunded."""
        if order.paid_at is not None and not await self._refundable(tx, order):
            raise OrderBeingRefunded

    async def _captured(self, tx: Tx, order: Order) -> Payment | None:
        """The captured payment of the order; there is at most one."""
        payments = await self._payment.payments_of(tx, [order.id])
        return next((payment for payment in payments if is_captured(payment)), None)

    async def _refundable(self, tx: Tx, order: Order) -> Decimal:
        return (await self._payment.balance_of(tx, order.id)).refundable
