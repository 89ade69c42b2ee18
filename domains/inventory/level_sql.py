"""The stock of SKUs per warehouse: locked with the items, or read."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from domains.inventory import data
from domains.inventory.models import InventoryItem, InventoryLevel, StoredItem, StoredLevel
from domains.inventory.movements import LockedItem
from domains.inventory.warehouses.sql import DEFAULT_LOCKED
from domains.kernel.database import Reader, Tx
from domains.kernel.pagination.keyset import Column
from domains.kernel.pagination.sql_lists import RelatedList

ITEM: Final = data.inventory_item
LEVEL: Final = data.inventory_level
WAREHOUSE: Final = data.warehouse
ITEM_WIDTH: Final = len(data.InventoryItemRow.__slots__)
# All locks are taken in this order: by code point, as Python sorts, independent of the server's locale.
BY_SKU: Final = 'order by i.sku collate "C" for no key update of i'
# A statement that waits for a lock sees the rows of other tables as they were when it began; those that it locks
# itself, it sees as they are. So levels are locked as well, after their items.
LEVELS_LOCKED: Final = """
        locked_levels as (
          select l.* from inventory_levels l join locked_items h on h.id = l.inventory_id
          where l.company_id = $1 order by h.sku collate "C", l.warehouse_id for no key update of l
        )
"""
LOCK: Final = f"""
    with {DEFAULT_LOCKED}, locked_items as (
      select i.* from inventory_items i where i.company_id = $1 and i.sku = any($2) {BY_SKU}
    ), {LEVELS_LOCKED}
    select (select id from default_locked) as default_id, {ITEM.columns("h")}, {LEVEL.columns("l")}
    from locked_items h left join locked_levels l on l.inventory_id = h.id
"""
BY_ITEM: Final = f"""
    select {LEVEL.columns("l")}, {WAREHOUSE.columns("w")}
    from inventory_levels l join warehouses w on w.company_id = l.company_id and w.id = l.warehouse_id
    where l.company_id = $1 and l.inventory_id = any($2) order by w.code
"""
# A condition on items `i`: there are units in a warehouse.
STOCKED_IN: Final = """exists (
      select from inventory_levels l where l.company_id = i.company_id and l.inventory_id = i.id
        and l.warehouse_id = {} and l.total_stock > 0
    )"""
LEVELS_OF_WAREHOUSE: Final = RelatedList(
    select=LEVEL.columns("l"),
    source="from inventory_levels l where l.company_id = $1",
    parent="l.warehouse_id",
    order="inventory_id",
    columns=(Column("l.inventory_id", UUID),),
    descending=False,
)
PAGE: Final = f"""
    select {ITEM.columns("i")}, {LEVEL.columns("l")}, {WAREHOUSE.columns("w")}
    from (
      select * from inventory_items where company_id = $1 and sku > $2 order by sku limit $3
    ) i
    left join inventory_levels l on l.company_id = i.company_id and l.inventory_id = i.id
    left join warehouses w on w.company_id = l.company_id and w.id = l.warehouse_id
    order by i.sku, w.code
"""
LEVEL_WIDTH: Final = len(data.InventoryLevelRow.__slots__)
DEFAULT_UNITS: Final = """
    select i.sku, coalesce(l.available_stock, 0) as units
    from inventory_items i
    left join warehouses w on w.company_id = i.company_id and w.is_default
    left join inventory_levels l
      on l.company_id = i.company_id and l.inventory_id = i.id and l.warehouse_id = w.id
    where i.company_id = $1 and i.product_id = any($2)
"""


class LockedStock:
    """Locked items with their levels, by SKU and in the order of SKUs, and the default warehouse if there is one."""

    def __init__(self, items: Iterable[LockedItem], default_id: UUID | None) -> None:
        self.items = sorted(items, key=lambda locked: locked.item.sku)
        self.default_id = default_id

    @property
    def rows(self) -> list[InventoryItem]:
        """The items without their levels."""
        return [locked.item for locked in self.items]


async def lock_stock(tx: Tx, skus: Collection[str]) -> LockedStock:
    """The existing items of these SKUs with all their levels, locked in the order of SKUs until the transaction ends.

    The default warehouse is locked as by `warehouses.sql`. One statement, and one more when a level was created
    while it waited for a lock.
    """
    rows = await tx.fetch(LOCK, tx.company_id, list(skus))
    items: dict[UUID, InventoryItem] = {}
    levels: dict[UUID, dict[UUID, InventoryLevel]] = {}
    for row in rows:
        item = ITEM.from_record(row, 1)
        items[item.id] = item
        of_item = levels.setdefault(item.id, {})
        if row[1 + ITEM_WIDTH] is not None:
            level = LEVEL.from_record(row, 1 + ITEM_WIDTH)
            of_item[level.warehouse_id] = level
    if outdated := [item.id for item in items.values() if not _adds_up(item, levels[item.id].values())]:
        for level in await data.inventory_level.find_many(tx, where={"inventory_id": {"in": outdated}}):
            levels[level.inventory_id][level.warehouse_id] = level
    default_id: UUID | None = rows[0]["default_id"] if rows else None
    return LockedStock([LockedItem(item, levels[item.id]) for item in items.values()], default_id)


async def levels_by_item(db: Reader, item_ids: Collection[UUID]) -> dict[UUID, list[StoredLevel]]:
    """The levels of items with their warehouses, by item, in the order of the warehouses' codes. One statement."""
    levels: dict[UUID, list[StoredLevel]] = {}
    for row in await db.fetch(BY_ITEM, db.company_id, list(item_ids)):
        stored = _stored(row)
        levels.setdefault(stored.level.inventory_id, []).append(stored)
    return levels


async def default_units(db: Reader, product_ids: Collection[UUID]) -> dict[str, int]:
    """The available units in the default warehouse of the stocked SKUs of products. One statement."""
    return {row["sku"]: row["units"] for row in await db.fetch(DEFAULT_UNITS, db.company_id, list(product_ids))}


async def stored_after(db: Reader, sku: str, take: int) -> list[StoredItem]:
    """The next items in the order of SKUs, after this one, each once for each of its warehouses by their codes.

    One statement.
    """
    rows = await db.fetch(PAGE, db.company_id, sku, take)
    return [StoredItem(ITEM.from_record(row), _stored(row, ITEM_WIDTH) if row[ITEM_WIDTH] else None) for row in rows]


def _stored(row: Any, start: int = 0) -> StoredLevel:
    return StoredLevel(LEVEL.from_record(row, start), WAREHOUSE.from_record(row, start + LEVEL_WIDTH))


def _adds_up(item: InventoryItem, levels: Iterable[InventoryLevel]) -> bool:
    """Whether an item has the sums of these levels."""
    sums: Sequence[int] = [0, 0, 0]
    for level in levels:
        balances = (level.available_stock, level.reserved_stock, level.quarantined_stock)
        sums = [sum(pair) for pair in zip(sums, balances, strict=True)]
    return list(sums) == [item.available_stock, item.reserved_stock, item.quarantined_stock]
