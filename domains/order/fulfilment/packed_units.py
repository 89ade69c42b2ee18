"""Packing: which units of an order a new shipment has, and which warehouse sends them. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from domains.inventory.errors import NotReserved, OrderAwaitsStock, WarehouseNotFound
from domains.kernel.errors import DuplicateValue, OutOfRange, TooMany
from domains.kernel.validation import collect_errors, prefix_errors
from domains.order.errors import OrderBeingRefunded, OrderItemNotFound
from domains.order.fulfilment.contents import Contents
from domains.order.fulfilment.errors import (
    ItemNotShipped,
    NothingToShip,
    NotOfPickupWarehouse,
    OrderNotFulfillable,
    OverShipped,
    ShipmentWarehouseRequired,
    SplitTooLarge,
    TooManyShipments,
    UnitsElsewhere,
)
from domains.order.fulfilment.holds import require_not_held
from domains.order.fulfilment.remaining_units import Units, by_warehouse
from domains.order.models import OrderStatus
from domains.shipping.shipments.models import PackedUnits, ShipmentLine

MAX_LINES = 250
MAX_SHIPMENTS = 250  # of an order
FULFILLABLE = frozenset({OrderStatus.CONFIRMED, OrderStatus.PAID, OrderStatus.PROCESSING})


@dataclass(frozen=True, slots=True)
class ParcelUnits:
    """Units of a line of an order that are packed."""

    order_item_id: UUID
    quantity: int


def require_fulfillable(contents: Contents) -> None:
    """Raise OrderNotFulfillable, OrderOnHold, OrderBeingRefunded unless shipments of the order can be made now."""
    order = contents.order
    if order.status not in FULFILLABLE:
        raise OrderNotFulfillable(order.status)
    require_not_held(order)
    if order.paid_at is not None and order.total and contents.refundable <= 0:
        raise OrderBeingRefunded


def next_position(contents: Contents, count: int = 1) -> int:
    """The position of the first of so many new shipments. Raises TooManyShipments beyond 250 of an order."""
    last = max((each.position for each in contents.shipments), default=0)
    if last + count > MAX_SHIPMENTS:
        raise TooManyShipments(MAX_SHIPMENTS)
    return last + 1


def chosen(contents: Contents, lines: Sequence[ParcelUnits] | None) -> dict[UUID, int]:
    """The units of a new shipment: those of lines, or by default all that are left.

    Raises NothingToShip; TooMany; and for all lines at once OrderItemNotFound, ItemNotShipped, DuplicateValue,
    OutOfRange, OverShipped.
    """
    left = contents.left()
    if lines is None:
        units = {item_id: number for item_id, number in left.items() if number}
        if not units:
            raise NothingToShip
        return units
    goods = {item.id: item.requires_shipping for item in contents.items}
    return _checked(lines, {item_id: left.get(item_id, 0) for item_id in goods}, goods)


def divided(lines: Sequence[ShipmentLine], units: Sequence[ParcelUnits]) -> list[PackedUnits]:
    """The units that go from a shipment with these lines into a new one. Raises as `chosen`, and SplitTooLarge."""
    own = {line.order_item_id: line for line in lines}
    taken = _checked(units, {item_id: line.quantity for item_id, line in own.items()}, dict.fromkeys(own, True))
    if sum(taken.values()) == sum(line.quantity for line in lines):
        raise SplitTooLarge
    return [PackedUnits(item_id, own[item_id].sku, number) for item_id, number in taken.items()]


def _checked(lines: Sequence[ParcelUnits], left: Units, goods: Mapping[UUID, bool]) -> dict[UUID, int]:
    if not 1 <= len(lines) <= MAX_LINES:
        raise TooMany(f"Give 1 to {MAX_LINES} lines.", field=("lines",))
    units: dict[UUID, int] = {}
    with collect_errors() as each:
        for index, line in enumerate(lines):
            with each, prefix_errors(("lines", str(index))):
                if line.order_item_id not in goods:
                    raise OrderItemNotFound
                if not goods[line.order_item_id]:
                    raise ItemNotShipped
                if line.order_item_id in units:
                    raise DuplicateValue("This line of the order is given twice.", field=("order_item_id",))
                units[line.order_item_id] = line.quantity
                if line.quantity < 1:
                    raise OutOfRange("The quantity must be at least 1.", field=("quantity",))
                if line.quantity > left[line.order_item_id]:
                    raise OverShipped(line.quantity, left[line.order_item_id])
    return units


def place(
    contents: Contents, units: Units, warehouse_id: UUID | None, lines: Sequence[ParcelUnits] | None
) -> UUID | None:
    """The warehouse that sends the units: the given one, or the only one that has them. None where there is none.

    Raises WarehouseNotFound, NotOfPickupWarehouse, OrderAwaitsStock, ShipmentWarehouseRequired, and for all lines
    at once UnitsElsewhere.
    """
    pickup = contents.order.pickup_warehouse_id
    if warehouse_id is None:
        warehouse_id = pickup
    elif warehouse_id not in contents.held.warehouses:
        raise WarehouseNotFound
    elif pickup is not None and warehouse_id != pickup:
        raise NotOfPickupWarehouse
    _require_in_stock(contents, units)
    if warehouse_id is None:
        places = by_warehouse(contents, units)
        if len(places) > 1:
            known = contents.held.warehouses
            raise ShipmentWarehouseRequired([known[each].code for each in places if each is not None])
        return next(iter(places), None)
    _require_there(contents, units, warehouse_id, lines)
    return warehouse_id


def require_all(contents: Contents, units: Units, groups: Mapping[UUID | None, Units]) -> None:
    """Raise OrderAwaitsStock or NotReserved when some of the units are in no warehouse for the order."""
    if contents.held.awaited:
        raise OrderAwaitsStock([contents.held.awaited[sku] for sku in sorted(contents.held.awaited)])
    for item in contents.goods:
        found = sum(group.get(item.id, 0) for group in groups.values())
        if found < units.get(item.id, 0):
            raise NotReserved(item.sku, units[item.id], found, field=("order_id",))


def _require_in_stock(contents: Contents, units: Units) -> None:
    """Raise OrderAwaitsStock when fewer of the units are reserved than are to be sent, because the order waits."""
    free = Counter[str]()
    for (sku, _), number in contents.free().items():
        free[sku] += number
    short = [sku for sku, number in contents.counted(units).items() if free[sku] < number]
    awaited = [contents.held.awaited[sku] for sku in short if sku in contents.held.awaited]
    if awaited:
        raise OrderAwaitsStock(awaited)


def _require_there(contents: Contents, units: Units, warehouse_id: UUID, lines: Sequence[ParcelUnits] | None) -> None:
    free, code = contents.free(), contents.held.warehouses[warehouse_id].code
    fields = {line.order_item_id: ("lines", str(index), "quantity") for index, line in enumerate(lines or ())}
    with collect_errors() as each:
        for item in contents.items:
            sku, number = contents.sku(item), units.get(item.id, 0)
            if not sku or not number:
                continue
            with each:
                there = max(free[sku, warehouse_id], 0)
                if there < number:
                    field = fields.get(item.id, ("warehouse_id",))
                    raise UnitsElsewhere(item.sku, number, there, code, field=field)
            free[sku, warehouse_id] -= number
