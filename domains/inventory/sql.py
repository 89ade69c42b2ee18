"""SQL of the inventory that the generated verbs cannot express. The company is always the first parameter."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.catalog.variants.skus import OWNERS_OF_SKUS, SkuOwner
from domains.inventory import data
from domains.inventory.level_sql import BY_SKU, ITEM, ITEM_WIDTH, LockedStock, lock_stock
from domains.inventory.models import BackorderKind, InventoryItem, ReservationStatus, StockLevel
from domains.inventory.movements import AppliedMovement, Entry, LevelKey, Movement
from domains.inventory.warehouses.sql import DEFAULT_CREATED, DEFAULT_LOCKED
from domains.kernel.database import Reader, Tx
from domains.kernel.ids import new_id
from domains.kernel.pagination.keyset import Column
from domains.kernel.pagination.sql_lists import RelatedList

ENTRY: Final = data.stock_movement
MOVEMENTS: Final = RelatedList(
    select=ENTRY.columns("m"),
    source="from stock_movements m where m.company_id = $1",
    parent="m.inventory_id",
    order="created_at",
    columns=(Column("m.created_at", datetime), Column("m.id", UUID)),
)
LEVELS: Final = f"""
    select o.sku, coalesce(i.available_stock, 0), o.is_tracked,
      coalesce(i.backorder_limit - i.backordered_units, 0), coalesce(i.backorder_kind, 'BACKORDER'), i.promised_at
    from ({OWNERS_OF_SKUS}) o left join inventory_items i on i.company_id = $1 and i.sku = o.sku
"""


# Writes the ledger entries of the rows of `movement`; `moved_levels` are the levels after them, $2 to $6 the entry's
# fields. The time of an entry is the database server's, read while the item is locked; see `move`.
WRITTEN: Final = """
        written as (
          insert into stock_movements (id, company_id, inventory_id, warehouse_id, type, quantity, available_delta,
            reserved_delta, quarantined_delta, balance_after, reason, reference, performed_by, actor_kind, created_at)
          select w.entry_id, $1, w.item_id, w.warehouse_id, $2,
            greatest(abs(w.available), abs(w.reserved), abs(w.quarantined)), w.available, w.reserved, w.quarantined,
            m.total_stock, $3, $4, $5, $6, clock_timestamp()
          from moved_levels m join movement w on w.item_id = m.inventory_id and w.warehouse_id = m.warehouse_id
          where w.available <> 0 or w.reserved <> 0 or w.quarantined <> 0
          returning *
        )
"""
SUMS: Final = """
        sums as (
          select item_id, sum(available)::int as available, sum(reserved)::int as reserved,
            sum(quarantined)::int as quarantined
          from movement group by item_id
        )
"""


def moved(table: str, before: str, source: str, also: str = "") -> str:
    """SQL that changes the balances of a table `t` by those of `w`, starting from those of the alias `before`.

    And `also` other columns. $7 is the current time.
    """
    return f"""
          update {table} t set
            available_stock = {before}.available_stock + w.available,
            reserved_stock = {before}.reserved_stock + w.reserved,
            quarantined_stock = {before}.quarantined_stock + w.quarantined,
            total_stock = {before}.total_stock + w.available + w.reserved + w.quarantined,
            last_restocked = case when w.available + w.reserved + w.quarantined > 0 then $7 else t.last_restocked end,
            updated_at = $7{also}
          from {source} returning t.*
    """


# The levels of a company are changed by those only that have locked their items, so a level that this statement does
# not find is in none of the others that run now.
MOVE: Final = f"""
    with movement as (
      select * from unnest($8::uuid[], $9::uuid[], $10::uuid[], $11::int[], $12::int[], $13::int[], $14::uuid[])
        as m (entry_id, item_id, warehouse_id, available, reserved, quarantined, level_id)
    ), {SUMS}, moved as (
      {moved("inventory_items", "t", "sums w where t.company_id = $1 and t.id = w.item_id")}
    ), changed_levels as (
      {
    moved(
        "inventory_levels",
        "t",
        "movement w where t.company_id = $1 and t.inventory_id = w.item_id and t.warehouse_id = w.warehouse_id",
    )
}
    ), new_levels as (
      insert into inventory_levels (id, company_id, inventory_id, warehouse_id, available_stock, reserved_stock,
        quarantined_stock, total_stock, last_restocked, created_at, updated_at)
      select w.level_id, $1, w.item_id, w.warehouse_id, w.available, w.reserved, w.quarantined,
        w.available + w.reserved + w.quarantined, $7, $7, $7
      from movement w where not exists (
        select from inventory_levels l
        where l.company_id = $1 and l.inventory_id = w.item_id and l.warehouse_id = w.warehouse_id
      ) returning *
    ), moved_levels as (
      select * from changed_levels union all select * from new_levels
    ), {WRITTEN}
    select {ITEM.columns("m")}, {ENTRY.columns("w")} from moved m join written w on w.inventory_id = m.id
