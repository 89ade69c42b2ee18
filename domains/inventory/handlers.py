"""What the inventory does when others tell it something."""

from uuid import UUID

from domains.catalog.events import ProductCreated, ProductUpdated
from domains.inventory.events import StockChanged
from domains.inventory.service import InventoryService
from domains.kernel.database import Tx
from domains.kernel.events import Envelope

SHOWS_STOCK = (StockChanged.topic, ProductCreated.topic, ProductUpdated.topic)


class StockProjection:
    """Keeps what the catalogue shows of stock in step: after stock has changed, or what a product is sold as.

    It stands here and not in the catalogue, which cannot know the inventory above it.
    """

    def __init__(self, inventory: InventoryService) -> None:
        self._inventory = inventory

    async def show_stock(self, tx: Tx, envelope: Envelope) -> None:
        """Show the present stock of the event's products; late and repeated events do no harm."""
        payload = envelope.payload
        ids = payload["product_ids"] if "product_ids" in payload else [payload["product_id"]]
        await self._inventory.show_stock(tx, [UUID(product_id) for product_id in ids])
