"""The migration of adjustments: the discounts of earlier orders are rows, which explain each line and shipping."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from domains.kernel.ids import new_id
from domains.order.invariants import INVARIANTS
from gateway.infra.migrations import migrate
from gateway.infra.postgres import connected
from tests.gateway.infra.migrations.earlier_migrations import migrations_before
from tests.gateway.infra.migrations.test_tax_rates_migration import CATALOG, COMPANY

MIGRATION: Final = "20261201020000_segments_and_adjustments"
PROMOTION: Final = """
insert into promotions (id, company_id, name, code, is_automatic, type, discount_type, discount_value, currency,
  start_date, updated_at)
values ($1, $2, $3, $4, $4::text is null, 'SEASONAL', 'PERCENTAGE', 10, 'EUR', now(), now())
"""
ORDER: Final = """
insert into orders (id, company_id, order_number, email, currency, subtotal, tax_amount, shipping_cost,
  discount_amount, total, tax_rate, prices_include_tax, updated_at)
values ($1, $2, $3, 'ada@example.com', 'EUR', 30, 0, 2, $4, 32 - $4::numeric, 0, true, now())
"""
ITEM: Final = """
insert into order_items (id, company_id, order_id, product_id, product_name, sku, quantity, unit_price,
  discount_amount, total_price, currency, product_snapshot)
values ($1, $2, $3, $4, 'P', 'P', 1, $5, $6, $5::numeric - $6::numeric, 'EUR', $7)
"""
REDEEMED: Final = """
insert into order_promotions (id, company_id, order_id, promotion_id, promo_code, promotion_name, discount_amount,
  currency) values ($1, $2, $3, $4, $5, $6, $7, 'EUR')
"""
STORED: Final = """
select a.order_item_id, a.source_type::text, a.source_id, a.code, a.name, a.description, a.amount, a.currency,
  a.created_by, a.created_at = o.created_at as is_of_the_order
from order_adjustments a join orders o on o.id = a.order_id where o.order_number = $1 order by a.id
"""
AMOUNTS: Final = (
    "select subtotal, tax_amount, shipping_cost, discount_amount, total from orders order by order_number"
)
RULES: Final = [invariant for invariant in INVARIANTS if "adjustments" in invariant.query]


def snapshot(*discounts: tuple[Any, str, str | None, str, str]) -> dict[str, Any]:
    """The snapshot of a line with its discounts, as the version before stored them."""
    names = ("promotion_id", "name", "code", "amount", "explanation")
    stored = [dict(zip(names, (str(each[0]), *each[1:]), strict=True)) for each in discounts]
    return {"slug": "p", "discounts": stored}


async def test_the_discounts_of_earlier_orders_are_rows(empty_database: str, tmp_path: Path) -> None:
    await migrate(empty_database, folder=migrations_before(MIGRATION, tmp_path))
    company, category, product, spring, parcels, order, old, first, second, third = (new_id() for _ in range(10))
    ten, bulk = (spring, "Spring", None, "1.00", "10 % off"), (parcels, "Parcels", "SEND", "0.50", "0.50 EUR off")
    async with connected(empty_database) as connection:
        run = connection.execute
        await run(COMPANY, company, "shop", "EUR")
        await run(CATALOG, company, category, product, "EUR")
        await run(PROMOTION, spring, company, "Spring", None)
        await run(PROMOTION, parcels, company, "Parcels", "SEND")
        await run(ORDER, order, company, "1", Decimal("3.50"))
        await run(ITEM, first, company, order, product, Decimal(10), Decimal("1.50"), snapshot(ten, bulk))
        other = (spring, "Spring", None, "2.00", "10 % off")
        await run(ITEM, second, company, order, product, Decimal(20), Decimal("2.00"), snapshot(other))
        await run(REDEEMED, new_id(), company, order, spring, None, "Spring", Decimal("3.00"))
        await run(REDEEMED, new_id(), company, order, parcels, "SEND", "Parcels", Decimal("4.50"))
        await run(ORDER, old, company, "2", Decimal(5))
        await run(ITEM, third, company, old, product, Decimal(30), Decimal(5), {})
        await run(REDEEMED, new_id(), company, old, spring, None, "Spring", Decimal(5))
        before = [tuple(row) for row in await connection.fetch(AMOUNTS)]
    await migrate(empty_database)
    async with connected(empty_database) as connection:
        rows = [tuple(row) for row in await connection.fetch(STORED, "1")]
        assert rows == [
            (first, "PROMOTION", spring, None, "Spring", "10 % off", Decimal(1), "EUR", None, True),
            (first, "PROMOTION", parcels, "SEND", "Parcels", "0.50 EUR off", Decimal("0.5"), "EUR", None, True),
            (second, "PROMOTION", spring, None, "Spring", "10 % off", Decimal(2), "EUR", None, True),
            (None, "PROMOTION", parcels, "SEND", "Parcels", "Free shipping", Decimal(4), "EUR", None, True),
        ]
        rows = [tuple(row) for row in await connection.fetch(STORED, "2")]
        assert rows == [(third, "PROMOTION", spring, None, "Spring", "Spring", Decimal(5), "EUR", None, True)]
        assert [tuple(row) for row in await connection.fetch(AMOUNTS)] == before
        snapshots = await connection.fetch("select product_snapshot::text from order_items order by id")
        assert [json.loads(row[0]) for row in snapshots] == [{"slug": "p"}, {"slug": "p"}, {}]
        assert [list(await connection.fetch(rule.query)) for rule in RULES] == [[]] * len(RULES)
        assert len(RULES) == 2
