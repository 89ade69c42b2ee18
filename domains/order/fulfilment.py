"""Fulfilment: accepting, processing, shipping and delivering an order, each recorded as a fact by staff."""

from dataclasses import replace
from typing import Final
from uuid import UUID

from domains.inventory.service import InventoryService
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.kernel.text.validation import LINE_LENGTH, NAME_LENGTH, optional_text
from domains.kernel.validation import collect_errors
from domains.order import lifecycle, transitions
from domains.order.completion import emit_if_completed
from domains.order.data import OrderUpdate
from domains.order.errors import StatusNotSettable
from domains.order.events import OrderStatusChanged
from domains.order.models import Order, OrderStatus
from domains.order.payments.acceptance import Acceptance
from domains.order.payments.captures import Captures
from domains.order.payments.refunds import Refunds
from domains.order.sales.sales import Sales
from domains.order.summary import OrderFacts
from domains.order.transitions import Step

REFUNDED_IN_TRANSIT: Final = "Refunded before delivery"


class Fulfilment:
    """Records the fulfilment of orders. Shipping and delivery apply to whole orders."""

    def __init__(
        self,
        inventory: InventoryService,
        acceptance: Acceptance,
        captures: Captures,
        refunds: Refunds,
        sales: Sales,
        clock: Clock,
    ) -> None:
        self._inventory = inventory
        self._acceptance = acceptance
        self._captures = captures
        self._refunds = refunds
        self._sales = sales
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
        changed = await self._change(tx, actor, order, status, step)
        tx.emit(
            OrderStatusChanged(
                order_id=order.id,
                order_number=order.order_number,
                from_status=order.status.value,
                to_status=changed.status.value,
                tracking_number=changed.tracking_number,
            )
        )
        emit_if_completed(tx, order, changed)
        return changed

    async def _change(self, tx: Tx, actor: Actor, order: Order, status: OrderStatus, step: Step) -> Order:
        match status:
            case OrderStatus.CONFIRMED:
                return await self._acceptance.accept(tx, actor, order, step)
            case OrderStatus.SHIPPED:
                return await self._ship(tx, actor, order, step)
            case OrderStatus.DELIVERED:
                return await self._deliver(tx, actor, order, step)
            case _:
                processing: OrderUpdate = {**step.facts, "processing_at": self._clock.now()}
                return await transitions.record(tx, actor, order, replace(step, facts=processing))

    async def _ship(self, tx: Tx, actor: Actor, order: Order, step: Step) -> Order:
        """Ship the remaining units, which are taken out of stock. An authorized amount is to be captured then.

        Gift cards of an order that is not paid are left: its payment ships them.
        """
        await self._refunds.require_not_refunded(tx, order)
        now = self._clock.now()
        shipped: OrderUpdate = {
            **step.facts,
            "units_shipped": OrderFacts.of(order).shippable,
            "processing_at": order.processing_at or now,
            "shipped_at": order.shipped_at or now,
        }
        changed = await transitions.record(tx, actor, order, replace(step, facts=shipped))
        await self._inventory.reservations.confirm(tx, actor, order.id)
        await self._captures.request_on_shipment(tx, changed)
        return changed

    async def _deliver(self, tx: Tx, actor: Actor, order: Order, step: Step) -> Order:
        """Deliver the shipped units. An order that was refunded before is REFUNDED then."""
        delivered: OrderUpdate = {
            **step.facts,
            "units_delivered": order.units_shipped - order.units_sent_back,
            "delivered_at": self._clock.now(),
        }
        comment = step.comment or (REFUNDED_IN_TRANSIT if OrderFacts.of(order).is_refunded else None)
        changed = await transitions.record(tx, actor, order, Step(delivered, comment))
        await self._sales.follow(tx, order, changed)
        return changed
