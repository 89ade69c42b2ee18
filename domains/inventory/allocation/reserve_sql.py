"""The statement that reserves the units of an order in warehouses, and puts those that it waits for on backorder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.catalog.variants.skus import OWNERS_OF_SKUS
from domains.inventory.level_sql import BY_SKU, ITEM, ITEM_WIDTH, LEVELS_LOCKED
from domains.inventory.movements import Entry, LevelKey, ReservedLine
from domains.inventory.sql import ENTRY, SUMS, WRITTEN, applied_movement, entry_parameters, moved
from domains.kernel.database import Tx
from domains.kernel.ids import new_id
from domains.kernel.prisma.statements import AFTER, Part, PartRows

ITEM_OFFSET: Final = 7  # the number of columns before the item's in a reserved line
ENTRY_OFFSET: Final = ITEM_OFFSET + ITEM_WIDTH
WIDTH: Final = ENTRY_OFFSET + len(ENTRY.row.__slots__)
SERVES: Final = "(w.countries = '{{}}' or {country} is null or {country} = any(w.countries))"


def serves(country: str, pickup: str) -> str:
    """SQL of whether the active warehouse `w` serves a country, or is that of the pick-up; both may be null."""
    return (
        f"w.is_active and case when {pickup} is null then {SERVES.format(country=country)} else w.id = {pickup} end"
    )


# Units are reserved only if all lines can be. Balances are computed from the locked rows: the rows that the statement
# read before it waited for the locks may be outdated and would violate the checks of the table.
LINES: Final = f"""
    requested as (
      select r.sku, r.quantity, r.entry_id, r.reservation_id, coalesce(r.warehouse_id, (
          select id from warehouses where company_id = $1 and is_default)) as warehouse_id
      from unnest($8::text[], $14::uuid[], $9::int[], $10::uuid[], $11::uuid[])
        as r (sku, warehouse_id, quantity, entry_id, reservation_id)
    ), locked_items as (
      select i.id, i.sku, i.available_stock, i.reserved_stock, i.quarantined_stock, i.total_stock,
        i.backorder_limit, i.backorder_kind, i.promised_at, i.backordered_units
      from inventory_items i
      where i.company_id = $1 and i.sku = any($8) and {AFTER} {BY_SKU}
    ), {LEVELS_LOCKED}, lines as (
      select w.*, h.id as item_id, coalesce(h.available_stock, 0) as available_in_all,
        coalesce(l.available_stock, 0) as available_stock, l.reserved_stock, l.quarantined_stock, l.total_stock,
        o.sku is not null and not o.is_archived as is_known, coalesce(o.is_tracked, false) as is_tracked
      from requested w left join locked_items h on h.sku = w.sku
      left join locked_levels l on l.inventory_id = h.id and l.warehouse_id = w.warehouse_id
      left join ({OWNERS_OF_SKUS.replace("$2", "$8")}) o on o.sku = w.sku
    )
"""
IS_COVERED: Final = """
    not exists (select from lines where not is_known or (is_tracked and available_stock < quantity))
"""
# Nobody waits for units that are there: of a SKU with backorders, the order takes all units that may serve it.
WAITING: Final = f"""
    waiting as (
      select b.*, h.id as item_id, h.backorder_kind, h.promised_at,
        h.backordered_units + b.units > h.backorder_limit or exists (
          select from locked_levels l join warehouses w on w.company_id = $1 and w.id = l.warehouse_id
          where l.inventory_id = h.id and {serves("$18::text", "$19::uuid")} and l.available_stock > coalesce(
            (select q.quantity from requested q where q.sku = b.sku and q.warehouse_id = l.warehouse_id), 0)
        ) as is_refused
      from unnest($15::text[], $16::int[], $17::uuid[]) as b (sku, units, backorder_id)
      join locked_items h on h.sku = b.sku
    ), possible as (
      select where {IS_COVERED} and not exists (select from waiting where is_refused)
    )
"""
SUMS_WITH_WAITING: Final = """
    sums as (
      select item_id, sum(available)::int as available, sum(reserved)::int as reserved,
        sum(quarantined)::int as quarantined, sum(waiting)::int as waiting
      from (
        select item_id, available, reserved, quarantined, 0 as waiting from movement
        union all
        select item_id, 0, 0, 0, units from waiting where exists (select from possible)
      ) m group by item_id
    )
