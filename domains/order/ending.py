"""What the end of an order gives back: its units to the shelf, its use of promotions to the next."""

from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.order import changing, queries
from domains.order.below import Below
from domains.order.events import OrderFailed
from domains.order.models import Order, OrderStatus
from domains.promotion.basket import Claimant


async def give_back(below: Below, tx: Tx, actor: Actor, order: Order, *, reason: str | None) -> None:
    """Free what a held order holds. Stock comes before promotions, as when it was placed."""
    await below.inventory.release_order(tx, actor, order.id, reason=reason)
    await below.promotion.give_back(tx, order.id)


async def withdraw(below: Below, tx: Tx, order: Order) -> None:
    """Take from a held order's buyer what a payment had given them; nothing happens the second time."""
    await below.promotion.withdraw_order(tx, order.id, buyer_of(order))


def buyer_of(order: Order) -> Claimant:
    """Who bought an order, for their history."""
    return Claimant(user_id=order.user_id, email=order.email, email_confirmed=order.email_confirmed)


async def fail(below: Below, tx: Tx, actor: Actor, order: Order, *, comment: str) -> Order:
    """End a held order that was not paid in time. Emits OrderFailed."""
    failed = await changing.change(tx, actor, order, OrderStatus.FAILED, comment=comment)
    await give_back(below, tx, actor, order, reason=comment)
    tx.emit(OrderFailed(order_id=order.id, order_number=order.order_number))
    return failed


async def expire_one(below: Below, tx: Tx) -> int:
    """End one order whose time to be paid is over; how many there were. One each transaction keeps locks few."""
    order = await queries.next_expired(tx, below.clock.now())
    if order is None:
        return 0
    await fail(below, tx, tx.actor, order, comment="Not paid in time")
    return 1
