"""Fulfilment: accepting, processing, shipping and delivering an order, each recorded as a fact by staff."""

from dataclasses import replace
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.kernel.text.validation import LINE_LENGTH, NAME_LENGTH, optional_text
from domains.kernel.validation import collect_errors
from domains.order import lifecycle, transitions
from domains.order.completion import emit_if_completed
from domains.order.data import OrderUpdate
from domains.order.errors import StatusNotSettable
from domains.order.fulfilment.parcels import Parcels
from domains.order.models import Order, OrderStatus
from domains.order.payments.acceptance import Acceptance
from domains.order.summary import OrderFacts
from domains.order.transitions import Step


class Fulfilment:
    """Records the fulfilment of orders as a whole; `parcels` ships and delivers parts of them."""

    def __init__(self, acceptance: Acceptance, parcels: Parcels, clock: Clock) -> None:
        self._acceptance = acceptance
        self._parcels = parcels
        self._clock = clock

    async def update_status(
        self,
        tx: Tx,
        actor: Actor,
        order_id: UUID,
        status: OrderStatus,
        *,
        comment: str | None = None,
        tracking_number: str | None = None,
    ) -> Order:
        """Record the fact that leads to a status; see OrderService.update_status."""
        with collect_errors() as each:
            with each:
                if status not in lifecycle.SETTABLE:
                    raise StatusNotSettable(status)
            with each:
                comment = optional_text(comment, field=("comment",), max_length=LINE_LENGTH)
            with each:
                tracking = optional_text(tracking_number, field=("tracking_number",), max_length=NAME_LENGTH)
        order = await transitions.lock(tx, actor, order_id, None)
        lifecycle.require_settable(OrderFacts.of(order), status)
        step = Step({} if tracking is None else {"tracking_number": tracking}, comment)
        if status is OrderStatus.SHIPPED:
            return await self._parcels.ship_rest(tx, actor, order, step)
        if status is OrderStatus.DELIVERED:
            return await self._parcels.deliver_rest(tx, actor, order, step)
        changed = await self._change(tx, actor, order, status, step)
        transitions.emit_status_changed(tx, order, changed)
        emit_if_completed(tx, order, changed)
        return changed

    async def _change(self, tx: Tx, actor: Actor, order: Order, status: OrderStatus, step: Step) -> Order:
        if status is OrderStatus.CONFIRMED:
            return await self._acceptance.accept(tx, actor, order, step)
        processing: OrderUpdate = {**step.facts, "processing_at": self._clock.now()}
        return await transitions.record(tx, actor, order, replace(step, facts=processing))
