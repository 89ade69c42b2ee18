"""Holding an order and moving it on: every change goes by the table, under the row's lock, into the history."""

from dataclasses import replace
from typing import Any, Final, cast
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction
from domains.kernel.prisma.parts import Part
from domains.kernel.text.validation import LINE_LENGTH, optional_text
from domains.order import data, lifecycle
from domains.order.errors import OrderNotFound
from domains.order.models import Order, OrderStatus
from domains.order.policy import may_reach

WAITING: Final = {OrderStatus.PENDING, OrderStatus.PAYMENT_PENDING}


async def hold(
    tx: Tx, actor: Actor, order_id: UUID, token: str | None, action: PermissionAction = PermissionAction.UPDATE
) -> Order:
    """The order, locked until the transaction ends. Raises OrderNotFound when the actor may not do this to it."""
    order = await data.order.find_unique(tx, id=order_id, lock=True)
    if order is None or not may_reach(actor, order, token, action):
        raise OrderNotFound
    return order


async def hold_known(tx: Tx, order_id: UUID) -> Order:
    """The order of a payment or a refund, which must exist, locked until the transaction ends."""
    order = await data.order.find_unique(tx, id=order_id, lock=True)
    if order is None:
        raise OrderNotFound
    return order


async def change(
    tx: Tx,
    actor: Actor,
    order: Order,
    wanted: OrderStatus,
    *,
    comment: str | None = None,
    columns: data.OrderUpdate | None = None,
) -> Order:
    """Move a held order on, with who and why in its history; the order as it is then. One statement.

    Raises StatusNotAllowed for what the table does not have, TooLong and InvalidInput for the comment.
    """
    history = _step(tx, actor, order, wanted, comment)
    changes = {**(columns or {}), **_of_status(wanted)}
    return await data.order.update(tx, id=order.id, data=cast("data.OrderUpdate", changes), alongside=[history])


def change_at_end(
    tx: Tx, actor: Actor, order: Order, wanted: OrderStatus, *, columns: data.OrderUpdate, comment: str | None = None
) -> Order:
    """The same with the end of the transaction, which must change the order no further; the order as it will be.

    It saves a round trip where nothing more is asked of the database.
    """
    tx.defer(_step(tx, actor, order, wanted, comment))
    changes: dict[str, Any] = {"updated_at": tx.clock.now(), **columns, **_of_status(wanted)}
    tx.defer(data.order.alteration(tx, where={"id": order.id}, data=cast("data.OrderUpdate", changes)))
    return replace(order, **changes)


async def note(tx: Tx, actor: Actor, order: Order, comment: str, columns: data.OrderUpdate) -> Order:
    """Change a held order without moving it on; an entry of its history that goes nowhere says why. One statement."""
    history = data.order_status_history.insertion(tx, [entry(actor, order.id, order.status, order.status, comment)])
    return await data.order.update(tx, id=order.id, data=columns, alongside=[history])


def _of_status(wanted: OrderStatus) -> dict[str, Any]:
    """What follows from a status in the order's row: it remembers its network no longer than it counts as unpaid."""
    return {"status": wanted} if wanted in WAITING else {"status": wanted, "placed_from": None}


def _step(tx: Tx, actor: Actor, order: Order, wanted: OrderStatus, comment: str | None) -> Part:
    """What a change that the table has writes into the history."""
    lifecycle.require(order.status, wanted, is_paid=order.paid_at is not None)
    return data.order_status_history.insertion(tx, [entry(actor, order.id, order.status, wanted, comment)])


def entry(
    actor: Actor, order_id: UUID, from_status: OrderStatus | None, to_status: OrderStatus, comment: str | None
) -> data.OrderStatusHistoryCreate:
    """What the history says of a change: who made it, and why."""
    return {
        "order_id": order_id,
        "from_status": from_status,
        "to_status": to_status,
        "comment": optional_text(comment, field=("comment",), most=LINE_LENGTH),
        "changed_by": actor.user_id,
        "actor_kind": actor.kind,
    }