"""
# `on conflict` names no key: with one, two transactions that create the same item could deadlock over its other keys.
# A row that the same transaction changes after it inserted it is checked against its foreign keys twice.
STOCK_NEW: Final = f"""
    with counted as (
      select * from unnest($8::uuid[], $9::uuid[], $10::text[], $11::uuid[], $12::int[])
        as c (entry_id, level_id, sku, warehouse_id, available)
    ), {DEFAULT_CREATED.format("$17::uuid", "$7::timestamptz")}, {DEFAULT_LOCKED}, default_warehouse as (
      select id from default_locked union all select id from default_created
    ), moved as (
      insert into inventory_items (id, company_id, sku, product_id, variant_id, available_stock, total_stock,
        last_restocked, created_at, updated_at)
      select n.item_id, $1, n.sku, n.product_id, n.variant_id, s.available, s.available,
        case when s.available > 0 then $7::timestamptz end, $7, $7
      from unnest($13::uuid[], $14::text[], $15::uuid[], $16::uuid[]) as n (item_id, sku, product_id, variant_id)
      join (select sku, sum(available)::int as available from counted group by sku) s on s.sku = n.sku
      where exists (select from default_warehouse) order by n.sku collate "C"
      on conflict do nothing
      returning *
    ), movement as (
      select c.entry_id, c.level_id, m.id as item_id,
        coalesce(c.warehouse_id, (select id from default_warehouse)) as warehouse_id, c.available, 0 as reserved,
        0 as quarantined
      from counted c join moved m on m.sku = c.sku
    ), moved_levels as (
      insert into inventory_levels (id, company_id, inventory_id, warehouse_id, available_stock, total_stock,
        last_restocked, created_at, updated_at)
      select level_id, $1, item_id, warehouse_id, available, available,
        case when available > 0 then $7::timestamptz end, $7, $7
      from movement
      returning *
    ), {WRITTEN}
    select {ITEM.columns("m")}, {ENTRY.columns("w")} from moved m left join written w on w.inventory_id = m.id
