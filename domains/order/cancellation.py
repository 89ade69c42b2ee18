"""Cancelling an order: its goods are free at once, and what was paid goes back through the provider.

Who gives money back this way must be the buyer, or staff who may refund.
"""

from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.permissions import PermissionAction
from domains.kernel.text.validation import LINE_LENGTH, optional_text
from domains.order import expiry, lifecycle, refunds, transitions
from domains.order.below import Below
from domains.order.errors import CancellingRefunds, OrderNotCancellable
from domains.order.models import Order, OrderStatus
from domains.order.policy import ORDERS, may_reach
from domains.order.refunds import Giving


async def cancel(
    below: Below,
    db: Database | Attempt,
    actor: Actor,
    order_id: UUID,
    *,
    reason: str | None = None,
    token: str | None = None,
) -> Order:
    """Cancel an order; see OrderService.cancel_order."""
    attempt = Attempt.of(db)
    reason = optional_text(reason, field=("reason",), most=LINE_LENGTH)

    async def begin(tx: Tx) -> tuple[Order, Giving | None]:
        order = await transitions.hold(tx, actor, order_id, token)
        begun = await refunds.begun(below, tx, attempt.id)
        if begun is not None:
            return order, begun
        _require_cancellable(actor, order, token)
        cancelled, giving = await _cancel(below, tx, actor, order, reason, attempt.id)
        if giving is None:
            attempt.keep_at_end(tx, order_id=order.id)
        return cancelled, giving

    order, giving = await attempt.run(begin, actor)
    if giving is None:
        return order
    order, _ = await refunds.send(below, attempt, actor, giving)
    return order


def _require_cancellable(actor: Actor, order: Order, token: str | None) -> None:
    """Raise OrderNotCancellable, or CancellingRefunds for staff who could not refund what was paid."""
    is_paid = order.paid_at is not None
    if not lifecycle.allows(order.status, OrderStatus.CANCELLED, is_paid=is_paid):
        raise OrderNotCancellable(order.status, may_refund=actor.can(ORDERS, PermissionAction.MANAGE))
    if is_paid and not may_reach(actor, order, token, PermissionAction.MANAGE):
        raise CancellingRefunds


async def _cancel(
    below: Below, tx: Tx, actor: Actor, order: Order, reason: str | None, refund_id: UUID
) -> tuple[Order, Giving | None]:
    cancelled = await expiry.call_off(below, tx, actor, order, reason=reason)
    if order.paid_at is None:
        return cancelled, None
    await expiry.withdraw(below, tx, order)
    giving = await refunds.begin_rest(below, tx, actor, cancelled, reason, refund_id)
    if giving is None and await refunds.is_whole(below, tx, cancelled):
        cancelled = await expiry.end_refunded(below, tx, actor, cancelled)
    return cancelled, giving
