"""The migrations of order taxes: each earlier line and shipping has a row of its tax, with equal sums."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from domains.kernel.ids import new_id
from domains.order.sales.tax_invariants import INVARIANTS
from gateway.infra.migrations import migrate
from gateway.infra.postgres import connected
from tests.gateway.infra.migrations.earlier_migrations import migrations_before
from tests.gateway.infra.migrations.test_tax_rates_migration import CATALOG, COMPANY

MIGRATION = "20261130230000_order_taxes"
ORDER = """
insert into orders (id, company_id, order_number, email, currency, subtotal, tax_amount, shipping_cost,
  discount_amount, total, tax_rate, shipping_tax_rate, prices_include_tax, updated_at)
values ($1, $2, $3, 'ada@example.com', $4, $5, $6, $7, 0, $8, 0.19, $9, true, now())
"""
ITEM = """
insert into order_items (id, company_id, order_id, product_id, product_name, sku, quantity, unit_price, total_price,
  tax_rate, tax_amount, currency, product_snapshot)
values ($1, $2, $3, $4, 'P', 'P', 1, $5, $5, $6, $7, $8, '{}')
"""
PAYMENT = """
insert into payments (id, company_id, order_id, provider, method, status, amount, amount_captured, currency,
  provider_transaction_id, settled_at, updated_at, capture_method)
values ($1, $2, $3, 'MOCK', 'CARD', 'SUCCEEDED', 20, 20, 'EUR', 'T', now(), now(), 'AUTOMATIC')
"""
REFUND = """
insert into refunds (id, company_id, payment_id, order_id, amount, currency, status, actor_kind, updated_at)
values ($1, $2, $3, $4, 6, 'EUR', 'PENDING', 'SYSTEM', now())
"""
LINE = """
insert into refund_lines (id, company_id, refund_id, order_id, kind, order_item_id, quantity, amount, tax, currency)
values (gen_random_uuid(), $1, $2, $3, $4::text::refund_line_kind, $5, $6, $7, $8, 'EUR')
"""
# Currency; total, tax and rate of each line; cost, tax and rate of shipping.
Amounts = tuple[str, str, str]
ORDERS: dict[str, tuple[str, list[Amounts], Amounts]] = {
    "one rate": ("EUR", [("11.90", "1.90", "0.19")], ("5.95", "0.95", "0.19")),
    "two rates": ("EUR", [("11.90", "1.90", "0.19"), ("10.70", "0.70", "0.07")], ("5.00", "0.00", "0")),
    "free": ("EUR", [("0.00", "0.00", "0.19")], ("0.00", "0.00", "0")),
    "no tax": ("JPY", [("1080", "0", "0")], ("500", "0", "0")),
    "only shipping": ("EUR", [("0.00", "0.00", "0.19")], ("5.95", "0.95", "0.19")),
    "less than a cent of tax": ("EUR", [("0.02", "0.00", "0.19")], ("0.01", "0.00", "0.19")),
}
EXPECTED: dict[str, list[Any]] = {
    "one rate": [(True, "Tax", "0.19", "10.00", "1.90"), (False, "Tax", "0.19", "5.00", "0.95")],
    "two rates": [
        (True, "Tax", "0.19", "10.00", "1.90"),
        (True, "Tax", "0.07", "10.00", "0.70"),
        (False, "", "0", "5.00", "0"),
    ],
    "free": [],
    "no tax": [(True, "", "0", "1080", "0"), (False, "", "0", "500", "0")],
    "only shipping": [(False, "Tax", "0.19", "5.00", "0.95")],
    "less than a cent of tax": [(True, "Tax", "0.19", "0.02", "0"), (False, "Tax", "0.19", "0.01", "0")],
}
ROWS = """
select o.order_number, t.order_item_id is not null, t.name, t.rate, t.taxable, t.amount
from order_taxes t join orders o on o.id = t.order_id and o.currency = t.currency
order by o.order_number, t.order_item_id is null, t.order_item_id
"""


def sum_of(amounts: list[Amounts], position: int) -> Decimal:
    return sum((Decimal(each[position]) for each in amounts), Decimal(0))


async def test_earlier_orders_have_the_rows_of_their_taxes_with_equal_sums(
    empty_database: str, tmp_path: Path
) -> None:
    await migrate(empty_database, folder=migrations_before(MIGRATION, tmp_path))
    async with connected(empty_database) as connection:
        for currency in ("EUR", "JPY"):
            company, category, product = (new_id() for _ in range(3))
            await connection.execute(COMPANY, company, currency.lower(), currency)
            await connection.execute(CATALOG, company, category, product, currency)
            for number, (of_order, lines, shipping) in ORDERS.items():
                if of_order != currency:
                    continue
                order, goods, tax = new_id(), sum_of(lines, 0), sum_of([*lines, shipping], 1)
                cost, rate = Decimal(shipping[0]), Decimal(shipping[2])
                amounts = (currency, goods, tax, cost, goods + cost, rate)
                await connection.execute(ORDER, order, company, number, *amounts)
                for total, line_tax, line_rate in lines:
                    figures = (Decimal(total), Decimal(line_rate), Decimal(line_tax), currency)
                    await connection.execute(ITEM, new_id(), company, order, product, *figures)
    await migrate(empty_database)
    async with connected(empty_database) as connection:
        found: dict[str, list[Any]] = {number: [] for number in ORDERS}
        for number, *row in await connection.fetch(ROWS):
            found[number].append(tuple(row))
        assert found == {
            number: [(*row[:2], *map(Decimal, row[2:])) for row in rows] for number, rows in EXPECTED.items()
        }
        assert [await connection.fetch(rule.query) for rule in INVARIANTS] == [[], []]


async def test_lines_of_earlier_refunds_have_the_rates_of_what_they_give_back(
    empty_database: str, tmp_path: Path
) -> None:
    await migrate(empty_database, folder=migrations_before(MIGRATION, tmp_path))
    async with connected(empty_database) as connection:
        company, category, product, order, item, payment, refund = (new_id() for _ in range(7))
        await connection.execute(COMPANY, company, "shop", "EUR")
        await connection.execute(CATALOG, company, category, product, "EUR")
        figures = [Decimal(each) for each in ("10.70", "1.65", "9.30", "20.00", "0.19")]
        await connection.execute(ORDER, order, company, "1", "EUR", *figures)
        line = (Decimal("10.70"), Decimal("0.07"), Decimal("0.70"), "EUR")
        await connection.execute(ITEM, item, company, order, product, *line)
        await connection.execute(PAYMENT, payment, company, order)
        await connection.execute(REFUND, refund, company, payment, order)
        for kind, item_id, quantity, amount, tax in (
            ("ITEM", item, 1, "5.35", "0.35"),
            ("SHIPPING", None, None, "1.19", "0.19"),
            ("ADJUSTMENT", None, None, "-0.54", "0"),
        ):
            amounts = (item_id, quantity, Decimal(amount), Decimal(tax))
            await connection.execute(LINE, company, refund, order, kind, *amounts)
    await migrate(empty_database)
    async with connected(empty_database) as connection:
        rows: list[Any] = await connection.fetch("select kind::text, tax_rate from refund_lines order by kind")
        assert dict(rows) == {"ITEM": Decimal("0.07"), "SHIPPING": Decimal("0.19"), "ADJUSTMENT": Decimal(0)}
