"""InventoryService: the stock of SKUs, its ledger and reservations."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.catalog.service import CatalogService
from domains.inventory import data
from domains.inventory.alerts.alerts import StockAlerts
from domains.inventory.allocation.allocations import Allocations
from domains.inventory.allocation.order_units import OrderUnitsListing
from domains.inventory.allocation.reallocation import Reallocation
from domains.inventory.backorders.backorders import Backorders
from domains.inventory.export import StockExport
from domains.inventory.ledger import Ledger
from domains.inventory.listing import IS_LOW, Listing
from domains.inventory.models import InventoryItem, MovementType, ReservationStatus, StockLine, StockMovement
from domains.inventory.movements import sellable_units
from domains.inventory.owners import SkuAssignments
from domains.inventory.projection import StockProjection
from domains.inventory.purchase_orders.purchase_orders import PurchaseOrders
from domains.inventory.quarantine.quarantine import Quarantine
from domains.inventory.reorder_levels import ReorderLevels
from domains.inventory.reservations import Reservations
from domains.inventory.settings import settings_table
from domains.inventory.stock_takes.stock_takes import StockTakes
from domains.inventory.transfers.transfers import StockTransfers
from domains.inventory.warehouses.warehouses import Warehouses
from domains.kernel.database import Reader, Tx
from domains.kernel.errors import OutOfRange
from domains.kernel.settings import SettingsCache
from domains.kernel.text.validation import normalize_key

MAX_LOW_STOCK: Final = 1_000


class InventoryService:
    """Manages the stock of the catalog's SKUs."""

    def __init__(self, catalog: CatalogService, cache: SettingsCache) -> None:
        self._catalog = catalog
        self.settings = settings_table(cache)
        self.warehouses = Warehouses()
        self.ledger = Ledger(catalog.skus)
        self.reservations = Reservations()
        self.backorders = Backorders(catalog.skus)
        self.allocations = Allocations(self.settings, self.reservations)
        self.order_units = OrderUnitsListing()
        self.reallocation = Reallocation()
        self.reorder_levels = ReorderLevels(catalog.skus)
        self.sku_assignments = SkuAssignments(catalog.skus)
        self.listing = Listing(catalog)
        self.projection = StockProjection(catalog, self.listing)
        self.export = StockExport(catalog)
        self.transfers = StockTransfers(catalog.skus)
        self.stock_takes = StockTakes(catalog.skus)
        self.purchase_orders = PurchaseOrders(catalog.skus)
        self.quarantine = Quarantine(catalog.skus)
        self.alerts = StockAlerts(self.settings)

    async def check_availability(self, db: Reader, sku: str, qty: int) -> bool:
        """Whether `qty` units of a SKU can be sold now: always for an untracked SKU, never for an unknown one.

        Units that may be put on backorder count. A SKU without an item has no stock. Raises OutOfRange for a
        quantity below one.
        """
        if qty < 1:
            raise OutOfRange("A quantity is at least 1.", field=("quantity",))
        sku = normalize_key(sku)
        owners = await self._catalog.skus.owners(db, [sku])
        if not owners or not owners[0].is_sold:
            return False
        if not owners[0].is_tracked:
            return True
        item = await data.inventory_item.find_unique(db, sku=sku)
        return item is not None and sellable_units(item) >= qty

    async def get_low_stock(self, db: Reader, threshold: int | None = None) -> list[InventoryItem]:
        """The items with available stock at or below the threshold, the lowest first, at most 1,000.

        Without a threshold, the reorder point of each item is used. One statement.
        """
        where: Any = IS_LOW if threshold is None else {"available_stock": {"lte": threshold}}
        order: list[data.InventoryItemOrder] = [{"available_stock": "asc"}, {"id": "asc"}]
        return await data.inventory_item.find_many(db, where=where, order_by=order, take=MAX_LOW_STOCK)

    async def reserve_stock(
        self, tx: Tx, sku: str, qty: int, order_id: UUID, *, expires_at: datetime | None = None
    ) -> None:
        """Reserve units of one SKU for an order, in addition to its others. Raises and emits as `reserve`."""
        await self.reservations.reserve(tx, tx.actor, [StockLine(sku, qty)], order_id=order_id, expires_at=expires_at)

    async def release_stock(self, tx: Tx, sku: str, qty: int, order_id: UUID) -> None:
        """Release reserved units of one SKU of an order.

        Raises NotReserved when fewer are reserved, OutOfRange below one. Emits StockReleased, StockChanged,
        BackInStock.
        """
        await self.reservations.end_partially(tx, order_id, ReservationStatus.RELEASED, sku, qty)

    async def confirm_sale(self, tx: Tx, sku: str, qty: int, order_id: UUID) -> None:
        """Take reserved units of one SKU of an order out of stock, as sold.

        Raises NotReserved when fewer are reserved, OutOfRange below one. Emits StockSold.
        """
        await self.reservations.end_partially(tx, order_id, ReservationStatus.CONFIRMED, sku, qty)

    async def update_stock(
        self,
        tx: Tx,
        sku: str,
        qty: int,
        reason: str | None = None,
        *,
        movement_type: MovementType = MovementType.ADJUSTMENT,
        reference: str | None = None,
        warehouse_id: UUID | None = None,
    ) -> InventoryItem:
        """Add units to the available stock of a SKU, or remove them (below zero); returns the changed item.

        Without a warehouse in the default one. Raises and emits as `record_movement`.
        """
        applied = await self.ledger.record(tx, sku, qty, movement_type, reason, reference, warehouse_id=warehouse_id)
        return applied.item

    async def record_movement(
        self,
        tx: Tx,
        sku: str,
        movement_type: MovementType,
        quantity: int,
        *,
        reason: str | None = None,
        reference: str | None = None,
        warehouse_id: UUID | None = None,
    ) -> StockMovement:
        """Change the available units of a SKU (below zero: remove) with an entry in the ledger; returns the entry.

        Without a warehouse in the default one. Reserved units change through reservations only. Raises SkuNotFound,
        InsufficientStock (nothing goes below zero), StockLimitExceeded, OutOfRange for no units,
        MovementDirectionWrong, MovementTypeNotAllowed, WarehouseNotFound, WarehouseInactive, and TooLong and
        InvalidInput for a text. Emits StockAdjusted, StockChanged, BackInStock, StockRanLow, StockRanOut and
        StockOverstocked.
        """
        applied = await self.ledger.record(
            tx, sku, quantity, movement_type, reason, reference, warehouse_id=warehouse_id
        )
        return applied.entry
