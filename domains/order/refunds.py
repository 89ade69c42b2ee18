"""Giving money back: what is meant is written down, the provider is asked, its answer kept and shown in the order."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.permissions import PermissionAction
from domains.order import expiry, transitions
from domains.order.below import Below
from domains.order.errors import OrderBeingRefunded, OrderNotRefundable
from domains.order.events import OrderRefunded
from domains.order.models import Order
from domains.payment.models import Payment, Refund, RefundStatus, is_captured


@dataclass(frozen=True, slots=True)
class Giving:
    """A refund that was begun, and the payment it gives back of."""

    payment: Payment
    refund: Refund


async def refund(
    below: Below,
    db: Database | Attempt,
    actor: Actor,
    order_id: UUID,
    *,
    amount: Decimal | None = None,
    reason: str | None = None,
) -> tuple[Order, Refund]:
    """Give money back; see OrderService.refund_order."""
    attempt = Attempt.of(db)

    async def begin(tx: Tx) -> Giving:
        order = await transitions.hold(tx, actor, order_id, None, PermissionAction.MANAGE)
        payment = await _captured(below, tx, order)
        if payment is None:
            raise OrderNotRefundable
        if amount is None and await _rest(below, tx, order) == 0 and await begun(below, tx, attempt.id) is None:
            raise OrderNotRefundable
        given = await below.payment.refunds.create(tx, actor, payment.id, amount, reason, refund_id=attempt.id)
        return Giving(payment, given)

    return await send(below, attempt, actor, await attempt.run(begin, actor))


async def begun(below: Below, tx: Tx, refund_id: UUID) -> Giving | None:
    """The refund of this id if an earlier attempt has begun it, or None."""
    refunds = await below.payment.refunds.by_id(tx, [refund_id])
    if not refunds:
        return None
    (payment,) = await below.payment.payments_by_id(tx, [refunds[0].payment_id])
    return Giving(payment, refunds[0])


async def begin_rest(
    below: Below, tx: Tx, actor: Actor, order: Order, reason: str | None, refund_id: UUID
) -> Giving | None:
    """Begin to give back all that is left of what was paid on a held order; None when nothing is."""
    payment = await _captured(below, tx, order)
    if payment is None or not await _rest(below, tx, order):
        return None
    given = await below.payment.refunds.create(tx, actor, payment.id, None, reason, refund_id=refund_id)
    return Giving(payment, given)


async def send(below: Below, db: Database | Attempt, actor: Actor, giving: Giving) -> tuple[Order, Refund]:
    """Ask the provider to give back what was begun, and write down its answer; without one the job asks again."""
    outcome = await below.payment.refunds.send(giving.payment, giving.refund)

    async def record(tx: Tx) -> tuple[Order, Refund]:
        order = await transitions.hold_known(tx, giving.refund.order_id)
        (before,) = await below.payment.refunds.by_id(tx, [giving.refund.id])
        after = await below.payment.refunds.record(tx, giving.refund.id, outcome)
        if before.status is RefundStatus.PENDING and after.status is RefundStatus.SUCCEEDED:
            order = await _given(below, tx, actor, order, after)
        return order, after

    return await db.run(record, actor)


async def is_whole(below: Below, tx: Tx, order: Order) -> bool:
    """Whether all that was captured on a paid order was given back."""
    balance = await below.payment.balance_of(tx, order.id)
    return balance.captured > 0 and balance.refunded == balance.captured


async def require_kept(below: Below, tx: Tx, order: Order) -> None:
    """Raise OrderBeingRefunded when all that was paid on an order was or is being given back."""
    if order.paid_at is not None and not await _rest(below, tx, order):
        raise OrderBeingRefunded


async def _given(below: Below, tx: Tx, actor: Actor, order: Order, refund: Refund) -> Order:
    whole = await is_whole(below, tx, order)
    if whole:
        await expiry.withdraw(below, tx, order)
        order = await expiry.end_refunded(below, tx, actor, order, comment=refund.reason)
    tx.emit(
        OrderRefunded(
            order_id=order.id,
            order_number=order.order_number,
            refund_id=refund.id,
            amount=refund.amount,
            currency=refund.currency,
            is_whole=whole,
        )
    )
    return order


async def _captured(below: Below, tx: Tx, order: Order) -> Payment | None:
    """The payment that paid the order: at most one does."""
    payments = await below.payment.payments_of(tx, [order.id])
    return next((each for each in payments if is_captured(each)), None)


async def _rest(below: Below, tx: Tx, order: Order) -> Decimal:
    return (await below.payment.balance_of(tx, order.id)).refundable
