"""The stock from which orders are allocated: read beside another statement, or with locks."""

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any, Final
from uuid import UUID

from domains.inventory.allocation.places import Place
from domains.inventory.allocation.policy import Source, SourceStock
from domains.inventory.level_sql import BY_SKU, LEVELS_LOCKED
from domains.kernel.database import Reader, Tx
from domains.kernel.prisma.statements import Part, PartRows

COLUMNS: Final = """
    i.sku, i.backorder_limit - i.backordered_units as room, l.available_stock as available, w.id as warehouse_id,
    w.code, w.priority, w.countries, w.country, w.province, w.postal_code
"""
WIDTH: Final = 10
SELECTED: Final = f"""
    select {COLUMNS} from inventory_items i left join (
      inventory_levels l join warehouses w on w.company_id = l.company_id and w.id = l.warehouse_id and w.is_active
    ) on l.company_id = i.company_id and l.inventory_id = i.id and l.available_stock > 0
    where i.company_id = $1 and i.sku = any($2) and (w.id is not null or i.backorder_limit > i.backordered_units)
"""  # noqa: S608 - columns from the code
NOWHERE: Final = (None,) * (WIDTH - 2)
LOCKED: Final = f"""
    with locked_items as (
      select i.* from inventory_items i where i.company_id = $1 and i.sku = any($2) {BY_SKU}
    ), {LEVELS_LOCKED}
    select {COLUMNS}, i.available_stock as in_all, w.is_active
    from locked_items i left join (
      locked_levels l join warehouses w on w.company_id = $1 and w.id = l.warehouse_id
    ) on l.inventory_id = i.id
"""  # noqa: S608 - columns from the code


def sources_part(db: Reader, skus: Collection[str]) -> Part:
    """The stock of SKUs in active warehouses, as a part of a statement; without locks."""
    return Part(f"sources as ({SELECTED})", (db.company_id, list(skus)), "sources", "sources.*", WIDTH)


def stock_of(rows: PartRows) -> SourceStock:
    """The stock of `sources_part`."""
    return _stock(row[rows.start : rows.start + WIDTH] for row in rows.rows)


async def lock_sources(tx: Tx, skus: Collection[str]) -> SourceStock:
    """The stock of SKUs, whose items and levels are locked in the order of SKUs until the transaction ends.

    One statement, and one more when a level was created while it waited for a lock.
    """
    rows = await tx.fetch(LOCKED, tx.company_id, list(skus))
    found, in_all = Counter[str](), dict[str, int]()
    for row in rows:
        found[row["sku"]] += row["available"] or 0
        in_all[row["sku"]] = row["in_all"]
    if any(found[sku] != available for sku, available in in_all.items()):
        return _stock(await tx.fetch(SELECTED, tx.company_id, list(skus)))
    return _stock([row[:WIDTH] if row["is_active"] else (row["sku"], row["room"], *NOWHERE) for row in rows])


def _stock(rows: Iterable[Any]) -> SourceStock:
    sources: dict[UUID, Source] = {}
    free: dict[str, dict[UUID, int]] = {}
    room: dict[str, int] = {}
    for sku, units, available, warehouse_id, code, priority, countries, *place in rows:
        if units > 0:
            room[sku] = units
        if warehouse_id is not None:
            at = Place.of(*place) if place[0] else None
            sources[warehouse_id] = Source(warehouse_id, code, priority, frozenset(countries), at)
            free.setdefault(sku, {})[warehouse_id] = available
    return SourceStock(list(sources.values()), free, room)
