"""SQL of the inventory that the generated verbs cannot express. The company is always the first parameter."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.catalog.variants.skus import OWNERS_OF_SKUS, SkuOwner
from domains.inventory import data
from domains.inventory.models import InventoryItem, ReservationStatus, StockLevel
from domains.inventory.movements import AppliedMovement, Entry, Movement, ReservedLine
from domains.kernel.database import Reader, Tx
from domains.kernel.ids import new_id
from domains.kernel.pagination.keyset import Column
from domains.kernel.pagination.sql_lists import RelatedList
from domains.kernel.prisma.statements import AFTER, Part, PartRows

ITEM: Final = data.inventory_item
ENTRY: Final = data.stock_movement
ITEM_WIDTH: Final = len(data.InventoryItemRow.__slots__)
ITEM_OFFSET: Final = 4  # the number of columns before the item's in a reserved line
LINE_WIDTH: Final = ITEM_OFFSET + ITEM_WIDTH + len(data.StockMovementRow.__slots__)
# All locks are taken in this order: by code point, as Python sorts, independent of the server's locale.
BY_SKU: Final = 'order by i.sku collate "C" for no key update of i'
MOVEMENTS: Final = RelatedList(
    select=ENTRY.columns("m"),
    source="from stock_movements m where m.company_id = $1",
    parent="m.inventory_id",
    order="created_at",
    columns=(Column("m.created_at", datetime), Column("m.id", UUID)),
)
LEVELS: Final = f"""
    select o.sku, o.is_tracked, coalesce(i.available_stock, 0) as available
    from ({OWNERS_OF_SKUS}) o left join inventory_items i on i.company_id = $1 and i.sku = o.sku
"""


# Writes the ledger entries of the rows of `movement` whose items are in `moved`; $2 to $6 are the entry's fields. The
# time of an entry is the database server's, read while the item is locked; see `move`.
WRITTEN: Final = """
        written as (
          insert into stock_movements (id, company_id, inventory_id, type, quantity, available_delta, reserved_delta,
            balance_after, reason, reference, performed_by, actor_kind, created_at)
          select w.entry_id, $1, m.id, $2, greatest(abs(w.available), abs(w.reserved)), w.available, w.reserved,
            m.total_stock, $3, $4, $5, $6, clock_timestamp()
          from moved m join movement w on w.item_id = m.id where w.available <> 0 or w.reserved <> 0
          returning *
        )
"""


def _movement_ctes(before: str) -> str:
    """The CTEs that change balances, starting from the table alias `before`, and write the ledger entries.

    Each row of the CTE `movement` is a movement; $7 is the current time.
    """
    return f"""
        moved as (
          update inventory_items i set
            available_stock = {before}.available_stock + w.available,
            reserved_stock = {before}.reserved_stock + w.reserved,
            total_stock = {before}.total_stock + w.available + w.reserved,
            last_restocked = case when w.available + w.reserved > 0 then $7 else i.last_restocked end,
            updated_at = $7
          from movement w where i.company_id = $1 and i.id = w.item_id
          returning i.*
        ), {WRITTEN}
    """


MOVE: Final = f"""
    with movement as (
      select * from unnest($8::uuid[], $9::uuid[], $10::int[], $11::int[])
        as m (entry_id, item_id, available, reserved)
    ), {_movement_ctes("i")}
    select {ITEM.columns("m")}, {ENTRY.columns("w")} from moved m join written w on w.inventory_id = m.id
"""
# `on conflict` names no key: with one, two transactions that create the same item could deadlock over its other keys.
# A row that the same transaction changes after it inserted it is checked against its foreign keys twice.
STOCK_NEW: Final = f"""
    with movement as (
      select *, 0 as reserved from unnest($8::uuid[], $9::uuid[], $10::text[], $11::uuid[], $12::uuid[], $13::int[])
        as m (entry_id, item_id, sku, product_id, variant_id, available)
    ), moved as (
      insert into inventory_items (id, company_id, sku, product_id, variant_id, available_stock, total_stock,
        last_restocked, created_at, updated_at)
      select item_id, $1, sku, product_id, variant_id, available, available,
        case when available > 0 then $7::timestamptz end, $7, $7
      from movement on conflict do nothing
      returning *
    ), {WRITTEN}
    select {ITEM.columns("m")}, {ENTRY.columns("w")} from moved m left join written w on w.inventory_id = m.id
