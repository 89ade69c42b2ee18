"""SQL that moves reservations between warehouses. The company is always the first parameter."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from domains.kernel.database import Tx
from domains.kernel.ids import new_id

# Of a reservation that is taken whole the row is deleted: another one has its units.
TAKE: Final = """
    with taken as (
      select * from unnest($2::uuid[], $3::int[]) as t (id, units)
    ), deleted as (
      delete from reservations r using taken t where r.company_id = $1 and r.id = t.id and r.quantity = t.units
    )
    update reservations r set quantity = r.quantity - t.units, updated_at = $4
    from taken t where r.company_id = $1 and r.id = t.id and r.quantity > t.units
"""
GIVE: Final = """
    insert into reservations as r (id, company_id, inventory_id, warehouse_id, order_id, quantity, expires_at,
      created_at, updated_at)
    select g.id, $1, g.item_id, g.warehouse_id, $2, g.units, $3, $4, $4
    from unnest($5::uuid[], $6::uuid[], $7::uuid[], $8::int[]) as g (id, item_id, warehouse_id, units)
    on conflict (company_id, order_id, inventory_id, warehouse_id) where status = 'ACTIVE'
    do update set quantity = r.quantity + excluded.quantity, updated_at = excluded.updated_at
"""


async def take(tx: Tx, units: Sequence[tuple[UUID, int]]) -> None:
    """Take units off locked reservations. One statement."""
    await tx.execute(TAKE, tx.company_id, [row for row, _ in units], [each for _, each in units], tx.clock.now())


async def give(tx: Tx, order_id: UUID, units: Sequence[tuple[UUID, UUID, int]], expires_at: datetime | None) -> None:
    """Reserve units of items in warehouses for an order, in addition to what it has there. One statement."""
    items, places, numbers = zip(*units, strict=True)
    ids = [new_id() for _ in units]
    await tx.execute(
        GIVE, tx.company_id, order_id, expires_at, tx.clock.now(), ids, list(items), list(places), list(numbers)
    )
