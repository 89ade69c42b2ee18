"""Holds of orders: while one is on hold, no shipment of it is created or dispatched."""

from typing import Final
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.kernel.text.validation import LINE_LENGTH, require_text
from domains.order import lifecycle, transitions
from domains.order.errors import OrderNotHoldable, OrderNotOnHold, OrderOnHold
from domains.order.events import OrderHeld, OrderHoldReleased
from domains.order.models import Order
from domains.order.summary import OrderFacts
from domains.order.transitions import Step

# The buyer sees the history, and not the reason.
HELD: Final = "Shipment on hold"
RELEASED: Final = "Hold released"


class Holds:
    """Places and releases holds. A hold stops shipments alone: payments, refunds, edits and notes go on."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def place(self, tx: Tx, actor: Actor, order_id: UUID, reason: str) -> Order:
        """Put an order with units left to ship on hold, for staff with ORDERS:UPDATE; the reason is for staff alone.

        A hold of an order on hold changes its reason. What was shipped before stays shipped. Raises OrderNotFound,
        OrderNotHoldable, Required and TooLong for the reason. Emits OrderHeld unless the order is on hold for this
        reason already. Three statements with the event.
        """
        text = require_text(reason, field=("reason",), max_length=LINE_LENGTH)
        order = await transitions.lock(tx, actor, order_id, None)
        if not lifecycle.may_hold(OrderFacts.of(order)):
            raise OrderNotHoldable(order.status)
        if order.hold_reason == text:
            return order
        is_new = order.held_at is None
        step = Step(
            {"held_at": order.held_at or self._clock.now(), "hold_reason": text},
            HELD if is_new else None,
            is_noted=is_new,
        )
        held = await transitions.record(tx, actor, order, step)
        tx.emit(OrderHeld(order_id=held.id, order_number=held.order_number))
        return held

    async def release(self, tx: Tx, actor: Actor, order_id: UUID) -> Order:
        """Release the hold of an order, for staff with ORDERS:UPDATE; it can be shipped as before.

        Raises OrderNotFound, OrderNotOnHold. Emits OrderHoldReleased. Three statements with the event.
        """
        order = await transitions.lock(tx, actor, order_id, None)
        if order.held_at is None:
            raise OrderNotOnHold
        step = Step({"held_at": None, "hold_reason": None}, RELEASED, is_noted=True)
        released = await transitions.record(tx, actor, order, step)
        tx.emit(OrderHoldReleased(order_id=released.id, order_number=released.order_number))
        return released


def require_not_held(order: Order) -> None:
    """Raise OrderOnHold for an order that is on hold."""
    if order.held_at is not None:
        raise OrderOnHold(order.hold_reason)
