"""Query plans: with many coupons, codes and uses, those of carts and orders are read from an index."""

from collections.abc import AsyncIterator

import pytest

from domains.kernel.ids import new_id
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.prisma.runtime import fetch_parts
from domains.promotion.coupons import sql
from domains.promotion.coupons.coupons import Coupons
from domains.promotion.rules import BuyerIdentity
from tests.databases import Server
from tests.domains.query_plans import RowPlanReader, filling, scans, two_big_companies, whole_tables_read

EACH = 5_000
FILL = (
    """
    insert into coupons (id, company_id, name, code, type, discount_value, currency, segment_id, starts_at,
                         updated_at)
    select md5($1 || i)::uuid, $1::uuid, 'K' || i, case when i % 2 = 0 then 'C' || i end, 'PERCENTAGE', 10, 'EUR',
           md5($1 || i || 's')::uuid, timestamptz '2026-01-01' + i * interval '1 minute', now()
    from generate_series(1, $2::int) i
    """,
    """
    insert into coupon_codes (id, company_id, coupon_id, code)
    select md5(id::text || 'n')::uuid, company_id, id, 'N' || id from coupons
    where company_id = $1::text::uuid and $2 > 0 and code is null
    """,
    """
    insert into coupon_products (id, company_id, coupon_id, product_id)
    select md5(id::text || 'p')::uuid, company_id, id, id from coupons where company_id = $1::text::uuid and $2 > 0
    """,
    """
    insert into coupon_categories (id, company_id, coupon_id, category_id)
    select md5(id::text || 'c')::uuid, company_id, id, id from coupons where company_id = $1::text::uuid and $2 > 0
    """,
    """
    insert into coupon_usages (id, company_id, coupon_id, order_id, user_id, email, discount_amount, currency)
    select md5(id::text || n)::uuid, company_id, id, md5(id::text || 'o' || n)::uuid, md5(id::text || 'u')::uuid,
           id::text, 1, currency
    from coupons, generate_series(1, 3) n where company_id = $1::text::uuid and $2 > 0
    """,
    """
    insert into customer_segments (id, company_id, name, conditions, updated_at)
    select segment_id, company_id, name, '{"is_guest": true}', now() from coupons
    where company_id = $1::text::uuid and $2 > 0
    """,
    """
    insert into customer_segment_members (id, company_id, segment_id, user_id)
    select md5(id::text || 'm')::uuid, company_id, segment_id, md5(id::text || 'u')::uuid from coupons
    where company_id = $1::text::uuid and $2 > 0
    """,
    """
    insert into buyer_orders (company_id, order_id, email, user_id, paid_at)
    select company_id, id, id::text, md5(id::text || 'u')::uuid, now() from coupons
    where company_id = $1::text::uuid and $2 > 0
    """,
)
TABLES = (
    *("coupons", "coupon_codes", "coupon_products", "coupon_categories", "coupon_usages"),
    *("customer_segments", "customer_segment_members", "buyer_orders"),
)


@pytest.fixture(scope="module")
async def planner(server: Server) -> AsyncIterator[RowPlanReader]:
    """What plans statements in one of two big companies."""
    async with two_big_companies(server, filling(TABLES, FILL, EACH)) as (pool, company_id):
        yield RowPlanReader(pool, company_id)


async def test_coupons_of_carts_and_orders_are_read_from_an_index(planner: RowPlanReader, coupons: Coupons) -> None:
    planner.plans = []
    keys = [(new_id(), None), (new_id(), new_id())]
    await fetch_parts(planner, [sql.candidates(planner, keys)])
    for buyer in (
        BuyerIdentity(email="a@example.com"),
        BuyerIdentity(user_id=new_id(), email="a@example.com", email_confirmed=True),
    ):
        await fetch_parts(planner, [sql.candidates_with_buyer(planner, keys, buyer)])
    await fetch_parts(planner, [sql.candidates_of_code(planner, sql.NO_CODES, "C8")])
    await sql.coupons_of_code(planner, "C8")
    await coupons.usages(planner, PageArgs(), new_id())
    await coupons.codes.find(planner, PageArgs(), new_id())
    for order in ("created_at", "starts_at", "name"):
        await coupons.find(planner, PageArgs(), order=order)
    assert len(scans(planner, TABLES)) > 12
    assert whole_tables_read(planner, TABLES) == []
