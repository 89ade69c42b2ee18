"""SQL of backorders. The company is always the first parameter."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from domains.inventory.allocation.reserve_sql import serves
from domains.inventory.backorders.fills import Filling, Waiting
from domains.inventory.errors import AwaitedUnits
from domains.inventory.level_sql import ITEM
from domains.inventory.models import InventoryItem, MovementType
from domains.inventory.movements import AppliedMovement
from domains.inventory.sql import ENTRY, SUMS, applied_movement, moved
from domains.kernel.database import Reader, Tx
from domains.kernel.ids import new_id
from domains.kernel.prisma.statements import Part, PartRows, Sql

MAX_FILLED: Final = 1_000  # orders by one statement
# The oldest orders that free units may serve. The items are locked, so neither changes; the backorders are locked,
# because an order may be paid now, which removes its expiry.
WAITING: Final = f"""
    next_waiting as (
      select b.id from backorders b
      where b.company_id = $1 and b.inventory_id = any($2) and b.status = 'WAITING' and exists (
        select from inventory_levels l join warehouses w on w.company_id = l.company_id and w.id = l.warehouse_id
        where l.company_id = $1 and l.inventory_id = b.inventory_id and l.available_stock > 0
          and {serves("b.country", "b.pickup_warehouse_id")}
      ) order by b.created_at, b.id limit {MAX_FILLED}
    ), waiting as (
      select b.id, b.inventory_id, b.order_id, b.quantity - b.allocated as units, b.created_at, b.country,
        b.pickup_warehouse_id, b.expires_at
      from backorders b where b.company_id = $1 and b.id = any(array(select id from next_waiting))
      order by b.id for no key update of b
    )
"""
WAITING_WIDTH: Final = 8
# Each row of `movement` is what one order gets from one warehouse; $2, $3, $5 and $6 are fields of the entries.
FILL: Final = f"""
    with filled as (
      select * from unnest($4::uuid[], $8::uuid[], $9::uuid[], $10::uuid[], $11::uuid[], $12::uuid[], $13::int[],
          $14::timestamptz[])
        as f (entry_id, reservation_id, backorder_id, item_id, warehouse_id, order_id, units, expires_at)
    ), movement as (
      select item_id, warehouse_id, -sum(units)::int as available, sum(units)::int as reserved, 0 as quarantined
      from filled group by item_id, warehouse_id
    ), {SUMS}, moved as (
      {
    moved(
        "inventory_items",
        "t",
        "sums w where t.company_id = $1 and t.id = w.item_id",
        ", backordered_units = t.backordered_units - w.reserved",
    )
}
    ), moved_levels as (
      {
    moved(
        "inventory_levels",
        "t",
        "movement w where t.company_id = $1 and t.inventory_id = w.item_id and t.warehouse_id = w.warehouse_id",
    )
}
    ), written as (
      insert into stock_movements (id, company_id, inventory_id, warehouse_id, type, quantity, available_delta,
        reserved_delta, balance_after, reason, reference, performed_by, actor_kind, created_at)
      select f.entry_id, $1, f.item_id, f.warehouse_id, $2, f.units, -f.units, f.units, l.total_stock, $3,
        f.order_id::text, $5, $6, clock_timestamp()
      from filled f join moved_levels l on l.inventory_id = f.item_id and l.warehouse_id = f.warehouse_id
      returning *
    ), reserved as (
      insert into reservations as r (id, company_id, inventory_id, warehouse_id, order_id, quantity, expires_at,
        created_at, updated_at)
      select f.reservation_id, $1, f.item_id, f.warehouse_id, f.order_id, f.units, f.expires_at,
        $7, $7
      from filled f
      on conflict (company_id, order_id, inventory_id, warehouse_id) where status = 'ACTIVE'
      do update set quantity = r.quantity + excluded.quantity, updated_at = $7
    ), backordered as (
      update backorders b set allocated = b.allocated + f.units, updated_at = $7,
        status = case when b.allocated + f.units = b.quantity then 'ALLOCATED'::backorder_status else b.status end
      from (select backorder_id, sum(units)::int as units from filled group by backorder_id) f
      where b.company_id = $1 and b.id = f.backorder_id
    )
    select {ITEM.columns("m")}, {ENTRY.columns("w")} from moved m join written w on w.inventory_id = m.id
"""
# A fill locks backorders in the order of their ids, and then reservations; so does the change of an expiry.
SET_EXPIRY: Final = """
    update reservations set expires_at = {2}, updated_at = {3}
    where company_id = {0} and order_id = {1} and status = 'ACTIVE' and 0 <= (
      select count(*) from (
        select id from backorders where company_id = {0} and order_id = {1} order by id for no key update
      ) locked
    )
"""
SET_BACKORDER_EXPIRY: Final = """
    update backorders b set expires_at = {2}, updated_at = {3}
    from (
      select id from backorders where company_id = {0} and order_id = {1} order by id for no key update
    ) locked
    where b.company_id = {0} and b.id = locked.id
