"""Delivery of digital units: they count as shipped and delivered when their order is paid, or created free."""

from collections import Counter
from datetime import datetime
from typing import Final

from domains.inventory.errors import NotReserved
from domains.inventory.models import ReservationStatus
from domains.inventory.service import InventoryService
from domains.kernel.database import Tx
from domains.order import data
from domains.order.data import OrderUpdate
from domains.order.models import Order
from domains.order.sales.sold_order import SoldOrder
from domains.order.transitions import Step

SENT: Final = "Gift cards sent by e-mail"
DELIVERED: Final = "Digital goods delivered"


def delivery(order: Order, sold: SoldOrder, now: datetime) -> list[Step]:
    """The step that delivers the digital units of an order that is paid now; none for an order without.

    An order of such units alone is then delivered. In others they are units that were shipped before the rest. Pure.
    """
    if not order.units_digital:
        return []
    wanted = order.units_ordered - order.units_dropped
    shipped, delivered = order.units_shipped + order.units_digital, order.units_delivered + order.units_digital
    facts: OrderUpdate = {"units_shipped": shipped, "units_delivered": delivered}
    if shipped >= wanted:
        facts |= {"processing_at": order.processing_at or now, "shipped_at": order.shipped_at or now}
    if delivered + order.units_sent_back >= wanted:
        facts["delivered_at"] = now
    return [Step(facts, DELIVERED if _digital_goods(order, sold) else SENT, is_noted=True)]


def is_delivered_free(order: Order, sold: SoldOrder) -> bool:
    """Whether an order has nothing to pay and digital goods alone, no gift cards among them. Pure."""
    return not order.total and 0 < order.units_ordered - order.units_dropped == _digital_goods(order, sold)


async def take_out_of_stock(
    tx: Tx, inventory: InventoryService, before: Order, order: Order, sold: SoldOrder
) -> None:
    """Sell the reserved units of digital goods of a locked order, if it is paid now.

    No statement for an order without them, one for all that are not tracked, and six for each SKU that is. Emits
    StockSold.
    """
    if before.paid_at is not None or order.paid_at is None or not _digital_goods(order, sold):
        return
    where: data.OrderItemWhere = {"order_id": order.id, "requires_shipping": False, "is_gift_card": False}
    units: Counter[str] = Counter()
    for item in await data.order_item.find_many(tx, where=where):
        units[item.sku] += item.quantity - item.dropped_quantity
    for sku in sorted(filter(None, units)):
        try:
            await inventory.reservations.end_partially(tx, order.id, ReservationStatus.CONFIRMED, sku, units[sku])
        except NotReserved:
            continue  # its stock is not tracked, or the SKU is the same as that of goods which were shipped


def _digital_goods(order: Order, sold: SoldOrder) -> int:
    """The digital units of an order that are no gift cards."""
    return order.units_digital - sum(line.quantity for line in sold.lines if line.is_gift_card)
