"""Backorders and pre-orders: how many units of a SKU are sold beyond those in stock."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict

from domains.catalog.variants.skus import Skus
from domains.inventory import data, sql
from domains.inventory.backorders.arrivals import emit_changes
from domains.inventory.errors import BackorderLimitTooLow
from domains.inventory.events import BackorderTermsUpdated
from domains.inventory.models import BackorderKind, InventoryItem
from domains.inventory.movements import MAX_STOCK, ItemChange
from domains.inventory.owners import SKU_FIELD, require_owners
from domains.kernel.database import Tx
from domains.kernel.errors import OutOfRange
from domains.kernel.text.validation import normalize_key, require_text
from domains.kernel.validation import collect_errors


class BackorderTerms(TypedDict, total=False):
    """Changes to how a SKU is sold beyond its stock. Absent fields do not change.

    `limit` are the units that orders may wait for, 0 for none; `promised_at` is when they are expected.
    """

    limit: int
    kind: BackorderKind
    promised_at: datetime | None


class Backorders:
    """Changes how SKUs are sold beyond their stock."""

    def __init__(self, skus: Skus) -> None:
        self._skus = skus

    async def update(self, tx: Tx, sku: str, terms: BackorderTerms) -> InventoryItem:
        """Change how a SKU is sold beyond its stock. Orders keep the date that they were promised.

        Four statements. Raises SkuNotFound; OutOfRange for a limit that is not 0 to a billion and for a date that has
        passed; BackorderLimitTooLow below the units that orders wait for. Emits BackorderTermsUpdated, and
        StockChanged when the SKU can be bought now and could not before, or no longer.
        """
        with collect_errors() as each:
            with each:
                normalized_sku = require_text(normalize_key(sku), field=SKU_FIELD)
            with each:
                if not 0 <= terms.get("limit", 0) <= MAX_STOCK:
                    raise OutOfRange(f"A limit is between 0 and {MAX_STOCK}.", field=("limit",))
            with each:
                _require_future(tx, terms.get("promised_at"))
        owners = await require_owners(self._skus, tx, {normalized_sku: SKU_FIELD})
        (before,) = (await sql.lock_items(tx, owners)).rows
        changes = _changes(before, terms)
        if changes.get("backorder_limit", before.backordered_units) < before.backordered_units:
            raise BackorderLimitTooLow(before.sku, changes["backorder_limit"], before.backordered_units)
        if not changes:
            return before
        item = await data.inventory_item.update(tx, id=before.id, data=changes)
        tx.emit(
            BackorderTermsUpdated(
                first_item_id=item.id,
                items=[{"sku": item.sku, "product_id": item.product_id, "variant_id": item.variant_id}],
            )
        )
        # What is left of the limit grows as if fewer units were waited for.
        emit_changes(tx, [ItemChange(item, backordered=before.backorder_limit - item.backorder_limit)])
        return item


def _changes(item: InventoryItem, terms: BackorderTerms) -> Any:
    """The columns that differ."""
    columns = {"limit": "backorder_limit", "kind": "backorder_kind", "promised_at": "promised_at"}
    named = ((columns[name], value) for name, value in terms.items())
    return {column: value for column, value in named if getattr(item, column) != value}


def _require_future(tx: Tx, promised_at: datetime | None) -> None:
    field: Sequence[str] = ("promised_at",)
    if promised_at is not None and promised_at <= tx.clock.now():
        raise OutOfRange("This date has passed. Give one in the future, or null if it is not known.", field=field)
