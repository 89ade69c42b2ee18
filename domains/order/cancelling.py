"""Cancelling an order: its goods are free at once, and what was paid goes back through the provider."""

from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.text import LINE_LENGTH, optional_text
from domains.order import changing, ending, lifecycle, refunding
from domains.order.below import Below
from domains.order.errors import OrderNotCancellable
from domains.order.events import OrderCancelled
from domains.order.models import Order, OrderStatus
from domains.order.refunding import Giving


async def cancel(
    below: Below,
    db: Database,
    actor: Actor,
    order_id: UUID,
    *,
    reason: str | None = None,
    token: str | None = None,
    attempt: UUID | None = None,
) -> Order:
    """Cancel an order; see OrderService.cancel_order."""
    reason = optional_text(reason, path=("input", "reason"), most=LINE_LENGTH)

    async def begin(tx: Tx) -> tuple[Order, Giving | None]:
        order = await changing.hold(tx, actor, order_id, token)
        begun = await refunding.begun(below, tx, attempt)
        if begun is not None:
            return order, begun
        return await _cancel(below, tx, actor, order, reason, attempt)

    order, giving = await db.run(begin, actor)
    if giving is None:
        return order
    order, _ = await refunding.send(below, db, actor, giving)
    return order


async def _cancel(
    below: Below, tx: Tx, actor: Actor, order: Order, reason: str | None, attempt: UUID | None
) -> tuple[Order, Giving | None]:
    was_paid = order.paid_at is not None
    if not lifecycle.allows(order.status, OrderStatus.CANCELLED, is_paid=was_paid):
        raise OrderNotCancellable(order.status)
    now = below.clock.now()
    cancelled = await changing.change(
        tx,
        actor,
        order,
        OrderStatus.CANCELLED,
        comment=reason,
        columns={"cancelled_at": now, "expires_at": None},
    )
    await ending.give_back(below, tx, actor, order, reason="Order cancelled")
    tx.emit(OrderCancelled(order_id=order.id, order_number=order.order_number, reason=reason, was_paid=was_paid))
    if not was_paid:
        return cancelled, None
    await ending.withdraw(below, tx, order)
    giving = await refunding.begin_rest(below, tx, actor, cancelled, reason, attempt)
    if giving is None:
        cancelled = await changing.change(tx, actor, cancelled, OrderStatus.REFUNDED)
    return cancelled, giving
