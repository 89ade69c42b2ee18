"""The stock of the lines of a document in a warehouse: locked, and moved with entries in the ledger."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domains.inventory import ledger
from domains.inventory.level_sql import lock_stock
from domains.inventory.models import InventoryLevel
from domains.inventory.movements import Entry, LockedItem, Movement
from domains.kernel.database import Tx
from domains.kernel.errors import Busy
from domains.kernel.validation import collect_errors

_SKUS: Final = "select sku from inventory_items where company_id = $1 and id = any($2)"


class SkuRenamed(Busy):
    """A SKU is being renamed by another request."""

    def __init__(self) -> None:
        super().__init__("A SKU of this document is being changed by another request. Try again.")


@dataclass(frozen=True, slots=True)
class StockOfLines:
    """Locked items by id, with their stock in one warehouse."""

    warehouse_id: UUID
    items: Mapping[UUID, LockedItem]

    def sku(self, item_id: UUID) -> str:
        """The SKU of an item."""
        return self.items[item_id].item.sku

    def level(self, item_id: UUID) -> InventoryLevel | None:
        """The stock of an item in the warehouse; None if it never had any."""
        return self.items[item_id].levels.get(self.warehouse_id)

    def available(self, item_id: UUID) -> int:
        """The available units of an item in the warehouse."""
        return self.items[item_id].available_at(self.warehouse_id)


async def lock(tx: Tx, item_ids: Collection[UUID], warehouse_id: UUID) -> StockOfLines:
    """Lock items in the order of SKUs, and their levels, until the transaction ends. Two statements.

    Raises SkuRenamed.
    """
    skus = [row["sku"] for row in await tx.fetch(_SKUS, tx.company_id, list(item_ids))]
    stock = await lock_stock(tx, skus)
    items = {locked.item.id: locked for locked in stock.items}
    if not items.keys() >= set(item_ids):
        raise SkuRenamed
    return StockOfLines(warehouse_id, items)


async def change(tx: Tx, stock: StockOfLines, units: Mapping[UUID, int], entry: Entry) -> None:
    """Add units to the available stock of locked items, or remove them (below zero). One statement, none for none.

    Raises InsufficientStock and StockLimitExceeded, for all items at once. Emits as `record_movement`.
    """
    movements: list[Movement] = []
    with collect_errors() as each:
        for item_id, number in units.items():
            with each:
                movements.append(stock.items[item_id].movement(stock.warehouse_id, number, field=("id",)))
    if movements:
        await ledger.post(tx, movements, entry)
