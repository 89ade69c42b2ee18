"""Completion: an order that is paid and delivered completely."""

from domains.kernel.database import Tx
from domains.order.events import OrderCompleted
from domains.order.models import Order


def emit_if_completed(tx: Tx, before: Order, after: Order) -> None:
    """Emit OrderCompleted when the recorded facts of a locked order, paid or delivered, have completed it.

    An order is completed once: not again when its parcel goes back after the delivery, and is delivered later.
    """
    if after.completed_at is not None and before.completed_at is None:
        tx.emit(
            OrderCompleted(
                order_id=after.id,
                order_number=after.order_number,
                user_id=after.user_id,
                total=after.total,
                currency=after.currency,
            )
        )
