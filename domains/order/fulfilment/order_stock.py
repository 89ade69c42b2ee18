"""The stock of an order that is closed: its units become available again, and its pending shipments are unpacked."""

from typing import Final

from domains.inventory.service import InventoryService
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.order.fulfilment.contents import read_contents
from domains.order.models import Order
from domains.shipping.service import ShippingService

REFUNDED_BEFORE_SHIPPING: Final = "Refunded before it was shipped"


class OrderStock:
    """Gives back what orders have in warehouses."""

    def __init__(self, inventory: InventoryService, shipping: ShippingService) -> None:
        self._inventory = inventory
        self._shipping = shipping

    async def release(self, tx: Tx, actor: Actor, order: Order, *, reason: str | None) -> None:
        """Release the reserved units of a locked order, and cancel its pending shipments. Idempotent.

        One statement more than `Reservations.release` for an order whose processing has begun, two with shipments.
        Emits StockReleased, StockChanged, BackInStock, BackorderCancelled, ShipmentCancelled.
        """
        await self._inventory.reservations.release(tx, actor, order.id, reason=reason)
        if order.processing_at is not None:  # before that nothing is packed
            await self._shipping.shipments.cancel_pending(tx, order.id)

    async def has_refunded_rest(self, tx: Tx, order: Order) -> bool:
        """Whether all that is left to ship of a locked order was refunded, and nothing is packed. One statement."""
        return (await read_contents(tx, order)).refunded_rest() > 0
