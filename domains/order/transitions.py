"""Locks orders and records facts: the only module that writes the status of an order."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any, Final
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction
from domains.kernel.text.validation import LINE_LENGTH, optional_text
from domains.order import data, lifecycle, sql
from domains.order.errors import OrderNotFound
from domains.order.events import OrderStatusChanged
from domains.order.models import Order, OrderStatus
from domains.order.policy import manages, may_reach
from domains.order.summary import OrderFacts, is_completed, summaries

CHANGE: Final = "order_status_change"
"""The kind of source of entries of the ledger that a row of the history explains."""
PENDING_STATUSES: Final = {OrderStatus.PENDING, OrderStatus.PAYMENT_PENDING}


@dataclass(frozen=True, slots=True)
class Step:
    """Facts that are recorded together, as columns of the order, with a comment.

    The history shows the comment with the resulting change of status; with `is_noted` also without a change. The row
    of the history gets the `id`, by which others can name the change.
    """

    facts: data.OrderUpdate
    comment: str | None = None
    is_noted: bool = False
    id: UUID | None = None


async def lock(
    tx: Tx, actor: Actor, order_id: UUID, token: str | None, action: PermissionAction = PermissionAction.UPDATE
) -> Order:
    """The order, locked until the transaction ends. Raises OrderNotFound when the actor may not do this to it.

    The claim of the transaction can be a part of the statement.
    """
    order = await sql.lock(tx, order_id)
    if order is None or not may_reach(actor, order, token, action):
        raise OrderNotFound
    return order


async def lock_managed(tx: Tx, actor: Actor, order_id: UUID) -> Order:
    """As `lock`, for the money of an order: its buyer may not change it. Raises OrderNotFound."""
    if not manages(actor):
        raise OrderNotFound
    return await lock(tx, actor, order_id, None, PermissionAction.MANAGE)


async def lock_known(tx: Tx, order_id: UUID) -> Order:
    """The order of a payment or a refund, locked until the transaction ends. Raises OrderNotFound."""
    order = await data.order.find_unique(tx, id=order_id, lock=True)
    if order is None:
        raise OrderNotFound
    return order


async def record(tx: Tx, actor: Actor, order: Order, *steps: Step) -> Order:
    """Record facts of a locked order, step by step; returns the changed order. One statement.

    Its summaries follow, and its history shows each change of status with the actor. Raises TooLong and InvalidInput
    for a comment.
    """
    columns, history = _columns_and_history(tx, actor, order, steps)
    rows = data.order_status_history.insertion(tx, history)
    return await data.order.update(tx, id=order.id, data=columns, alongside=[rows])


def record_at_end(tx: Tx, actor: Actor, order: Order, *steps: Step) -> Order:
    """As `record`, at the end of the transaction, which must not change the order again; returns the new order.

    It saves a round trip.
    """
    columns, history = _columns_and_history(tx, actor, order, steps)
    changes: Any = {**columns, "updated_at": tx.clock.now()}
    tx.defer(data.order_status_history.insertion(tx, history))
    tx.defer(data.order.alteration(tx, where={"id": order.id}, data=changes))
    return data.order.from_record.changed(order, changes)


def emit_status_changed(tx: Tx, before: Order, after: Order) -> None:
    """Emit OrderStatusChanged for a change of what was shipped, delivered or came back, also within a status."""
    tx.emit(
        OrderStatusChanged(
            order_id=before.id,
            order_number=before.order_number,
            from_status=before.status.value,
            to_status=after.status.value,
            tracking_number=after.tracking_number,
        )
    )


def _columns_and_history(
    tx: Tx, actor: Actor, order: Order, steps: Sequence[Step]
) -> tuple[data.OrderUpdate, list[data.OrderStatusHistoryCreate]]:
    """The columns and the rows of the history that the steps write."""
    columns: data.OrderUpdate = {}
    history: list[data.OrderStatusHistoryCreate] = []
    after, summary = order, summaries(OrderFacts.of(order)) if not steps else {}
    for step in steps:
        before = after
        after, summary = _with(after, step.facts)
        columns |= step.facts
        history += _entries(actor, before, after, step)
    columns |= summary
    if after.status is not order.status and after.status not in PENDING_STATUSES:
        columns["placed_from"] = None
    if order.completed_at is None and is_completed(OrderFacts.of(after)):
        columns["completed_at"] = tx.clock.now()
    if order.invoiced_total is not None and _may_invoice(after) is not _may_invoice(order):
        columns["is_invoice_outdated"] = True
    return columns, history


def _may_invoice(order: Order) -> bool:
    return lifecycle.may_invoice(OrderFacts.of(order))


def _with(order: Order, facts: data.OrderUpdate) -> tuple[Order, data.OrderUpdate]:
    """An order with these facts and with the summaries that follow from them, and the summaries."""
    changed = data.order.from_record.changed
    summary = summaries(OrderFacts.of(changed(order, facts)))
    return changed(order, {**facts, **summary}), summary


def _entries(actor: Actor, before: Order, after: Order, step: Step) -> list[data.OrderStatusHistoryCreate]:
    """The rows of the history that one step writes; the first of them has the comment."""
    is_cancellation = before.cancelled_at is None and after.cancelled_at is not None
    path = lifecycle.path(before.status, after.status, is_cancellation=is_cancellation)
    if not path and step.is_noted:
        path = [after.status]
    moves = zip([before.status, *path], path, chain([step.comment], repeat(None)), strict=False)
    rows = [entry(actor, before.id, from_status, to_status, comment) for from_status, to_status, comment in moves]
    if rows and step.id is not None:
        rows[0]["id"] = step.id
    return rows


def entry(
    actor: Actor, order_id: UUID, from_status: OrderStatus | None, to_status: OrderStatus, comment: str | None
) -> data.OrderStatusHistoryCreate:
    """A row of the history: a change of status, its actor and the comment on it."""
    return {
        "order_id": order_id,
        "from_status": from_status,
        "to_status": to_status,
        "comment": optional_text(comment, field=("comment",), max_length=LINE_LENGTH),
        "changed_by": actor.user_id,
        "actor_kind": actor.kind,
    }
