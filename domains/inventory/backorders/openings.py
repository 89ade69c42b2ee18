"""What follows the opening of a warehouse: orders that wait for units that it has, and may serve now, get them."""

from typing import Final
from uuid import UUID

from domains.inventory.backorders.arrivals import emit_changes, fill
from domains.inventory.level_sql import lock_stock
from domains.inventory.movements import combined
from domains.kernel.database import Tx

BATCH_SIZE: Final = 500
# Not only those of which orders wait for units: an order that is placed now may be one of them.
_SOLD_BEYOND: Final = """
select i.sku from inventory_levels l
join inventory_items i on i.company_id = l.company_id and i.id = l.inventory_id
where l.company_id = $1 and l.warehouse_id = $2 and l.available_stock > 0 and i.backorder_limit > 0
  and i.sku collate "C" > $3
order by i.sku collate "C" limit $4
"""


async def fill_from(tx: Tx, warehouse_id: UUID) -> None:
    """Reserve the free units of a warehouse that was activated, or serves other countries, for orders that wait.

    Items are locked in the order of SKUs. One statement; for each 500 SKUs that it has and that are sold beyond their
    stock two more, and those of `fill` when orders wait for any. Emits as `fill` and `emit_changes`.
    """
    after = ""
    while rows := await tx.fetch(_SOLD_BEYOND, tx.company_id, warehouse_id, after, BATCH_SIZE):
        items = (await lock_stock(tx, [row["sku"] for row in rows])).rows
        waited_for = [item for item in items if item.backordered_units]
        if waited_for:
            emit_changes(tx, combined(await fill(tx, waited_for)))
        after = rows[-1]["sku"]
        if len(rows) < BATCH_SIZE:
            return
