"""What of an order is packed, what is left to pack and to send, and which warehouses send it. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domains.inventory.allocation.held_units import HeldUnits
from domains.order import lifecycle
from domains.order.models import Order, OrderItem
from domains.order.summary import OrderFacts
from domains.shipping.shipments.models import SENT_BACK, Shipment, ShipmentLine, ShipmentStatus

Units = Mapping[UUID, int]
"""Numbers of units by the line of the order."""
NOT_READ: Final = HeldUnits({}, {}, {}, {})


@dataclass(frozen=True, slots=True, kw_only=True)
class RemainingUnits:
    """The lines of an order with their refunded units, its shipments, and its units in warehouses.

    `refunded` units are in refunds that have not failed.
    """

    order: Order
    items: Sequence[OrderItem]
    refunded: Units
    shipments: Sequence[Shipment]
    lines: Sequence[ShipmentLine]
    held: HeldUnits = NOT_READ

    @property
    def goods(self) -> list[OrderItem]:
        """The lines whose units are shipped, in their order."""
        return [item for item in self.items if item.requires_shipping]

    @property
    def pending_shipments(self) -> list[Shipment]:
        """The shipments that are packed and not dispatched."""
        return [each for each in self.shipments if each.status is ShipmentStatus.PENDING]

    def pending(self) -> list[tuple[Shipment, ShipmentLine]]:
        """The lines of the shipments that are packed and not dispatched."""
        packed = {each.id: each for each in self.pending_shipments}
        return [(packed[line.shipment_id], line) for line in self.lines if line.shipment_id in packed]

    def unpacked(self) -> dict[UUID, int]:
        """The units of each line that are wanted and in no shipment; lines without any are left out."""
        live = {each.id for each in self.shipments if each.status is not ShipmentStatus.CANCELLED}
        packed = Counter[UUID]()
        for line in self.lines:
            if line.shipment_id in live:
                packed[line.order_item_id] += line.quantity
        left = {item.id: item.quantity - item.dropped_quantity - packed[item.id] for item in self.goods}
        return {item_id: units for item_id, units in left.items() if units > 0}

    def left(self) -> dict[UUID, int]:
        """The units of each line that are left to pack: those that are in no shipment, without the refunded ones.

        A refund counts for units that are not packed, unless as many units of its line came back.
        """
        refunded = self.unshipped(self.refunded)
        return {item_id: max(units - refunded[item_id], 0) for item_id, units in self.unpacked().items()}

    def to_send(self) -> dict[UUID, int]:
        """The units of each line that are packed and not dispatched, or left to pack; none when the order has ended.

        Lines without any are left out.
        """
        if not lifecycle.may_hold(OrderFacts.of(self.order)):
            return {}
        units = Counter(self.left())
        for _, line in self.pending():
            units[line.order_item_id] += line.quantity
        return +units

    def to_pick(self, warehouse_id: UUID) -> Counter[str]:
        """The units that a warehouse sends, packed or left to pack, by SKU; only those whose stock is counted."""
        units = Counter(by_warehouse(self, self.left()).get(warehouse_id, {}))
        for shipment, line in self.pending():
            if shipment.warehouse_id == warehouse_id:
                units[line.order_item_id] += line.quantity
        return +self.counted(units)

    def unshipped(self, refunded: Units) -> Counter[UUID]:
        """The refunded units of each line that did not come back: neither returned, nor sent back, nor lost."""
        back = Counter({item.id: item.returned_quantity for item in self.items})
        sent_back = {each.id for each in self.shipments if each.status in SENT_BACK}
        for line in self.lines:
            if line.shipment_id in sent_back:
                back[line.order_item_id] += line.quantity
        return Counter({item_id: max(units - back[item_id], 0) for item_id, units in refunded.items()})

    def sku(self, item: OrderItem) -> str | None:
        """The present SKU of the units of a line; None when their stock was not counted."""
        return self.held.skus.get(item.variant_id or item.product_id)

    def free(self) -> Counter[tuple[str, UUID]]:
        """The units that are reserved for the order and not packed, by SKU and warehouse."""
        free = Counter(self.held.reserved)
        by_id = {item.id: item for item in self.items}
        for shipment, line in self.pending():
            sku = self.sku(by_id[line.order_item_id])
            if shipment.warehouse_id and sku:
                free[sku, shipment.warehouse_id] -= line.quantity
        return free

    def counted(self, units: Units) -> Counter[str]:
        """Units of lines by SKU; those whose stock is not counted are left out."""
        numbers = Counter[str]()
        for item in self.items:
            if item.id in units and (sku := self.sku(item)):
                numbers[sku] += units[item.id]
        return numbers


def by_warehouse(remaining: RemainingUnits, units: Units) -> dict[UUID | None, dict[UUID, int]]:
    """Units of lines by the warehouse that sends them, in the order of codes; None is no warehouse.

    Those without counted stock go along with the first others, or are sent by the default warehouse. Units that are
    reserved nowhere are left out.
    """
    free = +remaining.free()
    sent: dict[UUID | None, dict[UUID, int]] = {}
    uncounted = dict[UUID, int]()
    for item in remaining.goods:
        left, sku = units.get(item.id, 0), remaining.sku(item)
        if sku is None and left:
            uncounted[item.id] = left
        for warehouse_id in _with_units(remaining, free, sku) if sku else ():
            if number := min(left, free[sku or "", warehouse_id]):
                sent.setdefault(warehouse_id, {})[item.id] = number
                free[sku or "", warehouse_id] -= number
                left -= number
    if uncounted:
        first = min(sent, key=lambda each: _code(remaining, each)) if sent else _default(remaining)
        sent.setdefault(first, {}).update(uncounted)
    return {place: sent[place] for place in sorted(sent, key=lambda each: _code(remaining, each))}


def _with_units(remaining: RemainingUnits, free: Mapping[tuple[str, UUID], int], sku: str) -> Iterable[UUID]:
    places = [place for of_sku, place in free if of_sku == sku]
    return sorted(places, key=lambda each: _code(remaining, each))


def _code(remaining: RemainingUnits, warehouse_id: UUID | None) -> str:
    warehouse = remaining.held.warehouses.get(warehouse_id) if warehouse_id else None
    return warehouse.code if warehouse else ""


def _default(remaining: RemainingUnits) -> UUID | None:
    if remaining.order.pickup_warehouse_id is not None:
        return remaining.order.pickup_warehouse_id
    return next((each.id for each in remaining.held.warehouses.values() if each.is_default), None)
