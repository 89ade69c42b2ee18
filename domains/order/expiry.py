"""What the end of an order gives back: its units to the shelf, its use of promotions to the next."""

from typing import Final

from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.order import lifecycle, sql, transitions
from domains.order.below import Below
from domains.order.checkout import limits
from domains.order.data import OrderUpdate
from domains.order.events import OrderCancelled, OrderFailed
from domains.order.models import Order, OrderStatus
from domains.promotion.basket import Claimant

REFUNDED_EARLY: Final = "Refunded before it was shipped"


async def give_back(below: Below, tx: Tx, actor: Actor, order: Order, *, reason: str | None) -> None:
    """Free what a held order holds. Stock comes before promotions, as when it was placed."""
    await below.inventory.reservations.release(tx, actor, order.id, reason=reason)
    await below.promotion.redemptions.give_back(tx, order.id)


async def withdraw(below: Below, tx: Tx, order: Order) -> None:
    """Take from a held order's buyer what a payment had given them; nothing happens the second time."""
    await below.promotion.redemptions.give_back(tx, order.id)
    await below.account.buyer_history.record_withdrawn(tx, order.id, buyer_of(order))


def buyer_of(order: Order) -> Claimant:
    """Who bought an order, for their history."""
    return Claimant(user_id=order.user_id, email=order.email, email_confirmed=order.email_confirmed)


async def call_off(below: Below, tx: Tx, actor: Actor, order: Order, *, reason: str | None) -> Order:
    """End a held order before it is shipped, its goods and promotions free. Emits OrderCancelled, StockChanged."""
    columns: OrderUpdate = {"cancelled_at": below.clock.now(), "expires_at": None}
    ended = await transitions.change(tx, actor, order, OrderStatus.CANCELLED, comment=reason, columns=columns)
    await give_back(below, tx, actor, order, reason="Order cancelled")
    was_paid = order.paid_at is not None
    tx.emit(OrderCancelled(order_id=order.id, order_number=order.order_number, reason=reason, was_paid=was_paid))
    return ended


async def fail(below: Below, tx: Tx, actor: Actor, order: Order, *, comment: str) -> Order:
    """End a held order that was not paid or accepted in time. Emits OrderFailed, StockChanged."""
    failed = await transitions.change(tx, actor, order, OrderStatus.FAILED, comment=comment)
    await give_back(below, tx, actor, order, reason=comment)
    tx.emit(OrderFailed(order_id=order.id, order_number=order.order_number))
    return failed


async def end_refunded_one(below: Below, tx: Tx) -> int:
    """End one order that was wholly refunded and still stands as if it would be shipped; how many there were."""
    order = await sql.next_refunded(tx)
    if order is None:
        return 0
    await withdraw(below, tx, order)
    await end_refunded(below, tx, tx.actor, order)
    return 1


async def end_refunded(below: Below, tx: Tx, actor: Actor, order: Order, *, comment: str | None = None) -> Order:
    """Show in a held order that all its money went back: REFUNDED, and called off first when it was not shipped.

    What is on its way stays SHIPPED until it has arrived. Emits OrderCancelled and StockChanged for the former.
    """
    if lifecycle.allows(order.status, OrderStatus.CANCELLED, is_paid=True):
        order = await call_off(below, tx, actor, order, reason=REFUNDED_EARLY)
    if lifecycle.allows(order.status, OrderStatus.REFUNDED, is_paid=True):
        return await transitions.change(tx, actor, order, OrderStatus.REFUNDED, comment=comment)
    return order


async def expire_one(below: Below, tx: Tx) -> int:
    """End one order whose time to be paid or accepted is over; how many there were.

    One each transaction keeps locks few.
    """
    order = await sql.next_expired(tx, below.clock.now())
    if order is None:
        return 0
    is_unaccepted = limits.awaits_acceptance(order.status, order.payment_method)
    await fail(below, tx, tx.actor, order, comment="Not accepted in time" if is_unaccepted else "Not paid in time")
    return 1
