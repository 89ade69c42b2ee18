"""Query plans: with many promotions and uses, those of carts and orders are read from an index."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from domains.kernel.ids import new_id
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.prisma.runtime import fetch_parts
from domains.kernel.prisma.statements import Part
from domains.promotion import sql
from domains.promotion.rules import BuyerIdentity
from domains.promotion.service import PromotionService
from tests.databases import Server
from tests.domains.query_plans import RowPlanReader, filling, scans, two_big_companies, whole_tables_read

EACH = 5_000
FILL = (
    """
    insert into promotions (id, company_id, name, code, type, discount_value, discount_type, currency, is_automatic,
                            start_date, end_date, updated_at)
    select md5($1 || i)::uuid, $1::uuid, 'P' || i, 'C' || i, 'SEASONAL', 10, 'PERCENTAGE', 'EUR', i % 500 = 0,
           timestamptz '2026-01-01' + i * interval '1 minute', timestamptz '2026-12-01', now()
    from generate_series(1, $2::int) i
    """,
    """
    insert into promotion_products (id, company_id, promotion_id, product_id)
    select md5(id::text || 'p')::uuid, company_id, id, id from promotions where company_id = $1::text::uuid and $2 > 0
    """,
    """
    insert into promotion_categories (id, company_id, promotion_id, category_id)
    select md5(id::text || 'c')::uuid, company_id, id, id from promotions where company_id = $1::text::uuid and $2 > 0
    """,
    """
    insert into promotion_rules (id, company_id, promotion_id, rule_type, conditions, actions, updated_at)
    select md5(id::text || 'r')::uuid, company_id, id, 'VOLUME_DISCOUNT', '{"scope": "LINE"}',
           '{"tiers": [{"from_quantity": 2, "percentage": "5"}]}', now()
    from promotions where company_id = $1::text::uuid and $2 > 0
    """,
    """
    insert into promotion_uses (id, company_id, promotion_id, order_id, user_id, email, address_key,
                                discount_amount, currency)
    select md5(id::text || n)::uuid, company_id, id, md5(id::text || 'o' || n)::uuid, md5(id::text || 'u')::uuid,
           id::text, id::text, 1, currency
    from promotions, generate_series(1, 3) n where company_id = $1::text::uuid and $2 > 0
    """,
    """
    insert into buyer_orders (company_id, order_id, email, user_id, paid_at)
    select company_id, id, id::text, md5(id::text || 'u')::uuid, now() from promotions
    where company_id = $1::text::uuid and $2 > 0
    """,
)
TABLES = (
    "promotions",
    "promotion_products",
    "promotion_categories",
    "promotion_rules",
    "promotion_uses",
    "buyer_orders",
)
NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
async def planner(server: Server) -> AsyncIterator[RowPlanReader]:
    """What plans statements in one of two big companies."""
    async with two_big_companies(server, filling(TABLES, FILL, EACH)) as (pool, company_id):
        yield RowPlanReader(pool, company_id)


async def test_promotions_of_carts_and_orders_are_read_from_an_index(
    planner: RowPlanReader, promotions: PromotionService
) -> None:
    planner.plans = []
    await fetch_parts(planner, [sql.candidates(planner, NOW, [new_id()])])
    await sql.find_by_code(planner, "C7")
    guest, keys = BuyerIdentity(email="a@example.com", address_keys=["x"]), ["x", "y"]
    await fetch_parts(planner, [sql.candidates_with_buyer(planner, NOW, [new_id()], guest)])
    customer = BuyerIdentity(user_id=new_id(), email="a@example.com", email_confirmed=True, address_keys=keys)
    await fetch_parts(planner, [sql.candidates_with_buyer(planner, NOW, [new_id()], customer)])
    codes = Part("codes as (select $1::uuid as promotion_id)", (new_id(),), "codes", "codes.*", 1)
    await fetch_parts(planner, [codes, sql.candidates_of_codes(planner, NOW, "codes", "C7")])
    await sql.find_buyers(planner, [new_id()], ["a@example.com"])
    await promotions.targets.product_ids_of(planner, [new_id()])
    await promotions.promotion_rules.of_promotions(planner, [new_id()])
    await promotions.promotions_by_id(planner, [new_id()])
    for order in ("created_at", "start_date", "name"):
        await promotions.find_promotions(planner, PageArgs(), order=order)

    assert len(scans(planner, TABLES)) > 12
    assert whole_tables_read(planner, TABLES) == []
