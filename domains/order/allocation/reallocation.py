"""Re-allocation: staff choose other warehouses for the units of an order that are not shipped or packed yet."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from domains.inventory.allocation.reallocation import ReallocatedLine
from domains.inventory.service import InventoryService
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.order import transitions
from domains.order.errors import OrderNotReallocatable
from domains.order.events import OrderReallocated
from domains.order.fulfilment.contents import read_contents
from domains.order.models import Order
from domains.order.summary import OrderFacts
from domains.shipping.shipments.models import ShipmentStatus


class Reallocations:
    """Moves the reserved units of orders between warehouses."""

    def __init__(self, inventory: InventoryService) -> None:
        self._inventory = inventory

    async def reallocate(self, tx: Tx, actor: Actor, order_id: UUID, lines: Sequence[ReallocatedLine]) -> Order:
        """Have other warehouses send reserved units of an order. Units of pending shipments stay where they are.

        One statement more than `inventory.reallocation.move` for an order whose processing has begun. Raises
        OrderNotFound, OrderNotReallocatable, and what that raises. Emits OrderReallocated, and what that emits.
        """
        order = await transitions.lock(tx, actor, order_id, None)
        facts = OrderFacts.of(order)
        if facts.shipped >= facts.shippable or order.cancelled_at or order.failed_at:
            raise OrderNotReallocatable(order.status)
        packed = Counter[tuple[str, UUID]]()
        if order.processing_at is not None:  # before that nothing is packed
            contents = await read_contents(tx, order)
            for shipment in contents.shipments:
                if shipment.status is ShipmentStatus.PENDING and shipment.warehouse_id is not None:
                    units = {line.order_item_id: line.quantity for line in contents.lines_of(shipment.id)}
                    for sku, number in contents.counted(units).items():
                        packed[sku, shipment.warehouse_id] += number
        moved = await self._inventory.reallocation.move(tx, actor, order.id, lines, packed)
        tx.emit(
            OrderReallocated(
                order_id=order.id,
                order_number=order.order_number,
                lines=[
                    {
                        "sku": line.sku,
                        "quantity": line.quantity,
                        "from_warehouse_id": line.from_warehouse_id,
                        "to_warehouse_id": line.to_warehouse_id,
                    }
                    for line in moved
                ],
            )
        )
        return order
