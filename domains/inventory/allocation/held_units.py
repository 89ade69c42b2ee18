"""The units that an order has in warehouses, read for its shipments, and their way out of the stock."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final
from uuid import UUID

from domains.inventory import data
from domains.inventory.errors import AwaitedUnits, NotReserved
from domains.inventory.level_sql import BY_SKU, ITEM
from domains.inventory.models import InventoryItem, Warehouse
from domains.kernel.database import Reader, Tx
from domains.kernel.ids import new_id
from domains.kernel.prisma.statements import Part, PartRows

HELD: Final = """
    held_units as (
      select i.sku, coalesce(i.variant_id, i.product_id) as owner_id, r.warehouse_id,
        coalesce(sum(r.quantity) filter (where r.status = 'ACTIVE'), 0)::int as reserved, 0 as awaited,
        null::timestamptz as promised_at
      from reservations r join inventory_items i on i.company_id = r.company_id and i.id = r.inventory_id
      where r.company_id = $1 and r.order_id = $2 and r.status in ('ACTIVE', 'CONFIRMED')
      group by i.id, r.warehouse_id
      union all
      select i.sku, coalesce(i.variant_id, i.product_id), null, 0, (b.quantity - b.allocated)::int, b.promised_at
      from backorders b join inventory_items i on i.company_id = b.company_id and i.id = b.inventory_id
      where b.company_id = $1 and b.order_id = $2 and b.status = 'WAITING'
    )
"""
HELD_WIDTH: Final = 6
# The warehouses of the order, that which was asked for, and the default one.
PLACES: Final = """
    held_places as (
      select w.* from warehouses w
      where w.company_id = $1 and (w.is_default or w.id = $3 or w.id in (
        select warehouse_id from reservations where company_id = $1 and order_id = $2 and status = 'ACTIVE'))
    )
"""
PLACES_WIDTH: Final = len(fields(data.WarehouseRow))
LOCK: Final = f"""
    select {ITEM.columns("i")} from inventory_items i where i.company_id = $1 and i.sku = any($2) {BY_SKU}
"""  # noqa: S608 - fixed text
# The items are locked, so nothing else takes units of these reservations.
SELL: Final = """
    with taken as (
      select r.id, r.inventory_id, r.warehouse_id, r.quantity, t.units, t.new_id
      from unnest($3::uuid[], $4::uuid[], $5::int[], $6::uuid[]) as t (warehouse_id, item_id, units, new_id)
      join reservations r on r.company_id = $1 and r.order_id = $2 and r.warehouse_id = t.warehouse_id
        and r.inventory_id = t.item_id and r.status = 'ACTIVE'
    ), whole as (
      update reservations r set status = 'CONFIRMED', updated_at = $7
      from taken t where r.company_id = $1 and r.id = t.id and t.quantity = t.units
    ), rest as (
      update reservations r set quantity = r.quantity - t.units, updated_at = $7
      from taken t where r.company_id = $1 and r.id = t.id and t.quantity > t.units
    ), sold as (
      insert into reservations (id, company_id, inventory_id, warehouse_id, order_id, quantity, status, created_at,
        updated_at)
      select t.new_id, $1, t.inventory_id, t.warehouse_id, $2, t.units, 'CONFIRMED', $7, $7
      from taken t where t.quantity > t.units
    )
    select inventory_id, warehouse_id, quantity from taken
"""


@dataclass(frozen=True, slots=True)
class HeldUnits:
    """What an order has in warehouses: reserved units by SKU and warehouse, and units that it waits for by SKU.

    `skus` are the present SKUs of what it has, by the variant or the product; one without has no counted stock.
    `warehouses` are those that have units of it, that which was asked for, and the default one.
    """

    reserved: Mapping[tuple[str, UUID], int]
    awaited: Mapping[str, AwaitedUnits]
    warehouses: Mapping[UUID, Warehouse]
    skus: Mapping[UUID, str]


def held_units(db: Reader, order_id: UUID, warehouse_id: UUID | None) -> Sequence[Part]:
    """What an order has in warehouses, as two parts of a statement."""
    return (
        Part(HELD, (db.company_id, order_id), "held_units", "held_units.*", HELD_WIDTH),
        Part(
            PLACES,
            (db.company_id, order_id, warehouse_id),
            "held_places",
            data.warehouse.columns("held_places"),
            PLACES_WIDTH,
        ),
    )


def held_units_of(units: PartRows, places: PartRows) -> HeldUnits:
    """What the parts of `held_units` returned."""
    reserved: dict[tuple[str, UUID], int] = {}
    awaited: dict[str, AwaitedUnits] = {}
    skus: dict[UUID, str] = {}
    for row in units.rows:
        sku, owner_id, warehouse_id, number, waiting, promised_at = row[units.start : units.start + HELD_WIDTH]
        skus[owner_id] = sku
        if waiting:
            awaited[sku] = AwaitedUnits(sku, waiting, promised_at)
        elif number:
            reserved[sku, warehouse_id] = number
    found = [data.warehouse.from_record(row, places.start) for row in places.rows]
    return HeldUnits(reserved, awaited, {row.id: row for row in found}, skus)


async def lock_items(tx: Tx, skus: Collection[str]) -> dict[str, InventoryItem]:
    """The items of these SKUs, locked in the order of SKUs. One statement."""
    rows = [ITEM.from_record(row) for row in await tx.fetch(LOCK, tx.company_id, sorted(skus))]
    return {row.sku: row for row in rows}


async def sell(
    tx: Tx, order_id: UUID, units: Mapping[tuple[str, UUID], int], items: Mapping[str, InventoryItem]
) -> None:
    """Confirm reserved units of locked items, by SKU and warehouse; the rest of a reservation stays. One statement.

    Raises NotReserved for a SKU with fewer reserved units in a warehouse.
    """
    known = {(items[sku].id, place): number for (sku, place), number in units.items() if sku in items}
    rows = await tx.fetch(
        SELL,
        tx.company_id,
        order_id,
        [place for _, place in known],
        [item_id for item_id, _ in known],
        list(known.values()),
        [new_id() for _ in known],
        tx.clock.now(),
    )
    reserved = {(row["inventory_id"], row["warehouse_id"]): row["quantity"] for row in rows}
    for (sku, place), number in units.items():
        found = reserved.get((items[sku].id, place), 0) if sku in items else 0
        if found < number:
            raise NotReserved(sku, number, found, field=("order_id",))