"""
BACKORDERED: Final = """
    , backordered as (
      insert into backorders as b (id, company_id, inventory_id, order_id, quantity, kind, promised_at, country,
        pickup_warehouse_id, expires_at, created_at, updated_at)
      select backorder_id, $1, item_id, $12, units, backorder_kind, promised_at, $18, $19, $13, $7, $7
      from waiting where exists (select from possible)
      on conflict (company_id, order_id, inventory_id) where status = 'WAITING'
      do update set quantity = b.quantity + excluded.quantity, updated_at = $7
    )
"""


def _reserve(before: str, condition: str, sums: str, also: str, after: str, is_refused: str) -> str:
    of_items = "sums w join locked_items h on h.id = w.item_id where t.company_id = $1 and t.id = w.item_id"
    of_levels = (
        "movement w where t.company_id = $1 and t.inventory_id = w.item_id and t.warehouse_id = w.warehouse_id"
    )
    return f"""
        {LINES} {before}, movement as (
          select l.*, -l.quantity as available, l.quantity as reserved, 0 as quarantined from lines l
          where l.is_tracked and l.quantity > 0 and {condition}
        ), {sums}, moved as ({moved("inventory_items", "h", of_items, also)}),
        moved_levels as ({moved("inventory_levels", "w", of_levels)}), {WRITTEN}, reserved as (
          insert into reservations as r (id, company_id, inventory_id, warehouse_id, order_id, quantity, expires_at,
            created_at, updated_at)
          select reservation_id, $1, item_id, warehouse_id, $12, quantity, $13, $7, $7 from movement
          on conflict (company_id, order_id, inventory_id, warehouse_id) where status = 'ACTIVE'
          do update set quantity = r.quantity + excluded.quantity, expires_at = excluded.expires_at, updated_at = $7
        ) {after}, reserved_lines as (
          select l.sku, l.is_known, l.is_tracked, l.available_in_all, l.available_stock, l.quantity,
            {is_refused} as is_refused, {ITEM.columns("m")}, {ENTRY.columns("e")}
          from lines l left join moved m on m.id = l.item_id
          left join written e on e.inventory_id = m.id and e.warehouse_id = l.warehouse_id
        )
    """


RESERVE: Final = _reserve("", IS_COVERED, SUMS, "", "", "false")
RESERVE_WITH_BACKORDERS: Final = _reserve(
    f", {WAITING}",
    "exists (select from possible)",
    SUMS_WITH_WAITING,
    ", backordered_units = h.backordered_units + w.waiting",
    BACKORDERED,
    "exists (select from waiting b where b.sku = l.sku and b.is_refused)",
)


@dataclass(frozen=True, slots=True)
class NewBackorders:
    """The units of each SKU that an order is to wait for, and where they go; as in AllocationRequest."""

    units: Mapping[str, int]
    country: str | None = None
    pickup_warehouse_id: UUID | None = None


def reserving(
    tx: Tx,
    quantities: Mapping[LevelKey, int],
    entry: Entry,
    *,
    order_id: UUID,
    expires_at: datetime | None,
    backorders: NewBackorders | None = None,
) -> Part:
    """Lock the items of SKUs in their order, and reserve units of all tracked ones for an order, or of none."""
    lines = dict(quantities)
    if backorders:
        reserved = {sku for sku, _ in quantities}
        lines |= {(sku, None): 0 for sku in backorders.units if sku not in reserved}
    values: Sequence[object] = (
        tx.company_id,
        *entry_parameters(entry),
        tx.clock.now(),
        [sku for sku, _ in lines],
        list(lines.values()),
        [new_id() for _ in lines],
        [new_id() for _ in lines],
        order_id,
        expires_at,
        [place for _, place in lines],
    )
    if not backorders:
        return Part(RESERVE, values, "reserved_lines", "reserved_lines.*", WIDTH, locks="locked_items")
    units = backorders.units
    more = (list(units), list(units.values()), [new_id() for _ in units])
    to = (backorders.country, backorders.pickup_warehouse_id)
    values = (*values, *more, *to)
    return Part(RESERVE_WITH_BACKORDERS, values, "reserved_lines", "reserved_lines.*", WIDTH, locks="locked_items")


def reserved_lines(rows: PartRows) -> list[ReservedLine]:
    """The lines of `reserving`."""
    return [_line(row, rows.start) for row in rows.rows]


def _line(row: Any, start: int) -> ReservedLine:
    sku, is_known, is_tracked, available, there, requested, is_refused = row[start : start + ITEM_OFFSET]
    item = ITEM.from_record(row, start + ITEM_OFFSET) if row[start + ITEM_OFFSET] else None
    applied = applied_movement(row, start + ITEM_OFFSET) if row[start + ENTRY_OFFSET] else None
    return ReservedLine(sku, is_known, is_tracked, available, there, requested, applied, item, is_refused)
