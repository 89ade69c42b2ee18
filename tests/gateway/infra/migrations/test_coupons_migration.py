"""The migration of coupons: each earlier use of a promotion has the amount that its order stored."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from domains.kernel.ids import new_id
from gateway.infra.migrations import migrate
from gateway.infra.postgres import connected
from tests.gateway.infra.migrations.earlier_migrations import migrations_before

MIGRATION = "20261201000000_coupons"
COMPANY = "insert into companies (id, name, slug, currency, updated_at) values ($1, 'Shop', 'shop', 'EUR', now())"
PROMOTION = """
insert into promotions (id, company_id, name, code, type, discount_type, discount_value, currency, start_date,
  current_usage_count, updated_at)
values ($1, $2, 'P', $3, 'SEASONAL', 'PERCENTAGE', 10, 'EUR', now(), 2, now())
"""
ORDER = """
insert into orders (id, company_id, order_number, email, currency, subtotal, tax_amount, shipping_cost,
  discount_amount, total, tax_rate, prices_include_tax, updated_at)
values ($1, $2, $1::uuid::text, 'ada@example.com', 'EUR', 10, 0, 0, 0, 10, 0, true, now())
"""
USE = "insert into promotion_uses (id, company_id, promotion_id, order_id, email) values ($1, $2, $3, $4, 'a@b.c')"
APPLIED = """
insert into order_promotions (id, company_id, order_id, promotion_id, discount_amount, currency, promotion_name)
values ($1, $2, $3, $4, $5, 'EUR', 'P')
"""


async def test_earlier_uses_have_the_amounts_of_their_orders(empty_database: str, tmp_path: Path) -> None:
    await migrate(empty_database, folder=migrations_before(MIGRATION, tmp_path))
    company, ten, free, both, one = (new_id() for _ in range(5))
    amounts = {(both, ten): Decimal("1.5000"), (both, free): Decimal("4.9000"), (one, ten): Decimal("0.0100")}
    async with connected(empty_database) as connection:
        await connection.execute(COMPANY, company)
        for promotion in (ten, free):
            await connection.execute(PROMOTION, promotion, company, f"C{promotion.hex}".upper())
        for order in (both, one):
            await connection.execute(ORDER, order, company)
        for (order, promotion), amount in amounts.items():
            await connection.execute(APPLIED, new_id(), company, order, promotion, amount)
        for order, promotion in (*amounts, (one, free)):
            await connection.execute(USE, new_id(), company, promotion, order)
    await migrate(empty_database)
    async with connected(empty_database) as connection:
        rows: list[Any] = await connection.fetch("select * from promotion_uses")
    found = {(row["order_id"], row["promotion_id"]): (row["discount_amount"], row["currency"]) for row in rows}
    assert found == {**{key: (amount, "EUR") for key, amount in amounts.items()}, (one, free): (Decimal(0), "EUR")}
