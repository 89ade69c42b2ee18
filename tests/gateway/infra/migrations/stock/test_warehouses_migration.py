"""The migration to warehouses: all stock and movements are in a default warehouse, with their balances."""

from pathlib import Path
from typing import Any

from domains.inventory.invariants import INVARIANTS
from domains.kernel.ids import new_id
from gateway.infra.migrations import migrate
from gateway.infra.postgres import connected
from tests.gateway.infra.migrations.earlier_migrations import migrations_before

MIGRATION = "20261201040000_stock_movement_types"
COMPANY = "insert into companies (id, name, slug, currency, updated_at) values ($1, $2, $2, 'EUR', now())"
PRODUCT = """
with c as (insert into categories (id, company_id, name, slug, updated_at) values ($1, $2, $3, $3, now()))
insert into products (id, company_id, name, slug, sku, base_price, currency, category_id, updated_at)
values ($1, $2, $3, $3, $3, 10, 'EUR', $1, now())
"""
ITEM = """
insert into inventory_items (id, company_id, sku, product_id, available_stock, reserved_stock, total_stock, location,
  last_restocked, updated_at)
values ($1, $2, $3, $1, $4::int, $5::int, $4::int + $5::int, $6, now(), now())
"""
MOVEMENT = """
insert into stock_movements (id, company_id, inventory_id, type, quantity, available_delta, reserved_delta,
  balance_after, actor_kind)
values ($1, $2, $3, $4::movement_type, greatest(abs($5::int), abs($6::int)), $5::int, $6::int, $7, 'SYSTEM')
"""
RESERVATION = """
insert into reservations (id, company_id, inventory_id, order_id, quantity, status, updated_at)
values ($1, $2, $3, $1, $4, $5::reservation_status, now())
"""
LEVELS = """
select w.code, w.name, w.is_default, i.sku, l.available_stock, l.reserved_stock, l.quarantined_stock, l.total_stock,
  l.location, l.last_restocked = i.last_restocked as same_time, w.company_id = i.company_id as of_the_company
from inventory_levels l join inventory_items i on i.id = l.inventory_id join warehouses w on w.id = l.warehouse_id
order by i.sku
"""
BALANCES = "select id, type::text, available_delta, reserved_delta, balance_after from stock_movements order by id"


async def fill(connection: Any) -> None:
    """Two companies with stock, and one without any."""
    stocked = {"A": (4, 2, "Shelf 1"), "B": (0, 0, None)}
    for sku, (available, reserved, location) in stocked.items():
        company, item = new_id(), new_id()
        await connection.execute(COMPANY, company, f"shop-{sku.lower()}")
        await connection.execute(PRODUCT, item, company, sku)
        await connection.execute(ITEM, item, company, sku, available, reserved, location)
        if not available:
            continue
        for kind, change, held, balance in (("PURCHASE", 9, 0, 9), ("RESERVATION", -5, 5, 9), ("SALE", 0, -3, 6)):
            await connection.execute(MOVEMENT, new_id(), company, item, kind, change, held, balance)
        for quantity, status in ((2, "ACTIVE"), (3, "CONFIRMED")):
            await connection.execute(RESERVATION, new_id(), company, item, quantity, status)
    await connection.execute(COMPANY, new_id(), "empty")


async def test_stock_moves_to_a_default_warehouse_with_its_balances(empty_database: str, tmp_path: Path) -> None:
    await migrate(empty_database, folder=migrations_before(MIGRATION, tmp_path))
    async with connected(empty_database) as connection:
        await fill(connection)
        before = await connection.fetch(BALANCES)
    await migrate(empty_database)
    async with connected(empty_database) as connection:
        assert await connection.fetch(BALANCES) == before
        main = ("MAIN", "Main warehouse", True)
        assert [tuple(row) for row in await connection.fetch(LEVELS)] == [
            (*main, "A", 4, 2, 0, 6, "Shelf 1", True, True),
            (*main, "B", 0, 0, 0, 0, None, True, True),
        ]
        assert await connection.fetchval("select count(*) from warehouses") == 2
        for table in ("stock_movements", "reservations"):
            other = f"select count(*) from {table} m join warehouses w on w.id = m.warehouse_id"  # noqa: S608 - ours
            assert await connection.fetchval(f"{other} where w.company_id = m.company_id") == len(
                await connection.fetch(f"select from {table}")
            )
        for invariant in INVARIANTS:
            assert await connection.fetch(invariant.query) == [], invariant.rule
