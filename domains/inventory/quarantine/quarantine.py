"""Quarantine: units that are set apart and not sold, released again, or written off as damaged."""

from uuid import UUID

from domains.catalog.variants.skus import Skus
from domains.inventory import ledger, sql
from domains.inventory.documents.lines import require_units
from domains.inventory.models import InventoryItem, MovementType
from domains.inventory.movements import Entry
from domains.inventory.owners import SKU_FIELD, require_owners
from domains.inventory.quarantine.models import QuarantinedUnits
from domains.inventory.warehouses.sql import default_warehouse, require_active
from domains.kernel.database import Tx
from domains.kernel.text.validation import LINE_LENGTH, normalize_key, require_text
from domains.kernel.validation import collect_errors


class Quarantine:
    """Moves units of a SKU in a warehouse between the available and the quarantined ones, or out of stock.

    Each method raises, for all fields at once, Required, TooLong and OutOfRange; SkuNotFound, WarehouseNotFound,
    WarehouseInactive, and InsufficientStock. It emits as `record_movement`, and returns the item afterwards. Five
    statements at most.
    """

    def __init__(self, skus: Skus) -> None:
        self._skus = skus

    async def hold(self, tx: Tx, units: QuarantinedUnits) -> InventoryItem:
        """Take available units into quarantine."""
        return await self._move(tx, units, MovementType.QUARANTINE, available=-1, quarantined=1)

    async def release(self, tx: Tx, units: QuarantinedUnits) -> InventoryItem:
        """Make quarantined units available again."""
        return await self._move(tx, units, MovementType.QUARANTINE_RELEASE, available=1, quarantined=-1)

    async def write_off(self, tx: Tx, units: QuarantinedUnits, *, is_quarantined: bool) -> InventoryItem:
        """Remove damaged units, which are in quarantine or available, from stock."""
        available, quarantined = (0, -1) if is_quarantined else (-1, 0)
        return await self._move(tx, units, MovementType.DAMAGE, available=available, quarantined=quarantined)

    async def _move(
        self, tx: Tx, units: QuarantinedUnits, movement_type: MovementType, *, available: int, quarantined: int
    ) -> InventoryItem:
        with collect_errors() as each:
            with each:
                sku = require_text(normalize_key(units.sku), field=SKU_FIELD)
            with each:
                require_units(units.quantity)
            with each:
                require_text(units.reason, field=("reason",), max_length=LINE_LENGTH)
            with each:
                entry = Entry.of(movement_type, units.reason, units.reference, tx.actor)
        owners = await require_owners(self._skus, tx, {sku: SKU_FIELD})
        place: UUID | None = units.warehouse_id
        if place is not None:
            await require_active(tx, {place: ("warehouse_id",)})
        stock = await sql.lock_items(tx, owners)
        place = place or stock.default_id or await default_warehouse(tx)
        (locked,) = stock.items
        movement = locked.movement(place, available * units.quantity, 0, quarantined * units.quantity)
        (applied,) = await ledger.post(tx, [movement], entry)
        return applied.item
