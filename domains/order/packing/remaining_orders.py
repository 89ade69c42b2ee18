"""Reads what is left to pack and to send of many orders."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from domains.inventory.allocation.held_units import HeldUnits
from domains.inventory.allocation.order_units import OrderAllocation
from domains.inventory.models import ReservationStatus, Warehouse
from domains.inventory.service import InventoryService
from domains.kernel.database import Reader
from domains.order import data
from domains.order.fulfilment.remaining_units import NOT_READ, RemainingUnits
from domains.order.models import Order
from domains.payment.service import PaymentService
from domains.shipping.service import ShippingService


class RemainingOrders:
    """Reads the remaining units of orders, which nothing locks."""

    def __init__(self, inventory: InventoryService, shipping: ShippingService, payment: PaymentService) -> None:
        self._inventory = inventory
        self._shipping = shipping
        self._payment = payment

    async def of(
        self, db: Reader, orders: Sequence[Order], held: Mapping[UUID, HeldUnits] | None = None
    ) -> list[RemainingUnits]:
        """The remaining units of orders, in their order; `held` is what they have in warehouses. Four statements."""
        ids = [order.id for order in orders]
        items = await data.order_item.find_many(db, where={"order_id": {"in": ids}}, order_by=[{"id": "asc"}])
        shipments = await self._shipping.shipments.of_orders(db, ids)
        lines = await self._shipping.shipments.lines_of_orders(db, ids)
        refunded = defaultdict[UUID, Counter[UUID]](Counter)
        for line in await self._payment.refunds.lines_of_orders(db, ids):
            if line.order_item_id is not None:
                refunded[line.order_id][line.order_item_id] += line.quantity or 0
        items_of, shipments_of, lines_of = defaultdict(list), defaultdict(list), defaultdict(list)
        for item in items:
            items_of[item.order_id].append(item)
        for shipment in shipments:
            shipments_of[shipment.order_id].append(shipment)
        for packed in lines:
            lines_of[packed.order_id].append(packed)
        return [
            RemainingUnits(
                order=order,
                items=items_of[order.id],
                refunded=refunded[order.id],
                shipments=shipments_of[order.id],
                lines=lines_of[order.id],
                held=(held or {}).get(order.id, NOT_READ),
            )
            for order in orders
        ]

    async def in_warehouses(self, db: Reader, orders: Sequence[Order]) -> list[RemainingUnits]:
        """The remaining units of orders with what warehouses have reserved, in their order. Six statements."""
        allocations = await self._inventory.order_units.allocations(db, [order.id for order in orders])
        places = {each.warehouse_id for each in allocations}
        warehouses = {each.id: each for each in await self._inventory.warehouses.find_many(db, places)}
        of_order = defaultdict(list)
        for each in allocations:
            of_order[each.order_id].append(each)
        held = {order_id: _held(own, warehouses) for order_id, own in of_order.items()}
        return await self.of(db, orders, held)


def _held(allocations: Sequence[OrderAllocation], warehouses: Mapping[UUID, Warehouse]) -> HeldUnits:
    reserved, skus = Counter[tuple[str, UUID]](), dict[UUID, str]()
    for each in allocations:
        if each.status in {ReservationStatus.ACTIVE, ReservationStatus.CONFIRMED} and each.owner_id is not None:
            skus[each.owner_id] = each.sku
        if each.status is ReservationStatus.ACTIVE:
            reserved[each.sku, each.warehouse_id] += each.quantity
    return HeldUnits(reserved, {}, warehouses, skus)
