"""Moving an order on by hand: accepted, processed, shipped, delivered."""

from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.text.validation import LINE_LENGTH, NAME_LENGTH, optional_text
from domains.kernel.validation import collect_errors
from domains.order import expiry, lifecycle, refunds, transitions
from domains.order.below import Below
from domains.order.data import OrderUpdate
from domains.order.errors import StatusFollowsFacts
from domains.order.events import OrderStatusChanged
from domains.order.models import Order, OrderStatus


async def update_status(
    below: Below,
    tx: Tx,
    actor: Actor,
    order_id: UUID,
    status: OrderStatus,
    *,
    comment: str | None = None,
    tracking_number: str | None = None,
) -> Order:
    """Move an order on; see OrderService.update_status."""
    with collect_errors() as each:
        with each:
            if status not in lifecycle.BY_HAND:
                raise StatusFollowsFacts(status)
        with each:
            comment = optional_text(comment, field=("comment",), most=LINE_LENGTH)
        with each:
            tracking = optional_text(tracking_number, field=("tracking_number",), most=NAME_LENGTH)
    order = await transitions.hold(tx, actor, order_id, None)
    columns: OrderUpdate = {}
    if tracking is not None:
        columns["tracking_number"] = tracking
    now = below.clock.now()
    if status is OrderStatus.CONFIRMED:
        columns["expires_at"] = None
    elif status is OrderStatus.SHIPPED:
        columns["shipped_at"] = now
    elif status is OrderStatus.DELIVERED:
        columns["delivered_at"] = now
    changed = await transitions.change(tx, actor, order, status, comment=comment, columns=columns)
    if status is OrderStatus.CONFIRMED:
        await below.inventory.reservations.keep(tx, order.id)
    elif status is OrderStatus.SHIPPED:
        await refunds.require_kept(below, tx, changed)
        await below.inventory.reservations.confirm(tx, actor, order.id)
    tx.emit(
        OrderStatusChanged(
            order_id=order.id,
            order_number=order.order_number,
            from_status=order.status.value,
            to_status=status.value,
            tracking_number=changed.tracking_number,
        )
    )
    if status is OrderStatus.DELIVERED and changed.paid_at and await refunds.is_whole(below, tx, changed):
        changed = await expiry.end_refunded(below, tx, actor, changed, comment="Refunded before delivery")
    return changed
