"""The stock ledger: each change of a balance with its entry."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from domains.catalog.variants.skus import SkuOwner, Skus
from domains.inventory import movements, sql
from domains.inventory.backorders.arrivals import settle
from domains.inventory.events import (
    AdjustedSku,
    StockAdjusted,
)
from domains.inventory.level_sql import lock_stock
from domains.inventory.models import InventoryItem, MovementType, StockCount, StockLine
from domains.inventory.movements import AppliedMovement, Entry, LevelKey, Movement
from domains.inventory.owners import SKU_FIELD, require_owners
from domains.inventory.warehouses.sql import default_warehouse, named_in, require_active
from domains.kernel.database import Tx
from domains.kernel.text.validation import normalize_key, require_text
from domains.kernel.validation import collect_errors

BATCH_SIZE: Final = 1_000


class Ledger:
    """Changes the available stock of SKUs, and records each change."""

    def __init__(self, skus: Skus) -> None:
        self._skus = skus

    async def record(
        self,
        tx: Tx,
        sku: str,
        quantity: int,
        movement_type: MovementType,
        reason: str | None,
        reference: str | None,
        *,
        warehouse_id: UUID | None = None,
    ) -> AppliedMovement:
        """Change the available units of a SKU and write the entry. Raises and emits as `record_movement`."""
        with collect_errors() as each:
            with each:
                normalized_sku = require_text(normalize_key(sku), field=SKU_FIELD)
            with each:
                movements.require_direction(movement_type, quantity)
            with each:
                entry = Entry.of(movement_type, reason, reference, tx.actor)
        owners = await require_owners(self._skus, tx, {normalized_sku: SKU_FIELD})
        if warehouse_id is not None:
            await require_active(tx, {warehouse_id: ("warehouse_id",)})
        stock = await sql.lock_items(tx, owners)
        place = warehouse_id or stock.default_id or await default_warehouse(tx)
        applied = await sql.move(tx, [locked.movement(place, quantity) for locked in stock.items], entry)
        return (await _emit_adjustment(tx, movement_type, applied))[0]

    async def change(
        self,
        tx: Tx,
        changes: Sequence[StockLine],
        *,
        movement_type: MovementType = MovementType.ADJUSTMENT,
        reason: str | None = None,
        reference: str | None = None,
    ) -> list[InventoryItem]:
        """Add units to the available stock of SKUs, or remove them, all or nothing; returns the items.

        Four statements, one more when warehouses are named. Locks are taken in the order of SKUs. Raises and emits as
        `record_movement`, for all changes at once; the path of an error names the change. InsufficientStock lists all
        SKUs without enough stock. Without changes nothing is emitted.
        """
        with collect_errors() as each:
            with each:
                quantities = movements.require_changes(changes, movement_type)
            with each:
                entry = Entry.of(movement_type, reason, reference, tx.actor)
        owners = await require_owners(self._skus, tx, _sku_paths(quantities, movements.CHANGES))
        quantities = await _in_active(tx, quantities, movements.CHANGES)
        stock = await sql.lock_items(tx, owners)
        default_id = stock.default_id or await default_warehouse(tx)
        quantities = movements.in_warehouse(quantities, default_id, movements.CHANGES)
        applied = await sql.move(tx, movements.movements_by(stock.items, quantities), entry)
        if applied:
            applied = await _emit_adjustment(tx, movement_type, applied)
        return [change.item for change in movements.changes_of(applied)]

    async def set(
        self,
        tx: Tx,
        counts: Sequence[StockCount],
        *,
        movement_type: MovementType = MovementType.ADJUSTMENT,
        reason: str | None = None,
        reference: str | None = None,
    ) -> int:
        """Set the available stock of SKUs to counts; returns how many SKUs changed.

        One statement for the owners, one when warehouses are named, and per 1,000 SKUs one if none of them was
        stocked before, else three. Locks are taken in the order of SKUs. Reserved units stay reserved. Raises, for
        all counts at once, SkuNotFound, DuplicateValue for a repeated SKU, OutOfRange, StockLimitExceeded, Required,
        TooLong and InvalidInput for a text; then WarehouseNotFound and WarehouseInactive. Emits StockAdjusted,
        StockChanged, BackInStock, StockRanLow, StockRanOut and StockOverstocked, at most one each per 1,000.
        """
        with collect_errors() as each:
            with each:
                counted = movements.require_counts(counts)
            with each:
                entry = Entry.of(movement_type, reason, reference, tx.actor)
        owners = await require_owners(self._skus, tx, _sku_paths(counted, movements.LEVELS))
        counted = await _in_active(tx, counted, movements.LEVELS)
        owners.sort(key=lambda owner: owner.sku)
        changed = 0
        for start in range(0, len(owners), BATCH_SIZE):
            applied = await _set(tx, owners[start : start + BATCH_SIZE], counted, entry)
            if applied:
                await _emit_adjustment(tx, movement_type, applied)
            changed += len({move.item.id for move in applied})
        return changed


async def _set(
    tx: Tx, owners: Sequence[SkuOwner], counts: Mapping[LevelKey, int], entry: Entry
) -> list[AppliedMovement]:
    """Set the stock of SKUs, which are sorted."""
    created, applied = await sql.stock_new(tx, owners, counts, entry)
    known = {owner.sku: owner for owner in owners if owner.sku not in created}
    if not known:
        return applied
    stock = await lock_stock(tx, known)
    stocked = {item.sku for item in stock.rows}
    if missing := [owner for sku, owner in known.items() if sku not in stocked]:
        # The company's first warehouse was created, or its default one moved, by another transaction.
        await default_warehouse(tx)
        applied += (await sql.stock_new(tx, missing, counts, entry))[1]
    if not stocked:
        return applied
    await sql.assign(tx, stock.rows, known)
    default_id = stock.default_id or await default_warehouse(tx)
    counts = movements.in_warehouse(counts, default_id, movements.LEVELS)
    paths = movements.paths_of(counts, movements.LEVELS, "available")
    if applicable := movements.movements_to(stock.items, counts, paths):
        applied += await sql.move(tx, applicable, entry)
    return applied


async def _in_active(tx: Tx, quantities: dict[LevelKey, int], parent: Sequence[str]) -> dict[LevelKey, int]:
    """The quantities with their warehouses, which are locked; without any that is named, the default one later.

    One statement when warehouses are named. Raises WarehouseNotFound, WarehouseInactive, and DuplicateValue.
    """
    named = named_in(quantities, parent)
    if not named:
        return quantities
    with_default = any(place is None for _, place in quantities)
    default_id = await require_active(tx, named, with_default=with_default)
    return quantities if default_id is None else movements.in_warehouse(quantities, default_id, parent)


def _sku_paths(keys: Iterable[LevelKey], parent: Sequence[str]) -> dict[str, Sequence[str]]:
    """The path of each SKU where a list names it first."""
    paths: dict[str, Sequence[str]] = {}
    for (sku, _), path in movements.paths_of(keys, parent, "sku").items():
        paths.setdefault(sku, path)
    return paths


async def post(tx: Tx, applicable: Sequence[Movement], entry: Entry) -> list[AppliedMovement]:
    """Apply movements of locked items and emit as `record_movement`. One statement.

    Two more when orders wait for the units that came in.
    """
    return await _emit_adjustment(tx, entry.movement_type, await sql.move(tx, applicable, entry))


async def _emit_adjustment(
    tx: Tx, movement_type: MovementType, applied: Sequence[AppliedMovement]
) -> list[AppliedMovement]:
    changes = movements.changes_of(applied)
    items: list[AdjustedSku] = [
        {
            "sku": change.item.sku,
            "product_id": change.item.product_id,
            "change": change.available,
            "available": change.item.available_stock,
        }
        for change in changes
    ]
    tx.emit(StockAdjusted(first_item_id=changes[0].item.id, movement_type=movement_type.value, items=items))
    return await settle(tx, applied)
