"""What warehouses pick and pack: lists of what is not shipped yet, and the contents of shipments."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domains.inventory.models import Warehouse
from domains.inventory.service import InventoryService
from domains.kernel.database import Reader
from domains.kernel.errors import TooMany
from domains.order import data
from domains.order.errors import OrderNotFound
from domains.order.models import Order, OrderAddress, OrderItem, OrderStatus
from domains.order.packing.remaining_orders import RemainingOrders
from domains.shipping.service import ShippingService
from domains.shipping.shipments.errors import ShipmentNotFound
from domains.shipping.shipments.models import Shipment, ShipmentStatus

MAX_DOCUMENTS: Final = 100
MAX_ORDERS: Final = 1_000
# Orders whose units are sent now: taken on, and not on hold.
PICKED: Final = (OrderStatus.CONFIRMED, OrderStatus.PAID, OrderStatus.PROCESSING)


@dataclass(frozen=True, slots=True)
class PickedSku:
    """The units of a SKU to pick, and where they lie in the warehouse."""

    sku: str
    name: str
    location: str | None
    units: int


@dataclass(frozen=True, slots=True)
class PickingList:
    """The units to pick in a warehouse, by location and SKU, for a number of orders."""

    warehouse: Warehouse
    skus: Sequence[PickedSku]
    orders: int


@dataclass(frozen=True, slots=True)
class PackedLine:
    """Units of a line of an order."""

    sku: str
    name: str
    units: int


@dataclass(frozen=True, slots=True)
class PackingList:
    """The units of an order to pack, or in one of its shipments, and where they go."""

    order: Order
    address: OrderAddress | None
    shipment: Shipment | None
    lines: Sequence[PackedLine]


class PackingLists:
    """Reads picking lists, packing lists and packing slips. For staff with ORDERS:READ."""

    def __init__(self, inventory: InventoryService, shipping: ShippingService, remaining: RemainingOrders) -> None:
        self._inventory = inventory
        self._shipping = shipping
        self._remaining = remaining

    async def to_pick(self, db: Reader, warehouse_id: UUID, order_ids: Collection[UUID] | None = None) -> PickingList:
        """The units to pick in a warehouse for orders that are sent now: those that are reserved there to be sent.

        Units of pending shipments are among them, refunded ones are not, by `RemainingUnits.to_pick`. Without
        `order_ids` these are the 1,000 oldest orders. Raises WarehouseNotFound, TooMany. Ten statements.
        """
        warehouse = await self._inventory.warehouses.find(db, warehouse_id)
        units, names, number = Counter[str](), dict[str, str](), 0
        for remaining in await self._remaining.in_warehouses(db, await self._orders_sent_now(db, order_ids)):
            own = remaining.to_pick(warehouse_id)
            number += bool(own)
            units += own
            names |= {sku: name_of(item) for item in remaining.goods if (sku := remaining.sku(item))}
        locations = await self._locations(db, warehouse_id, list(units))
        skus = [PickedSku(sku, names[sku], locations.get(sku), count) for sku, count in units.items()]
        skus.sort(key=lambda each: (each.location is None, each.location or "", each.sku))
        return PickingList(warehouse, skus, number)

    async def slips(self, db: Reader, shipment_ids: Sequence[UUID]) -> list[PackingList]:
        """The contents of shipments that are not cancelled, in this order, at most 100.

        Raises ShipmentNotFound, TooMany. Five statements.
        """
        _require_few(shipment_ids, "shipments")
        found = {each.id: each for each in await self._shipping.shipments.by_id(db, shipment_ids)}
        if any(each not in found or found[each].status is ShipmentStatus.CANCELLED for each in shipment_ids):
            raise ShipmentNotFound
        lines = await self._shipping.shipments.lines_of(db, shipment_ids)
        orders = await self._orders(db, {each.order_id for each in found.values()})
        items = {item.id: item for item in await _items_of(db, orders)}
        addresses = await _addresses_of(db, [each.destination_id for each in found.values()])
        slips = []
        for shipment in (found[shipment_id] for shipment_id in shipment_ids):
            own = [line for line in lines if line.shipment_id == shipment.id]
            packed = [PackedLine(line.sku, name_of(items[line.order_item_id]), line.quantity) for line in own]
            address = addresses.get(shipment.destination_id) if shipment.destination_id else None
            slips.append(PackingList(orders[shipment.order_id], address, shipment, packed))
        return slips

    async def of_orders(self, db: Reader, order_ids: Sequence[UUID]) -> list[PackingList]:
        """What is left to send of orders by `RemainingUnits.to_send`, in this order, at most 100.

        Raises OrderNotFound, TooMany. Six statements.
        """
        _require_few(order_ids, "orders")
        orders = await self._orders(db, order_ids)
        addresses = await _addresses_of(db, [order.shipping_address_id for order in orders.values()])
        lists = []
        for remaining in await self._remaining.of(db, [orders[order_id] for order_id in order_ids]):
            order, units = remaining.order, remaining.to_send()
            left = [item for item in remaining.goods if item.id in units]
            lines = [PackedLine(item.sku, name_of(item), units[item.id]) for item in left]
            address = addresses.get(order.shipping_address_id) if order.shipping_address_id else None
            lists.append(PackingList(order, address, None, lines))
        return lists

    async def _orders_sent_now(self, db: Reader, order_ids: Collection[UUID] | None) -> list[Order]:
        where: data.OrderWhere = {"status": {"in": list(PICKED)}, "held_at": None}
        if order_ids is not None:
            _require_few(order_ids, "orders")
            where["id"] = {"in": list(order_ids)}
        return await data.order.find_many(db, where=where, order_by=[{"created_at": "asc"}], take=MAX_ORDERS)

    async def _locations(self, db: Reader, warehouse_id: UUID, skus: Sequence[str]) -> dict[str, str]:
        """The location of each SKU that has one in a warehouse. Two statements."""
        items = {item.id: item.sku for item in await self._inventory.listing.items_by_sku(db, skus)}
        found: dict[str, str] = {}
        for item_id, levels in (await self._inventory.listing.levels_by_item(db, list(items))).items():
            for stored in levels:
                if stored.warehouse.id == warehouse_id and stored.level.location is not None:
                    found[items[item_id]] = stored.level.location
        return found

    async def _orders(self, db: Reader, ids: Collection[UUID]) -> dict[UUID, Order]:
        """The orders of these ids. Raises OrderNotFound. One statement."""
        found = {order.id: order for order in await data.order.find_many(db, where={"id": {"in": list(ids)}})}
        if any(order_id not in found for order_id in ids):
            raise OrderNotFound
        return found


def name_of(item: OrderItem) -> str:
    """The name of a line, with that of its variant."""
    return f"{item.product_name}, {item.variant_name}" if item.variant_name else item.product_name


async def _items_of(db: Reader, orders: Collection[UUID]) -> list[OrderItem]:
    where: data.OrderItemWhere = {"order_id": {"in": list(orders)}}
    return await data.order_item.find_many(db, where=where, order_by=[{"id": "asc"}])


async def _addresses_of(db: Reader, ids: Collection[UUID | None]) -> dict[UUID, OrderAddress]:
    where: data.OrderAddressWhere = {"id": {"in": [each for each in ids if each is not None]}}
    return {address.id: address for address in await data.order_address.find_many(db, where=where)}


def _require_few(ids: Collection[UUID], name: str) -> None:
    if len(ids) > MAX_DOCUMENTS:
        raise TooMany(f"Choose at most {MAX_DOCUMENTS} {name} at once.")
