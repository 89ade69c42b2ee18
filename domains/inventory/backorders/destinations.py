"""Backorders of an order that goes to another place: its country decides which warehouses serve them."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from domains.inventory.allocation.places import Place
from domains.inventory.backorders.arrivals import emit_changes, fill
from domains.inventory.level_sql import lock_stock
from domains.inventory.movements import combined
from domains.kernel.database import Tx

MOVE: Final = """
update backorders set country = $3, updated_at = $4 where company_id = $1 and order_id = $2 and status = 'WAITING'
"""


async def move(tx: Tx, order_id: UUID, skus: Collection[str], to: Place | None) -> None:
    """Let an order wait for units of these SKUs at another place, and reserve those that are free for it there.

    The items of the SKUs are locked. Three statements, and those of `fill`. Emits as `fill` and `emit_changes`.
    """
    country = (to.country or None) if to else None
    await tx.execute(MOVE, tx.company_id, order_id, country, tx.clock.now())
    items = (await lock_stock(tx, skus)).rows
    emit_changes(tx, combined(await fill(tx, [item for item in items if item.backordered_units])))
