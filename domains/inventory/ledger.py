"""The stock ledger: each change of a balance with its entry."""

from collections.abc import Mapping, Sequence
from typing import Final

from domains.catalog.variants.skus import SkuOwner, Skus
from domains.inventory import movements, sql
from domains.inventory.events import (
    AdjustedSku,
    BackInStock,
    StockAdjusted,
    StockChanged,
    StockedSku,
    StockRanLow,
)
from domains.inventory.models import InventoryItem, MovementType, StockCount, StockLine
from domains.inventory.movements import AppliedMovement, Entry
from domains.inventory.owners import SKU_FIELD, require_owners
from domains.kernel.database import Tx
from domains.kernel.text.validation import normalize_key, require_text
from domains.kernel.validation import collect_errors

BATCH_SIZE: Final = 1_000


class Ledger:
    """Changes the available stock of SKUs, and records each change."""

    def __init__(self, skus: Skus) -> None:
        self._skus = skus

    async def record(
        self, tx: Tx, sku: str, quantity: int, movement_type: MovementType, reason: str | None, reference: str | None
    ) -> AppliedMovement:
        """Change the available units of a SKU and write the entry. Raises and emits as `record_movement`."""
        with collect_errors() as each:
            with each:
                normalized_sku = require_text(normalize_key(sku), field=SKU_FIELD)
            with each:
                movements.require_direction(movement_type, quantity)
            with each:
                entry = Entry.of(movement_type, reason, reference, tx.actor)
        (item,) = await sql.lock_items(tx, await require_owners(self._skus, tx, {normalized_sku: SKU_FIELD}))
        applied = await sql.move(tx, [movements.movement_of(item, quantity)], entry)
        _emit_adjustment(tx, movement_type, applied)
        return applied[0]

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

        Four statements. Locks are taken in the order of SKUs. Raises and emits as `record_movement`, for all changes
        at once; the path of an error names the change. InsufficientStock lists all SKUs without enough stock. Without
        changes nothing is emitted.
        """
        with collect_errors() as each:
            with each:
                quantities = movements.require_changes(changes, movement_type)
            with each:
                entry = Entry.of(movement_type, reason, reference, tx.actor)
        owners = await require_owners(self._skus, tx, movements.paths_of(quantities, movements.CHANGES, "sku"))
        items = await sql.lock_items(tx, owners)
        applied = await sql.move(tx, movements.movements_by(items, quantities), entry)
        if applied:
            _emit_adjustment(tx, movement_type, applied)
        return sorted((move.item for move in applied), key=lambda item: item.sku)

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

        One statement for the owners, and per 1,000 SKUs one if none of them was stocked before, else three. Locks are
        taken in the order of SKUs. Reserved units stay reserved. Raises, for all counts at once, SkuNotFound,
        DuplicateValue for a repeated SKU, OutOfRange, Required, TooLong and InvalidInput for a text. Emits
        StockAdjusted, StockChanged, BackInStock and StockRanLow, at most one each per 1,000.
        """
        with collect_errors() as each:
            with each:
                counted = movements.require_counts(counts)
            with each:
                entry = Entry.of(movement_type, reason, reference, tx.actor)
        owners = await require_owners(self._skus, tx, movements.paths_of(counted, movements.LEVELS, "sku"))
        owners.sort(key=lambda owner: owner.sku)
        paths, changed = movements.paths_of(counted, movements.LEVELS, "available"), 0
        for start in range(0, len(owners), BATCH_SIZE):
            applied = await _set(tx, owners[start : start + BATCH_SIZE], counted, entry, paths)
            if applied:
                _emit_adjustment(tx, movement_type, applied)
            changed += len(applied)
        return changed


async def _set(
    tx: Tx, owners: Sequence[SkuOwner], counts: Mapping[str, int], entry: Entry, paths: Mapping[str, Sequence[str]]
) -> list[AppliedMovement]:
    """Set the stock of SKUs, which are sorted."""
    created = await sql.stock_new(tx, owners, counts, entry)
    applied = [movement for movement in created.values() if movement]
    if known := {owner.sku: owner for owner in owners if owner.sku not in created}:
        items = await sql.lock_stocked(tx, known)
        await sql.assign(tx, items, known)
        if applicable := movements.movements_to(items, counts, paths):
            applied += await sql.move(tx, applicable, entry)
    return applied


def _emit_adjustment(tx: Tx, movement_type: MovementType, applied: Sequence[AppliedMovement]) -> None:
    moves = sorted(applied, key=lambda move: move.item.sku)
    items: list[AdjustedSku] = [
        {
            "sku": move.item.sku,
            "product_id": move.item.product_id,
            "change": move.entry.available_delta,
            "available": move.item.available_stock,
        }
        for move in moves
    ]
    tx.emit(StockAdjusted(first_item_id=moves[0].item.id, movement_type=movement_type.value, items=items))
    emit_changes(tx, moves)


def emit_changes(tx: Tx, applied: Sequence[AppliedMovement]) -> None:
    """Emit StockChanged for items that came into or ran out of stock, BackInStock for those that came into stock.

    And StockRanLow for those at the reorder point. All events of a batch name its first item by SKU, so that they are
    delivered in this order.
    """
    first_item_id = min(applied, key=lambda move: move.item.sku).item.id
    crossed = [move.item for move in applied if move.crossed_zero]
    if crossed:
        products = sorted({item.product_id for item in crossed})
        skus = sorted(item.sku for item in crossed)
        tx.emit(StockChanged(first_item_id=first_item_id, product_ids=products, skus=skus))
    back = sorted((item for item in crossed if item.available_stock > 0), key=lambda item: item.sku)
    if back:
        items: list[StockedSku] = [
            {"sku": item.sku, "product_id": item.product_id, "variant_id": item.variant_id} for item in back
        ]
        tx.emit(BackInStock(first_item_id=first_item_id, items=items))
    low = [move.item for move in applied if move.ran_low]
    if low:
        tx.emit(StockRanLow(first_item_id=first_item_id, skus=sorted(item.sku for item in low)))
