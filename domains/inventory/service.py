"""The inventory of a company: its service, and the parts that the service is made of."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.catalog.service import CatalogService
from domains.inventory import data
from domains.inventory.export import StockExport
from domains.inventory.ledger import Ledger
from domains.inventory.listing import IS_LOW, Listing
from domains.inventory.models import InventoryItem, MovementType, ReservationStatus, StockLine, StockMovement
from domains.inventory.owners import SkuAssignments
from domains.inventory.projection import StockProjection
from domains.inventory.reorder_levels import ReorderLevels
from domains.inventory.reservations import Reservations
from domains.kernel.database import Reader, Tx
from domains.kernel.errors import InvalidInput
from domains.kernel.text.validation import normalize_key

MOST_LOW: Final = 1_000


class InventoryService:
    """Keeps the stock of the catalog's SKUs."""

    def __init__(self, catalog: CatalogService) -> None:
        self._catalog = catalog
        self.ledger = Ledger(catalog.skus)
        self.reservations = Reservations()
        self.reorder_levels = ReorderLevels(catalog.skus)
        self.sku_assignments = SkuAssignments(catalog.skus)
        self.listing = Listing(catalog)
        self.projection = StockProjection(catalog, self.listing)
        self.export = StockExport(catalog)

    async def check_availability(self, db: Reader, sku: str, qty: int) -> bool:
        """Whether `qty` units of a SKU can be sold now: always when it is not tracked, never when nothing has it.

        A SKU without an item has no stock. Raises InvalidInput for a quantity below one.
        """
        if qty < 1:
            raise InvalidInput("A quantity is at least 1.", field=("quantity",))
        sku = normalize_key(sku)
        owners = await self._catalog.skus.owners(db, [sku])
        if not owners or not owners[0].is_sold:
            return False
        if not owners[0].is_tracked:
            return True
        item = await data.inventory_item.find_unique(db, sku=sku)
        return item is not None and item.available_stock >= qty

    async def get_low_stock(self, db: Reader, threshold: int | None = None) -> list[InventoryItem]:
        """What is to be ordered again, the scarcest first, at most 1,000: free stock at or below the threshold.

        Without a threshold, at or below each item's own reorder point. One statement.
        """
        where: Any = IS_LOW if threshold is None else {"available_stock": {"lte": threshold}}
        order: list[data.InventoryItemOrder] = [{"available_stock": "asc"}, {"id": "asc"}]
        return await data.inventory_item.find_many(db, where=where, order_by=order, take=MOST_LOW)

    async def reserve_stock(
        self, tx: Tx, sku: str, qty: int, order_id: UUID, *, expires_at: datetime | None = None
    ) -> None:
        """Set units of one SKU aside for an order, beside what it holds. Raises and emits as `reserve` does."""
        await self.reservations.reserve(tx, tx.actor, [StockLine(sku, qty)], order_id=order_id, expires_at=expires_at)

    async def release_stock(self, tx: Tx, sku: str, qty: int, order_id: UUID) -> None:
        """Free units of one SKU that an order holds.

        Raises NotReserved when it holds fewer, InvalidInput. Emits StockChanged.
        """
        await self.reservations.end_part(tx, order_id, ReservationStatus.RELEASED, sku, qty)

    async def confirm_sale(self, tx: Tx, sku: str, qty: int, order_id: UUID) -> None:
        """Take units of one SKU that an order holds out of stock, as sold.

        Raises NotReserved when it holds fewer, InvalidInput.
        """
        await self.reservations.end_part(tx, order_id, ReservationStatus.CONFIRMED, sku, qty)

    async def update_stock(
        self,
        tx: Tx,
        sku: str,
        qty: int,
        reason: str | None = None,
        *,
        kind: MovementType = MovementType.ADJUSTMENT,
        reference: str | None = None,
    ) -> InventoryItem:
        """Add units to a SKU's free stock, or (below zero) take them away; the item as it is then.

        Raises what `record_movement` raises, and emits what it emits.
        """
        applied = await self.ledger.record(tx, sku, qty, kind, reason, reference)
        return applied.item

    async def record_movement(
        self,
        tx: Tx,
        sku: str,
        kind: MovementType,
        quantity: int,
        *,
        reason: str | None = None,
        reference: str | None = None,
    ) -> StockMovement:
        """Move free units of a SKU (below zero: out) and write it into the ledger, both or neither; the entry.

        Reserved units move with their reservations alone. Raises SkuNotFound, InsufficientStock (nothing goes below
        zero), InvalidInput also for a kind that moves units the other way. Emits StockChanged, StockRanLow.
        """
        applied = await self.ledger.record(tx, sku, quantity, kind, reason, reference)
        return applied.entry
