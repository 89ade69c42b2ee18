"""Locks of warehouses: a warehouse that is locked here is neither closed nor deleted until the transaction ends."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from domains.inventory import data
from domains.inventory.errors import WarehouseInactive, WarehouseNotFound
from domains.inventory.models import Warehouse
from domains.kernel.database import Tx
from domains.kernel.ids import new_id
from domains.kernel.validation import collect_errors

# The default warehouse of a company that has none; {0} is its id, {1} the time.
DEFAULT_CREATED: Final = """
        default_created as (
          insert into warehouses (id, company_id, code, name, is_default, created_at, updated_at)
          select {0}, $1, 'MAIN', 'Main warehouse', true, {1}, {1}
          where not exists (select from warehouses where company_id = $1 and is_default)
          on conflict do nothing returning id
        )
"""
DEFAULT_LOCKED: Final = """
        default_locked as (select id from warehouses where company_id = $1 and is_default for key share)
"""
DEFAULT: Final = f"""
    with {DEFAULT_CREATED.format("$2::uuid", "$3::timestamptz")}, {DEFAULT_LOCKED}
    select id from default_locked union all select id from default_created
"""
NAMED: Final = """
    select id, code, is_active, is_default, is_pickup_point from warehouses
    where company_id = $1 and (id = any($2) or ($3 and is_default)) order by id for key share
"""
# The last number separates this key from those of other advisory locks.
LOCK_DEFAULT: Final = "select pg_advisory_xact_lock(hashtextextended($1::uuid::text || 'warehouse', 8))"
ONE_DEFAULT: Final = "warehouses_one_default"
STOCK: Final = """
    select i.sku, l.total_stock from inventory_levels l
    join inventory_items i on i.company_id = l.company_id and i.id = l.inventory_id
    where l.company_id = $1 and l.warehouse_id = $2 and l.total_stock > 0 order by i.sku limit 1
"""

# The numbers of the first open documents of a warehouse, each with how many there are in all.
OPEN_DOCUMENTS: Final = """
    select number, (count(*) over ())::int as total from (
      select number, created_at from stock_transfers
      where company_id = $1 and from_warehouse_id = $2 and status in ('DRAFT', 'IN_TRANSIT', 'PARTIALLY_RECEIVED')
      union all
      select number, created_at from stock_transfers
      where company_id = $1 and to_warehouse_id = $2 and status in ('DRAFT', 'IN_TRANSIT', 'PARTIALLY_RECEIVED')
      union all
      select number, created_at from purchase_orders
      where company_id = $1 and warehouse_id = $2 and status in ('DRAFT', 'ORDERED', 'PARTIALLY_RECEIVED')
      union all
      select number, created_at from stock_takes where company_id = $1 and warehouse_id = $2 and status = 'OPEN'
    ) d order by created_at, number limit 5
"""
# Movements of stock, which lock their items before or after the warehouse, do not wait for this lock.
LOCK: Final = f"""
    select {data.warehouse.columns("w")} from warehouses w where w.company_id = $1 and w.id = $2 for no key update
"""


async def lock(tx: Tx, warehouse_id: UUID) -> Warehouse | None:
    """A warehouse, which no other transaction changes until this one ends; movements of its stock do not wait."""
    row = await tx.fetch_row(LOCK, tx.company_id, warehouse_id)
    return None if row is None else data.warehouse.from_record(row)


async def lock_default(tx: Tx) -> None:
    """Wait until no other transaction chooses the company's default warehouse."""
    await tx.execute(LOCK_DEFAULT, tx.company_id)


async def stock_in(tx: Tx, warehouse_id: UUID) -> tuple[str, int] | None:
    """The first SKU of which there are units in a warehouse, and their number; None for none."""
    row = await tx.fetch_row(STOCK, tx.company_id, warehouse_id)
    return None if row is None else (row["sku"], row["total_stock"])


async def open_documents(tx: Tx, warehouse_id: UUID) -> tuple[list[str], int]:
    """The numbers of at most five open transfers, purchase orders and stock takes of a warehouse, and of how many."""
    rows = await tx.fetch(OPEN_DOCUMENTS, tx.company_id, warehouse_id)
    return [row["number"] for row in rows], rows[0]["total"] if rows else 0


async def default_warehouse(tx: Tx) -> UUID:
    """The company's default warehouse, locked; created if there is none.

    One statement, more while another transaction creates it or moves it to another warehouse.
    """
    while True:
        warehouse_id: UUID | None = await tx.fetch_value(DEFAULT, tx.company_id, new_id(), tx.clock.now())
        if warehouse_id is not None:
            return warehouse_id


async def require_active(tx: Tx, named: Mapping[UUID, Sequence[str]], *, with_default: bool = False) -> UUID | None:
    """Lock warehouses, which are given with their paths. One statement; returns the default one if asked for.

    Raises WarehouseNotFound and WarehouseInactive, for all at once.
    """
    rows = await tx.fetch(NAMED, tx.company_id, list(named), with_default)
    found = {row["id"]: row for row in rows}
    with collect_errors() as each:
        for warehouse_id, field in named.items():
            with each:
                if warehouse_id not in found:
                    raise WarehouseNotFound(field=field)
                if not found[warehouse_id]["is_active"]:
                    raise WarehouseInactive(found[warehouse_id]["code"], field=field)
    if not with_default:
        return None
    return next((row["id"] for row in rows if row["is_default"]), None) or await default_warehouse(tx)


def named_in(keys: Iterable[tuple[str, UUID | None]], parent: Sequence[str]) -> dict[UUID, Sequence[str]]:
    """The warehouses that a list of SKUs with warehouses names, each with the path of the first."""
    named: dict[UUID, Sequence[str]] = {}
    for index, (_, warehouse_id) in enumerate(keys):
        if warehouse_id is not None:
            named.setdefault(warehouse_id, (*parent, str(index), "warehouse_id"))
    return named
