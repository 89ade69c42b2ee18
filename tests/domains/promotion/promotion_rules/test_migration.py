"""The migration of promotion rules: earlier promotions have a status and a rule, and give the same totals."""

from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from domains.kernel.ids import new_id
from domains.promotion.models import DiscountType, PromotionType
from domains.promotion.promotion_rules.stored import in_order
from domains.promotion.rules import Buyer, DiscountRule, PricedLine
from gateway.infra.migrations import migrate
from gateway.infra.postgres import connected
from tests.domains.pricing.quote_laws import NOW
from tests.domains.pricing.sale_terms import SaleTerms
from tests.gateway.infra.migrations.earlier_migrations import migrations_before

MIGRATION = "20261201010000_promotion_rules"
COMPANY = "insert into companies (id, name, slug, currency, updated_at) values ($1, 'Shop', 'shop', 'EUR', now())"
PROMOTION = """
insert into promotions (id, company_id, name, code, type, discount_type, currency, buy_quantity, get_quantity,
  discount_value, is_active, start_date, updated_at)
values ($1::uuid, $2, 'P', $1::text, 'SEASONAL', $3::discount_type, 'EUR', $4, $5, $6, $7, '2026-01-01', now())
"""
MIGRATED = """
select p.id, p.status, p.discount_type, p.discount_value, array_agg(r.rule_type) as types,
  array_agg(array[r.conditions::text, r.actions::text]) as rules
from promotions p left join promotion_rules r on r.promotion_id = p.id and r.company_id = p.company_id group by p.id
"""
KEYS = [str(UUID(int=number)) for number in range(1, 6)]
Quantities = tuple[int, int]


async def test_a_promotion_gives_the_same_totals_after_the_migration(empty_database: str, tmp_path: Path) -> None:
    await migrate(empty_database, folder=migrations_before(MIGRATION, tmp_path))
    company = new_id()
    quantities = {new_id(): (buy, get) for buy in (1, 2, 3) for get in (1, 2, 5)}
    tenth = new_id()
    async with connected(empty_database) as connection:
        await connection.execute(COMPANY, company)
        for promotion_id, (buy, get) in quantities.items():
            kind = (DiscountType.BUY_X_GET_Y.value, buy, get, Decimal(0))
            await connection.execute(PROMOTION, promotion_id, company, *kind, buy != 2)
        await connection.execute(PROMOTION, tenth, company, "PERCENTAGE", None, None, Decimal(10), True)
    await migrate(empty_database)
    async with connected(empty_database) as connection:
        rows: list[Any] = await connection.fetch(MIGRATED)
        statuses = {row["id"]: row["status"] for row in rows}
        rules: dict[UUID, Any] = {
            row["promotion_id"]: row
            for row in await connection.fetch(
                "select promotion_id, id, rule_type, conditions::jsonb, actions::jsonb, priority from promotion_rules"
            )
        }
    assert statuses == {tenth: "ACTIVE"} | {
        each: "PAUSED" if buy == 2 else "ACTIVE" for each, (buy, _) in quantities.items()
    }
    assert rules.keys() == quantities.keys()
    for promotion_id, (buy, get) in quantities.items():
        for seed in range(50):
            require_same_totals(promotion_id, (buy, get), rules[promotion_id], Random(seed))  # noqa: S311 - not secret


def require_same_totals(promotion_id: UUID, quantities: Quantities, row: Any, random: Random) -> None:
    """The discounts of a random cart are what the version before took off, by its own computation."""
    lines = [
        PricedLine(
            UUID(int=n), UUID(int=n), None, frozenset(), random.randrange(1, 9), Decimal(random.randrange(1, 999))
        )
        for n in range(1, random.randrange(2, 6))
    ]
    discount = DiscountRule(
        id=promotion_id,
        name="P",
        type=PromotionType.SEASONAL,
        discount_type=DiscountType.BUY_X_GET_Y,
        currency="EUR",
        start_date=NOW,
        rules=in_order([tuple(row)[1:]]),
    )
    totals = SaleTerms().quote(lines, [discount], Buyer(), NOW)
    assert [line.discount for line in totals.lines] == earlier_discounts(lines, *quantities)


def earlier_discounts(lines: list[PricedLine], buy: int, get: int) -> list[Decimal]:
    """The amounts that the two columns meant: the cheapest units were free."""
    sets, rest = divmod(sum(line.quantity for line in lines), buy + get)
    free = sets * get + max(0, rest - buy)
    discounts = [Decimal(0)] * len(lines)
    for index in sorted(range(len(lines)), key=lambda index: lines[index].unit_price):
        units = min(free, lines[index].quantity)
        free -= units
        discounts[index] = units * lines[index].unit_price
    return discounts
