"""Warehouses of a storefront, and what orders hold in them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from domains.inventory.models import StockLine
from domains.kernel.ids import new_id
from tests.domains.order.storefront import Storefront

INSERT = """
insert into warehouses (id, company_id, code, name, countries, postal_code, country, priority, updated_at)
values ($1, $2, $3, $3, $4, $5, $6, $7, now())
"""
HELD = """
select w.code, i.sku, r.quantity from reservations r
join warehouses w on w.id = r.warehouse_id join inventory_items i on i.id = r.inventory_id
where r.company_id = $1 and r.order_id = $2 and r.status = $3
"""
LEVELS = """
select w.code, l.available_stock, l.reserved_stock from inventory_levels l
join warehouses w on w.id = l.warehouse_id join inventory_items i on i.id = l.inventory_id
where l.company_id = $1 and i.sku = $2
"""


async def open_warehouse(
    shop: Storefront,
    code: str,
    *countries: str,
    postal_code: str | None = None,
    priority: int = 0,
    stock: Mapping[str, int] | None = None,
) -> UUID:
    """A warehouse with so many units of each SKU."""
    warehouse_id = new_id()
    place = ("GB" if postal_code else None, priority)
    await shop.owner.execute(INSERT, warehouse_id, shop.company_id, code, list(countries), postal_code, *place)
    lines = [StockLine(sku, units, warehouse_id) for sku, units in (stock or {}).items()]
    await shop.run(lambda tx: shop.services.inventory.ledger.change(tx, lines))
    return warehouse_id


async def held(shop: Storefront, order_id: UUID, status: str = "ACTIVE") -> dict[tuple[str, str], int]:
    """The units that an order has reserved, by code of the warehouse and SKU."""
    rows = await shop.owner.fetch(HELD, shop.company_id, order_id, status)
    return {(row["code"], row["sku"]): row["quantity"] for row in rows}


async def levels(shop: Storefront, sku: str) -> dict[str, tuple[int, int]]:
    """The available and reserved units of a SKU by code of the warehouse."""
    rows: list[Any] = await shop.owner.fetch(LEVELS, shop.company_id, sku)
    return {row[0]: (row[1], row[2]) for row in rows}
