"""Re-allocation: staff choose other warehouses for the units of an order that is not shipped yet."""

from collections.abc import Sequence
from uuid import UUID

from domains.inventory.allocation.reallocation import ReallocatedLine
from domains.inventory.service import InventoryService
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.order import transitions
from domains.order.errors import OrderNotReallocatable
from domains.order.events import OrderReallocated
from domains.order.models import Order


class Reallocations:
    """Moves the reserved units of orders between warehouses."""

    def __init__(self, inventory: InventoryService) -> None:
        self._inventory = inventory

    async def reallocate(self, tx: Tx, actor: Actor, order_id: UUID, lines: Sequence[ReallocatedLine]) -> Order:
        """Have other warehouses send reserved units of an order.

        Raises OrderNotFound, OrderNotReallocatable, and what `inventory.reallocation.move` raises. Emits
        OrderReallocated, and what that emits.
        """
        order = await transitions.lock(tx, actor, order_id, None)
        if order.shipped_at or order.cancelled_at or order.failed_at:
            raise OrderNotReallocatable(order.status)
        moved = await self._inventory.reallocation.move(tx, actor, order.id, lines)
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
