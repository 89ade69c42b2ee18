"""Returned parcels: what comes back to its sender is put into stock again, or written off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domains.inventory.models import MovementType, StockLine
from domains.inventory.service import InventoryService
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.errors import DuplicateValue, OutOfRange
from domains.kernel.text.plurals import counted
from domains.kernel.validation import collect_errors, prefix_errors, rename_fields
from domains.order import transitions
from domains.order.errors import OrderItemNotFound
from domains.order.fulfilment.contents import read_contents
from domains.shipping.service import ShippingService
from domains.shipping.shipments.errors import ShipmentNotFound
from domains.shipping.shipments.models import Shipment, ShipmentLine

REASON: Final = "Returned to sender"


@dataclass(frozen=True, slots=True)
class RestockedUnits:
    """How many units of an order's line in a returned parcel can be sold again; the others are written off."""

    order_item_id: UUID
    restocked: int


class ReturnedParcels:
    """Receives the goods of shipments that are RETURNED_TO_SENDER, each once. No money moves."""

    def __init__(self, shipping: ShippingService, inventory: InventoryService) -> None:
        self._shipping = shipping
        self._inventory = inventory

    async def receive(
        self, tx: Tx, actor: Actor, shipment_id: UUID, lines: Sequence[RestockedUnits], warehouse_id: UUID
    ) -> Shipment:
        """Receive all goods of a returned shipment, for staff with ORDERS:UPDATE, into a warehouse or not at all.

        Of each of `lines` as many units as are restocked go into the warehouse, and all of lines that are left out.
        The others are written off. Units whose stock is not counted move none. Raises ShipmentNotFound,
        ShipmentNotReturned, ShipmentReceivedAlready; for all lines at once OrderItemNotFound,
        DuplicateValue, OutOfRange; WarehouseNotFound, WarehouseInactive. Emits ShipmentReceivedBack, StockAdjusted,
        StockChanged, BackInStock, StockOverstocked.
        """
        found = await self._shipping.shipments.find(tx, shipment_id)
        order = await transitions.lock(tx, actor, found.order_id, None)
        contents = await read_contents(tx, order)
        shipment = contents.shipment(shipment_id)
        if shipment is None:
            raise ShipmentNotFound
        self._shipping.receipts.require_returned(shipment)
        own = contents.lines_of(shipment_id)
        restocked = _restocked(own, lines)
        units = {line.order_item_id: restocked[line.id] for line in own if restocked[line.id]}
        changes = [StockLine(sku, number, warehouse_id) for sku, number in sorted(contents.counted(units).items())]
        if changes:
            with rename_fields(_path_of):
                await self._inventory.ledger.change(
                    tx, changes, movement_type=MovementType.RETURN, reason=REASON, reference=str(order.id)
                )
        return await self._shipping.receipts.record(tx, shipment, own, restocked, warehouse_id)


def _path_of(field: Sequence[str]) -> Sequence[str]:
    """The path in the input for that of a change of stock: all units go into one warehouse."""
    return ("warehouse_id",) if field[-1] == "warehouse_id" else ("lines",)


def _restocked(own: Sequence[ShipmentLine], lines: Sequence[RestockedUnits]) -> Mapping[UUID, int]:
    """The units of each line of a shipment that go into stock, by the id of the line."""
    by_item = {line.order_item_id: line for line in own}
    restocked = {line.id: line.quantity for line in own}
    seen = set[UUID]()
    with collect_errors() as each:
        for place, given in enumerate(lines):
            with each, prefix_errors(("lines", str(place))):
                line = by_item.get(given.order_item_id)
                if line is None:
                    raise OrderItemNotFound
                if line.id in seen:
                    raise DuplicateValue("This line is given twice. Give each once.", field=("order_item_id",))
                seen.add(line.id)
                if not 0 <= given.restocked <= line.quantity:
                    units = counted(line.quantity, "unit")
                    raise OutOfRange(
                        f"The shipment has {units} of this line. Enter 0 to {line.quantity}.", field=("restocked",)
                    )
                restocked[line.id] = given.restocked
    return restocked