"""


async def levels(db: Reader, skus: Collection[str]) -> dict[str, StockLevel]:
    """The units of each SKU that can be bought; none of an unknown SKU."""
    by_sku = {sku: StockLevel(0, is_tracked=True) for sku in skus}
    for row in await db.fetch(LEVELS, db.company_id, list(by_sku)):
        sku, available, is_tracked, room, kind, promised_at = row
        by_sku[sku] = StockLevel(available, is_tracked, room, BackorderKind(kind), promised_at)
    return by_sku


async def lock_items(tx: Tx, owners: Sequence[SkuOwner]) -> LockedStock:
    """The items of SKUs, created where missing, with their levels, locked in the order of SKUs.

    A company without a default warehouse gets one. Two statements, and one more when a SKU has a new owner since it
    was stocked. `on conflict` names no key: with one, two transactions that create the same item could deadlock over
    its other keys.
    """
    by_sku = {owner.sku: owner for owner in sorted(owners, key=lambda owner: owner.sku)}
    await tx.execute(
        f"""
        with {DEFAULT_CREATED.format("$7::uuid", "$6::timestamptz")}
        insert into inventory_items (id, company_id, sku, product_id, variant_id, created_at, updated_at)
        select id, $1, sku, product_id, variant_id, $6, $6
        from unnest($2::uuid[], $3::text[], $4::uuid[], $5::uuid[]) as item (id, sku, product_id, variant_id)
        on conflict do nothing
        """,
        tx.company_id,
        [new_id() for _ in by_sku],
        list(by_sku),
        [owner.product_id for owner in by_sku.values()],
        [owner.variant_id for owner in by_sku.values()],
        tx.clock.now(),
        new_id(),
    )
    stock = await lock_stock(tx, by_sku)
    await assign(tx, stock.rows, by_sku)
    return stock


async def assign(tx: Tx, items: Sequence[InventoryItem], owners: Mapping[str, SkuOwner]) -> None:
    """Assign locked items to the current owners of their SKUs; one statement if an owner changed, otherwise none."""
    changed = [
        owners[item.sku]
        for item in items
        if item.product_id != owners[item.sku].product_id or item.variant_id != owners[item.sku].variant_id
    ]
    if changed:
        await _assign(tx, changed)


async def _assign(tx: Tx, owners: Sequence[SkuOwner]) -> None:
    """Assign locked items to the current owners of their SKUs."""
    await tx.execute(
        """
        update inventory_items i set product_id = o.product_id, variant_id = o.variant_id
        from unnest($2::text[], $3::uuid[], $4::uuid[]) as o (sku, product_id, variant_id)
        where i.company_id = $1 and i.sku = o.sku
        """,
        tx.company_id,
        [owner.sku for owner in owners],
        [owner.product_id for owner in owners],
        [owner.variant_id for owner in owners],
    )


async def lock_reserved(tx: Tx, order_id: UUID) -> list[InventoryItem]:
    """The items of which an order has reserved units or waits for some, locked in the order of SKUs.

    Their ids are an array, which is read once: when a row is checked again after a wait for its lock, PostgreSQL does
    not find it in a subquery with a union.
    """
    sql = f"""
        select {ITEM.columns("i")} from inventory_items i where company_id = $1 and id = any(array(
          select inventory_id from reservations where company_id = $1 and order_id = $2 and status = 'ACTIVE'
          union all
          select inventory_id from backorders where company_id = $1 and order_id = $2 and status = 'WAITING'
        )) {BY_SKU}
    """
    return [ITEM.from_record(row) for row in await tx.fetch(sql, tx.company_id, order_id)]


async def move(tx: Tx, movements: Sequence[Movement], entry: Entry) -> list[AppliedMovement]:
    """Change the balances of locked items and their levels, and write the ledger entries. One statement.

    A level is named by at most one of the movements, and created where there is none. The time of an entry is read
    while the item is locked, so that the entries of an item are in the order of its balances.
    """
    rows = await tx.fetch(
        MOVE,
        tx.company_id,
        *entry_parameters(entry),
        tx.clock.now(),
        [new_id() for _ in movements],
        [movement.item_id for movement in movements],
        [movement.warehouse_id for movement in movements],
        [movement.available for movement in movements],
        [movement.reserved for movement in movements],
        [movement.quarantined for movement in movements],
        [new_id() for _ in movements],
    )
    return [applied_movement(row) for row in rows]


async def stock_new(
    tx: Tx, owners: Sequence[SkuOwner], counts: Mapping[LevelKey, int], entry: Entry
) -> tuple[set[str], list[AppliedMovement]]:
    """Create the items of those SKUs that have none, with their levels and ledger entries. One statement.

    A company without a default warehouse gets one. Returns the SKUs of the created items, and the movements; a count
    of no units has none. Nothing is created while another transaction creates or moves the default warehouse.
    """
    skus = {owner.sku for owner in owners}
    counted = [(sku, place, count) for (sku, place), count in counts.items() if sku in skus]
    rows = await tx.fetch(
        STOCK_NEW,
        tx.company_id,
        *entry_parameters(entry),
        tx.clock.now(),
        [new_id() for _ in counted],
        [new_id() for _ in counted],
        [sku for sku, _, _ in counted],
        [place for _, place, _ in counted],
        [count for _, _, count in counted],
        [new_id() for _ in owners],
        [owner.sku for owner in owners],
        [owner.product_id for owner in owners],
        [owner.variant_id for owner in owners],
        new_id(),
    )
    return {row["sku"] for row in rows}, [applied_movement(row) for row in rows if row[ITEM_WIDTH]]


async def end_reservations(
    tx: Tx, order_id: UUID, items: Iterable[InventoryItem], status: ReservationStatus
) -> list[tuple[UUID, UUID, int]]:
    """End the active reservations of an order on locked items; returns each item, warehouse and number of units."""
    rows = await tx.fetch(
        """
        update reservations set status = $4, updated_at = $5
        where company_id = $1 and order_id = $2 and inventory_id = any($3) and status = 'ACTIVE'
        returning inventory_id, warehouse_id, quantity
        """,
        tx.company_id,
        order_id,
        [item.id for item in items],
        status,
        tx.clock.now(),
    )
    return [tuple(row) for row in rows]


def entry_parameters(entry: Entry) -> tuple[object, ...]:
    """The parameters $2 to $6 of an entry."""
    return (entry.movement_type, entry.reason, entry.reference, entry.actor.user_id, entry.actor.kind)


def applied_movement(row: Any, start: int = 0) -> AppliedMovement:
    """The movement of a row that has the columns of the item and of the entry."""
    return AppliedMovement(ITEM.from_record(row, start), ENTRY.from_record(row, start + ITEM_WIDTH))
