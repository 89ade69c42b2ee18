"""Progress: the units of an order that were shipped, delivered and sent back, as its shipments say."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.kernel.ids import new_id
from domains.ledger.models import Source
from domains.order import data, transitions
from domains.order.completion import emit_if_completed
from domains.order.data import OrderUpdate
from domains.order.models import Order
from domains.order.sales.sales import Sales
from domains.order.summary import OrderFacts
from domains.order.transitions import Step
from domains.shipping.service import ShippingService
from domains.shipping.shipments.models import SENT_BACK, Shipment, ShipmentLine, ShipmentStatus

REFUNDED_IN_TRANSIT: Final = "Refunded before delivery"
NOTHING_ELSE: Final = Step({})


class Progress:
    """Records what the shipments of orders say about their units."""

    def __init__(self, shipping: ShippingService, sales: Sales, clock: Clock) -> None:
        self._shipping = shipping
        self._sales = sales
        self._clock = clock

    async def follow(self, tx: Tx, actor: Actor, order: Order, step: Step = NOTHING_ELSE) -> Order:
        """Record the progress of a locked order after its shipments changed; returns the changed order. Idempotent.

        The other facts and the comment of `step` are recorded with it. Three statements, two when nothing changes.
        Emits as `record`.
        """
        shipments = await self._shipping.shipments.of_orders(tx, [order.id])
        lines = await self._shipping.shipments.lines_of_orders(tx, [order.id])
        return await self.record(tx, actor, order, shipments, lines, step)

    async def record(
        self,
        tx: Tx,
        actor: Actor,
        order: Order,
        shipments: Sequence[Shipment],
        lines: Sequence[ShipmentLine],
        step: Step = NOTHING_ELSE,
        *,
        at_end: bool = False,
    ) -> Order:
        """As `follow`, with all shipments of the order and their lines. One statement, none when nothing changes.

        With `at_end` it is written by the last statement of the transaction, which does not change the order again.

        Emits OrderStatusChanged when units were shipped, delivered or sent back, and OrderCompleted.
        """
        dropped = data.order.from_record.changed(order, step.facts).units_dropped
        facts: OrderUpdate = {**units_of(order, shipments, lines, self._clock.now(), dropped), **step.facts}
        if all(getattr(order, name) == value for name, value in facts.items()) and not step.comment:
            return order
        comment = step.comment or (REFUNDED_IN_TRANSIT if OrderFacts.of(order).is_refunded else None)
        change_id = new_id()
        step = replace(step, facts=facts, comment=comment, id=change_id)
        if at_end:
            changed = transitions.record_at_end(tx, actor, order, step)
        else:
            changed = await transitions.record(tx, actor, order, step)
        # Parcels can come back, arrive after all and come back again: each change has entries of its own.
        await self._sales.follow(tx, order, changed, by=Source(transitions.CHANGE, change_id))
        transitions.emit_status_changed(tx, order, changed)
        emit_if_completed(tx, order, changed)
        return changed


def units_of(
    order: Order, shipments: Sequence[Shipment], lines: Sequence[ShipmentLine], now: datetime, dropped: int
) -> OrderUpdate:
    """The facts of an order that follow from all its shipments, their lines, and the units it dropped. Pure.

    Digital units count as shipped and delivered once the order is paid; those of a free order with its first goods.
    What counted as shipped once does so for ever, and what was returned was delivered.
    """
    dispatched = {each.id: each.status for each in shipments if each.shipped_at is not None}
    units = [(dispatched[line.shipment_id], line.quantity) for line in lines if line.shipment_id in dispatched]
    goods = sum(quantity for _, quantity in units)
    is_free = not order.total and (goods or order.units_shipped)
    digital = order.units_digital if order.paid_at is not None or is_free else 0
    shipped = max(order.units_shipped, digital + goods)
    back = sum(quantity for status, quantity in units if status in SENT_BACK)
    delivered = digital + sum(quantity for status, quantity in units if status is ShipmentStatus.DELIVERED)
    delivered = max(min(delivered, shipped - back), order.units_returned)
    facts: OrderUpdate = {"units_shipped": shipped, "units_delivered": delivered, "units_sent_back": back}
    if dispatched:
        facts["processing_at"] = order.processing_at or now
        facts["shipped_at"] = order.shipped_at or now
    is_complete = delivered > digital and delivered + back >= order.units_ordered - dropped
    facts["delivered_at"] = (order.delivered_at or now) if is_complete else None
    if number := _latest_number(shipments):
        facts["tracking_number"] = number
    return facts


def _latest_number(shipments: Sequence[Shipment]) -> str | None:
    """The tracking number of the shipment that was dispatched last, of those that have one."""
    numbered = [
        (each.shipped_at, each.position, each.tracking_number)
        for each in shipments
        if each.shipped_at is not None and each.tracking_number is not None
    ]
    return max(numbered)[2] if numbered else None
