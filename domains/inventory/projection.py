"""The projection of stock into the catalog: which products can be bought."""

from collections.abc import Sequence
from uuid import UUID

from domains.catalog.events import ProductCreated, ProductUpdated
from domains.catalog.service import CatalogService
from domains.inventory.events import StockChanged
from domains.inventory.listing import Listing
from domains.inventory.movements import sellable_units
from domains.kernel.database import Reader, Tx
from domains.kernel.events import Envelope

TOPICS = (StockChanged.topic, ProductCreated.topic, ProductUpdated.topic)


class StockProjection:
    """Writes into the catalog's search index which products are in stock."""

    def __init__(self, catalog: CatalogService, listing: Listing) -> None:
        self._catalog = catalog
        self._listing = listing

    async def products_in_stock(self, db: Reader, product_ids: Sequence[UUID]) -> dict[UUID, bool]:
        """For each product, whether a sellable SKU of it is in stock or untracked."""
        items = await self._listing.items_of_products(db, product_ids)
        stocked = {item.sku for item in items if sellable_units(item) > 0}
        owners = await self._catalog.skus.of_products(db, product_ids)
        sellable = {
            owner.product_id for owner in owners if owner.is_sold and (not owner.is_tracked or owner.sku in stocked)
        }
        return {product_id: product_id in sellable for product_id in product_ids}

    async def show_stock(self, tx: Tx, product_ids: Sequence[UUID]) -> None:
        """Update which of these products the catalog shows as in stock."""
        await self._catalog.search.project_stock(tx, sorted(set(product_ids)), self.products_in_stock)

    async def handle(self, tx: Tx, envelope: Envelope) -> None:
        """Update the stock shown of an event's products; late and repeated events are harmless."""
        payload = envelope.payload
        ids = payload["product_ids"] if "product_ids" in payload else [payload["product_id"]]
        await self.show_stock(tx, [UUID(product_id) for product_id in ids])
