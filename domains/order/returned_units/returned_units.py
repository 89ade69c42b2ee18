"""Units of an order that came back after their delivery, as its return requests say."""

from collections import Counter
from collections.abc import Mapping
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.order import data, transitions
from domains.order.models import Order
from domains.order.returned_units.errors import UnitsNotDelivered
from domains.order.transitions import Step
from domains.shipping.shipments.deliveries import delivered_units


async def record_returned(tx: Tx, actor: Actor, order: Order, units: Mapping[UUID, int]) -> Order:
    """Record that units of lines of a locked order came back; returns the changed order. Four statements.

    Its fulfilment status follows. Raises UnitsNotDelivered: a carrier may have corrected a delivery since the return
    was requested. Emits OrderStatusChanged.
    """
    delivered = Counter[UUID]()
    for delivery in await delivered_units(tx, [order.id]):
        delivered[delivery.order_item_id] += delivery.quantity
    for item in await data.order_item.find_many(tx, where={"id": {"in": sorted(units)}}):
        left = delivered[item.id] - item.returned_quantity
        if units[item.id] > left:
            raise UnitsNotDelivered(item.sku, max(left, 0))
        returned: data.OrderItemUpdate = {"returned_quantity": item.returned_quantity + units[item.id]}
        tx.defer(data.order_item.alteration(tx, where={"id": item.id}, data=returned))
    facts = Step({"units_returned": order.units_returned + sum(units.values())})
    changed = await transitions.record(tx, actor, order, facts)
    transitions.emit_status_changed(tx, order, changed)
    return changed
