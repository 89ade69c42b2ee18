"""The migration of tax rates: each earlier line, and each shipping, has the rate that its amounts imply."""

from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.ids import new_id
from gateway.infra.migrations import migrate
from gateway.infra.postgres import connected
from tests.gateway.infra.migrations.earlier_migrations import migrations_before

MIGRATION = "20261130120000_tax_rates_of_lines"
LATER = "20261130232000_shipping_taxes"  # it moves the rate of shipping
COMPANY = "insert into companies (id, name, slug, currency, updated_at) values ($1, 'Shop', $2, $3, now())"
CATALOG = """
with category as (insert into categories (id, company_id, name, slug, updated_at) values ($2, $1, 'C', 'c', now()))
insert into products (id, company_id, category_id, name, slug, base_price, currency, sku, updated_at)
values ($3, $1, $2, 'P', 'p', 1, $4, 'P', now())
"""
ORDER = """
insert into orders (id, company_id, order_number, email, currency, subtotal, tax_amount, shipping_cost,
  discount_amount, total, tax_rate, prices_include_tax, updated_at)
values ($1, $2, $1::uuid::text, 'ada@example.com', $3, $4, $5, $6, 0, $4::numeric + $6::numeric, $7, $8, now())
"""
ITEM = """
insert into order_items (id, company_id, order_id, product_id, product_name, sku, quantity, unit_price, total_price,
  tax_amount, currency, product_snapshot)
values ($1, $2, $3, $4, 'P', 'P', 1, $5, $5, $6, $7, '{}')
"""
# Currency and rate of the order; total, tax and expected rate of each line; cost, tax and expected rate of shipping.
ORDERS: dict[str, tuple[str, str, list[tuple[str, str, str]], tuple[str, str, str]]] = {
    "tax within": ("EUR", "0.19", [("10.00", "1.60", "0.19"), ("0.02", "0.00", "0.19")], ("5.00", "0.00", "0")),
    "tax on top": ("EUR", "0.2", [("10.81", "1.80", "0.2"), ("0.00", "0.00", "0.2")], ("0.00", "0.00", "0")),
    "two rates": ("EUR", "0.19", [("10.70", "0.70", "0.07"), ("9.00", "0.00", "0")], ("5.95", "0.95", "0.19")),
    "whole units": ("JPY", "0.08", [("1080", "80", "0.08"), ("9", "1", "0.08")], ("110", "10", "0.1")),
    "thousandths": ("KWD", "0.05", [("1.050", "0.050", "0.05"), ("1.100", "0.100", "0.1")], ("0.000", "0.000", "0")),
    "no tax": ("EUR", "0", [("10.00", "0.00", "0")], ("5.00", "0.00", "0")),
    "all of it is tax": ("EUR", "0.19", [("1.00", "1.00", "0.19")], ("0.00", "0.00", "0")),
    "more tax than price": ("EUR", "0.19", [("3.00", "2.00", "0.999999")], ("0.00", "0.00", "0")),
}


@pytest.mark.parametrize("case", ORDERS)
async def test_an_earlier_line_has_the_rate_that_its_amounts_imply(
    empty_database: str, tmp_path: Path, case: str
) -> None:
    currency, rate, lines, (cost, shipping_tax, shipping_rate) = ORDERS[case]
    await migrate(empty_database, folder=migrations_before(MIGRATION, tmp_path))
    company, category, product, order = (new_id() for _ in range(4))
    items = {new_id(): line for line in lines}
    async with connected(empty_database) as connection:
        await connection.execute(COMPANY, company, "shop", currency)
        await connection.execute(CATALOG, company, category, product, currency)
        subtotal = sum(Decimal(total) for total, *_ in lines)
        tax = sum((Decimal(tax) for _, tax, _ in lines), Decimal(shipping_tax))
        given = (currency, subtotal, tax, Decimal(cost), Decimal(rate), True)
        await connection.execute(ORDER, order, company, *given)
        for item_id, (total, line_tax, _) in items.items():
            amounts = (Decimal(total), Decimal(line_tax), currency)
            await connection.execute(ITEM, item_id, company, order, product, *amounts)
    later = tmp_path / "later"
    later.mkdir()
    await migrate(empty_database, folder=migrations_before(LATER, later))
    async with connected(empty_database) as connection:
        rows: list[Any] = await connection.fetch("select id, tax_rate, is_gift_card from order_items")
        found: dict[UUID, Any] = {row["id"]: (row["tax_rate"], row["is_gift_card"]) for row in rows}
        assert found == {item_id: (Decimal(line[2]), False) for item_id, line in items.items()}
        assert await connection.fetchval("select shipping_tax_rate from orders") == Decimal(shipping_rate)
