"""The lookup of parcels by a number and the e-mail address of their order, for anyone who has both."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domains.auth.emails.addresses import email_lookup_key
from domains.kernel.database import Reader
from domains.kernel.text.validation import NAME_LENGTH, normalize_text
from domains.order import data
from domains.order.errors import OrderNotFound
from domains.order.models import Order, OrderItem
from domains.shipping.service import ShippingService
from domains.shipping.shipments.models import Shipment, ShipmentLine, ShipmentStatus, number_of
from domains.shipping.tracking.models import ShipmentTracking

ORDERS: Final = f"""
select {data.order.columns()} from orders where company_id = $1 and (order_number = any($2) or id = any($3))
"""  # noqa: S608 - fixed text


@dataclass(frozen=True, slots=True)
class TrackedUnits:
    """Units of an order's line in a parcel."""

    item: OrderItem
    quantity: int


@dataclass(frozen=True, slots=True)
class TrackedParcel:
    """What the recipient of a parcel may know of it: neither addresses nor prices."""

    number: str
    shipment: Shipment
    units: Sequence[TrackedUnits]
    events: Sequence[ShipmentTracking]


class ParcelLookup:
    """Finds parcels for guests."""

    def __init__(self, shipping: ShippingService) -> None:
        self._shipping = shipping

    async def find(self, db: Reader, number: str, email: str) -> list[TrackedParcel]:
        """The parcels with a shipment number, a tracking number or an order number, if the order has this address.

        Raises OrderNotFound when there are none, whether the address is wrong, the number unknown, or the order
        without parcels. Cancelled shipments are left out. Two statements, six when there are parcels.
        """
        wanted, address = normalize_text(number[:NAME_LENGTH]), email_lookup_key(email)
        by_number = await self._shipping.tracking_records.with_number(db, wanted.upper())
        order_number, _, position = wanted.rpartition("-")
        ids = [each.order_id for each in by_number]
        rows = await db.fetch(ORDERS, db.company_id, [wanted, order_number], ids)
        orders = [order for row in rows if _is_of(order := data.order.from_record(row), address)]
        if not orders:
            raise OrderNotFound
        shipments = [
            each
            for each in await self._shipping.shipments.of_orders(db, [order.id for order in orders])
            if each.status is not ShipmentStatus.CANCELLED
        ]
        numbers = {order.id: order.order_number for order in orders}
        named = {each.id for each in by_number}
        for each in shipments:
            is_order = numbers[each.order_id] == wanted
            is_shipment = numbers[each.order_id] == order_number and str(each.position) == position
            if is_order or is_shipment:
                named.add(each.id)
        return await self._parcels(db, numbers, [each for each in shipments if each.id in named])

    async def _parcels(
        self, db: Reader, numbers: dict[UUID, str], shipments: Sequence[Shipment]
    ) -> list[TrackedParcel]:
        if not shipments:
            raise OrderNotFound
        ids = [each.id for each in shipments]
        lines = await self._shipping.shipments.lines_of(db, ids)
        events = await self._shipping.tracking_records.of_shipments(db, ids)
        items = await data.order_item.find_many(
            db, where={"id": {"in": [line.order_item_id for line in lines]}}, order_by=[{"id": "asc"}]
        )
        return [
            TrackedParcel(
                number_of(numbers[each.order_id], each.position),
                each,
                _units(items, [line for line in lines if line.shipment_id == each.id]),
                [event for event in events if event.shipment_id == each.id],
            )
            for each in shipments
        ]


def _units(items: Sequence[OrderItem], lines: Sequence[ShipmentLine]) -> list[TrackedUnits]:
    """The units of a parcel, in the order of the order's lines."""
    quantities = {line.order_item_id: line.quantity for line in lines}
    return [TrackedUnits(item, quantities[item.id]) for item in items if item.id in quantities]


def _is_of(order: Order, address: str) -> bool:
    return hmac.compare_digest(order.email.encode(), address.encode())
