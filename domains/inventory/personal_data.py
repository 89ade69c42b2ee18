"""Personal data of the inventory domain: who moved stock: staff, and customers by their orders."""

from collections.abc import Mapping
from typing import Any

from domains.inventory import data
from domains.inventory.service import InventoryService
from domains.kernel.database import Reader, Tx
from domains.kernel.personal_data import Erasure, Person, exported


async def export_person(_inventory: InventoryService, db: Reader, person: Person) -> Mapping[str, Any]:
    """The stock movements that the user made, oldest first."""
    where: data.StockMovementWhere = {"performed_by": {"in": person.user_ids}}
    return {
        "stock_movements": exported(await data.stock_movement.find_many(db, where=where, order_by=[{"id": "asc"}]))
    }


async def erase_person(_inventory: InventoryService, tx: Tx, erasure: Erasure) -> int:
    """Replace the user as the author of movements; all else in the ledger stays."""
    erased = 0
    for user_id in erasure.replaced_ids:
        erased += await tx.fetch_value("select erase_stock_authors($1, $2)", user_id, erasure.erased_id)
    return erased