"""
# Units are reserved only if all lines can be. Balances are computed from the locked rows: the rows that the statement
# read before it waited for the locks may be outdated and would violate the checks of the table.
RESERVE: Final = f"""
    requested as (
      select * from unnest($8::text[], $9::int[], $10::uuid[], $11::uuid[])
        as w (sku, quantity, entry_id, reservation_id)
    ), locked_items as (
      select i.id as item_id, i.sku, i.available_stock, i.reserved_stock, i.total_stock from inventory_items i
      where i.company_id = $1 and i.sku = any($8) and {AFTER} {BY_SKU}
    ), lines as (
      select w.*, h.item_id, h.available_stock, h.reserved_stock, h.total_stock,
        o.sku is not null and not o.is_archived as is_known, coalesce(o.is_tracked, false) as is_tracked
      from requested w left join locked_items h on h.sku = w.sku
      left join ({OWNERS_OF_SKUS.replace("$2", "$8")}) o on o.sku = w.sku
    ), movement as (
      select l.*, -l.quantity as available, l.quantity as reserved from lines l
      where l.is_tracked and not exists (
        select from lines where not is_known or (is_tracked and coalesce(available_stock, 0) < quantity)
      )
    ), {_movement_ctes("w")}, reserved as (
      insert into reservations as r (id, company_id, inventory_id, order_id, quantity, expires_at, created_at,
        updated_at)
      select reservation_id, $1, item_id, $12, quantity, $13, $7, $7 from movement
      on conflict (company_id, order_id, inventory_id) where status = 'ACTIVE'
      do update set quantity = r.quantity + excluded.quantity, expires_at = excluded.expires_at, updated_at = $7
    ), reserved_lines as (
      select l.sku, l.is_known, l.is_tracked, coalesce(l.available_stock, 0) as available,
        {ITEM.columns("m")}, {ENTRY.columns("e")}
      from lines l left join moved m on m.id = l.item_id left join written e on e.inventory_id = m.id
    )
"""


async def levels(db: Reader, skus: Collection[str]) -> dict[str, StockLevel]:
    """The available units of each SKU; zero for an unknown SKU."""
    by_sku = {sku: StockLevel(0, is_tracked=True) for sku in skus}
    for row in await db.fetch(LEVELS, db.company_id, list(by_sku)):
        by_sku[row["sku"]] = StockLevel(row["available"], is_tracked=row["is_tracked"])
    return by_sku


async def lock_items(tx: Tx, owners: Sequence[SkuOwner]) -> list[InventoryItem]:
    """The items of SKUs, created where missing, locked in the order of SKUs until the transaction ends.

    Two statements, and one more when a SKU has a new owner since it was stocked. `on conflict` names no key:
    with one, two transactions that create the same item could deadlock over its other keys.
    """
    by_sku = {owner.sku: owner for owner in sorted(owners, key=lambda owner: owner.sku)}
    await tx.execute(
        """
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
    )
    items = await lock_stocked(tx, by_sku)
    await assign(tx, items, by_sku)
    return items


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


async def lock_stocked(tx: Tx, skus: Collection[str]) -> list[InventoryItem]:
    """The existing items of these SKUs, locked in the order of SKUs until the transaction ends."""
    sql = f"select {ITEM.columns('i')} from inventory_items i where company_id = $1 and sku = any($2) {BY_SKU}"
    return [ITEM.from_record(row) for row in await tx.fetch(sql, tx.company_id, list(skus))]


