"""Delivery of gift cards: their units are shipped and delivered when their order is paid. Pure."""

from datetime import datetime
from typing import Final

from domains.order.data import OrderUpdate
from domains.order.models import Order
from domains.order.transitions import Step

SENT: Final = "Gift cards sent by e-mail"


def delivery(order: Order, now: datetime) -> list[Step]:
    """The step that delivers the gift cards of an order that is paid now; none for an order without.

    An order of gift cards alone is then delivered. In others they are units that were shipped before the rest.
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
    return [Step(facts, SENT, is_noted=True)]