"""
CANCEL: Final = f"""
    with cancelled as (
      update backorders set status = 'CANCELLED', updated_at = $4
      where company_id = $1 and order_id = $2 and inventory_id = any($3) and status = 'WAITING'
      returning inventory_id, quantity - allocated as units
    ), changed as (
      update inventory_items i set backordered_units = i.backordered_units - c.units, updated_at = $4
      from cancelled c where i.company_id = $1 and i.id = c.inventory_id
      returning i.*, c.units
    )
    select {ITEM.columns("c")}, c.units from changed c
"""
# Of each item at most so many units as the order waits for. One that is filled in part keeps the units that it has.
REDUCE: Final = f"""
    with requested as (
      select * from unnest($3::uuid[], $5::int[]) as r (item_id, units)
    ), reduced as (
      update backorders b set updated_at = $4,
        quantity = case when w.units = b.quantity then b.quantity else b.quantity - w.units end,
        status = case when w.units = b.quantity then 'CANCELLED'::backorder_status
          when w.units = b.quantity - b.allocated then 'ALLOCATED'::backorder_status else b.status end
      from (
        select w.id, least(r.units, w.quantity - w.allocated) as units
        from backorders w join requested r on r.item_id = w.inventory_id
        where w.company_id = $1 and w.order_id = $2 and w.status = 'WAITING'
      ) w
      where b.company_id = $1 and b.id = w.id
      returning b.inventory_id, w.units
    ), changed as (
      update inventory_items i set backordered_units = i.backordered_units - r.units, updated_at = $4
      from reduced r where i.company_id = $1 and i.id = r.inventory_id
      returning i.*, r.units
    )
    select {ITEM.columns("c")}, c.units from changed c
"""
OF_ORDER: Final = """
    select i.sku, b.quantity - b.allocated, b.promised_at
    from backorders b join inventory_items i on i.company_id = b.company_id and i.id = b.inventory_id
    where b.company_id = $1 and b.order_id = $2 and b.status = 'WAITING' order by i.sku collate "C"
"""


def waiting_part(tx: Tx, item_ids: Collection[UUID]) -> Part:
    """The oldest orders that wait for units of locked items and can get some, at most 1,000, locked."""
    return Part(WAITING, (tx.company_id, list(item_ids)), "waiting", "waiting.*", WAITING_WIDTH)


def waiting_of(rows: PartRows) -> list[Waiting]:
    """The orders of `waiting_part`, in no order."""
    return [Waiting(*row[rows.start : rows.start + WAITING_WIDTH]) for row in rows.rows]


async def fill(tx: Tx, fillings: Sequence[Filling]) -> list[AppliedMovement]:
    """Reserve free units of locked items for the orders that wait for them. One statement."""
    rows = await tx.fetch(
        FILL,
        tx.company_id,
        MovementType.RESERVATION,
        None,
        [new_id() for _ in fillings],
        tx.actor.user_id,
        tx.actor.kind,
        tx.clock.now(),
        [new_id() for _ in fillings],
        [filling.waiting.backorder_id for filling in fillings],
        [filling.waiting.inventory_id for filling in fillings],
        [filling.warehouse_id for filling in fillings],
        [filling.waiting.order_id for filling in fillings],
        [filling.units for filling in fillings],
        [filling.waiting.expires_at for filling in fillings],
    )
    return [applied_movement(row) for row in rows]


async def cancel(tx: Tx, order_id: UUID, item_ids: Collection[UUID]) -> list[tuple[InventoryItem, int]]:
    """Cancel what an order waits for of locked items; the items, each with its units. One statement."""
    rows = await tx.fetch(CANCEL, tx.company_id, order_id, list(item_ids), tx.clock.now())
    return [(ITEM.from_record(row), row["units"]) for row in rows]


async def reduce(tx: Tx, order_id: UUID, units: Mapping[UUID, int]) -> list[tuple[InventoryItem, int]]:
    """Wait for fewer units of locked items, by their ids; the items, each with the units fewer. One statement."""
    rows = await tx.fetch(REDUCE, tx.company_id, order_id, list(units), tx.clock.now(), list(units.values()))
    return [(ITEM.from_record(row), row["units"]) for row in rows]


def set_expiry(tx: Tx, order_id: UUID, expires_at: datetime | None) -> None:
    """Set when the reservations and backorders of an order expire, with the last statement of the transaction.

    A reservation that another transaction makes for one of its backorders now gets it from the backorder.
    """
    for statement in (SET_EXPIRY, SET_BACKORDER_EXPIRY):
        tx.defer(Sql(statement, (tx.company_id, order_id, expires_at, tx.clock.now())))


async def awaited_units(db: Reader, order_id: UUID) -> list[AwaitedUnits]:
    """What an order waits for, by SKU. One statement."""
    return [AwaitedUnits(*row) for row in await db.fetch(OF_ORDER, db.company_id, order_id)]