async def lock_reserved(tx: Tx, order_id: UUID) -> list[InventoryItem]:
    """The items of which an order has reserved units, locked in the order of SKUs until the transaction ends."""
    sql = f"""
        select {ITEM.columns("i")} from inventory_items i where company_id = $1 and id in (
          select inventory_id from reservations where company_id = $1 and order_id = $2 and status = 'ACTIVE'
        ) {BY_SKU}
    """
    return [ITEM.from_record(row) for row in await tx.fetch(sql, tx.company_id, order_id)]


async def move(tx: Tx, movements: Sequence[Movement], entry: Entry) -> list[AppliedMovement]:
    """Change the balances of locked items and write the ledger entries. One statement.

    The time of an entry is read while the item is locked, so that the entries of an item are in the order of its
    balances.
    """
    rows = await tx.fetch(
        MOVE,
        tx.company_id,
        *_entry_parameters(entry),
        tx.clock.now(),
        [new_id() for _ in movements],
        [movement.item_id for movement in movements],
        [movement.available for movement in movements],
        [movement.reserved for movement in movements],
    )
    return [_applied_movement(row) for row in rows]


async def stock_new(
    tx: Tx, owners: Sequence[SkuOwner], counts: Mapping[str, int], entry: Entry
) -> dict[str, AppliedMovement | None]:
    """Create the items of those SKUs that have none, with their units and ledger entries. One statement.

    The created ones by SKU; one without units has no entry.
    """
    rows = await tx.fetch(
        STOCK_NEW,
        tx.company_id,
        *_entry_parameters(entry),
        tx.clock.now(),
        [new_id() for _ in owners],
        [new_id() for _ in owners],
        [owner.sku for owner in owners],
        [owner.product_id for owner in owners],
        [owner.variant_id for owner in owners],
        [counts[owner.sku] for owner in owners],
    )
    return {row["sku"]: _applied_movement(row) if row[ITEM_WIDTH] else None for row in rows}


def reserving(
    tx: Tx, quantities: Mapping[str, int], entry: Entry, *, order_id: UUID, expires_at: datetime | None
) -> Part:
    """Lock the items of SKUs in their order, and reserve units of all tracked ones for an order, or of none."""
    values = (
        tx.company_id,
        *_entry_parameters(entry),
        tx.clock.now(),
        list(quantities),
        list(quantities.values()),
        [new_id() for _ in quantities],
        [new_id() for _ in quantities],
        order_id,
        expires_at,
    )
    return Part(RESERVE, values, "reserved_lines", "reserved_lines.*", LINE_WIDTH, locks="locked_items")


def reserved_lines(rows: PartRows) -> list[ReservedLine]:
    """The lines of `reserving`."""
    lines, item = [], rows.start + ITEM_OFFSET
    for row in rows.rows:
        sku, is_known, is_tracked, available = row[rows.start : item]
        applied = _applied_movement(row, item) if row[item] else None
        lines.append(ReservedLine(sku, available, is_known=is_known, is_tracked=is_tracked, applied=applied))
    return lines


async def end_reservations(
    tx: Tx, order_id: UUID, items: Iterable[InventoryItem], status: ReservationStatus
) -> dict[UUID, int]:
    """End the active reservations of an order on locked items; returns the ended units by item."""
    rows = await tx.fetch(
        """
        update reservations set status = $4, updated_at = $5
        where company_id = $1 and order_id = $2 and inventory_id = any($3) and status = 'ACTIVE'
        returning inventory_id, quantity
        """,
        tx.company_id,
        order_id,
        [item.id for item in items],
        status,
        tx.clock.now(),
    )
    return {row["inventory_id"]: row["quantity"] for row in rows}


def _entry_parameters(entry: Entry) -> tuple[object, ...]:
    """The parameters $2 to $6 of an entry."""
    return (entry.movement_type, entry.reason, entry.reference, entry.actor.user_id, entry.actor.kind)


def _applied_movement(row: Any, start: int = 0) -> AppliedMovement:
    return AppliedMovement(ITEM.from_record(row, start), ENTRY.from_record(row, start + ITEM_WIDTH))
