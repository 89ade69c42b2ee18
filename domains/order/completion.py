"""Completion: an order that is paid and delivered completely."""

from domains.kernel.database import Tx
from domains.order.events import OrderCompleted
from domains.order.models import Order
from domains.order.summary import OrderFacts, is_completed


def emit_if_completed(tx: Tx, before: Order, after: Order) -> None:
    """Emit OrderCompleted when the recorded facts of a locked order, paid or delivered, have completed it."""
    if is_completed(OrderFacts.of(after)) and not is_completed(OrderFacts.of(before)):
        tx.emit(
            OrderCompleted(
                order_id=after.id,
                order_number=after.order_number,
                user_id=after.user_id,
                total=after.total,
                currency=after.currency,
            )
        )
