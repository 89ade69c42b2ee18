"""Query plans: with many orders, single ones and those for jobs are read from an index."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from domains.kernel.actor import Actor, ActorKind
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.ids import new_id
from domains.kernel.prisma.runtime import fetch_parts
from domains.order import sql
from domains.order.errors import OrderNotFound
from domains.order.service import OrderService
from gateway.services import Services
from tests.databases import Server
from tests.domains.query_plans import RowPlanReader, filling, nodes, two_big_companies, whole_tables_read
from tests.gateway.site import services_of

EACH = 5_000
# Most orders were delivered long ago; of each hundred, one or two stand anywhere else. A customer has twenty.
FILL = (
    """
    insert into orders (id, company_id, order_number, user_id, email, guest_token_hash, status, currency, subtotal,
        tax_amount, shipping_cost, discount_amount, total, tax_rate, prices_include_tax, shipping_address_id,
        created_at, updated_at, expires_at, paid_at)
    select md5($1 || 'o' || i)::uuid, $1::uuid, 'N-' || lpad(i::text, 8, '0'),
           case when i % 5 > 0 then md5($1 || 'u' || i % 500)::uuid end, 'buyer' || i % 500 || '@example.com',
           case when i % 5 = 0 then encode(sha256(convert_to($1 || i, 'UTF8')), 'hex') end,
           coalesce((array['PENDING', 'PAID', 'PROCESSING', 'SHIPPED', 'FAILED'])[i % 100 + 1],
                    'DELIVERED')::order_status,
           'EUR', i * 7919 % 100000 / 100.0, 0, 0, 0, i * 7919 % 100000 / 100.0, 0, true, md5($1 || 'a' || i)::uuid,
           timestamptz '2026-01-01' + i * 31 % $2 * interval '7 minutes', now(),
           timestamptz '2026-01-01' + i * 31 % $2 * interval '7 minutes' + interval '30 minutes',
           case when i % 100 between 1 and 98 then now() end
    from (select generate_series(1, $2::int) as i) n
    """,
    """
    insert into order_addresses (id, company_id, full_name, address_line_1, city, postal_code, country)
    select shipping_address_id, company_id, 'A', '1 Way', 'Bonn', '53111', 'DE'
    from orders where company_id = $1::text::uuid and $2 > 0
    """,
    """
    insert into order_items (id, company_id, order_id, product_id, product_name, sku, quantity, unit_price,
        discount_amount, tax_amount, total_price, currency, product_snapshot)
    select md5(id::text || n)::uuid, company_id, id, md5(id::text || 'p' || n)::uuid, 'P', 'P' || n, 1, 1, 0, 0, 1,
        'EUR', '{}' from orders, generate_series(1, 2) n where company_id = $1::text::uuid and $2 > 0
    """,
    """
    insert into order_status_history (id, company_id, order_id, to_status, actor_kind)
    select md5(id::text || 'h' || n)::uuid, company_id, id, 'PENDING', 'SYSTEM'
    from orders, generate_series(1, 3) n where company_id = $1::text::uuid and $2 > 0
    """,
    """
    insert into order_promotions (id, company_id, order_id, promotion_id, promotion_name, discount_amount, currency)
    select md5(id::text || 'd')::uuid, company_id, id, id, 'P', 1, 'EUR'
    from orders where company_id = $1::text::uuid and $2 > 0
    """,
    """
    insert into payments (id, company_id, order_id, provider, method, status, amount, currency, updated_at,
        provider_transaction_id, settled_at)
    select id, company_id, id, 'MOCK', 'CARD', 'SUCCEEDED', 1, 'EUR', now(), id::text, now()
    from orders where company_id = $1::text::uuid and $2 > 0
    """,
    """
    insert into refunds (id, company_id, payment_id, order_id, amount, currency, status, actor_kind, updated_at,
        settled_at)
    select id, company_id, id, id, 1, 'EUR', 'SUCCEEDED', 'SYSTEM', now(), now()
    from payments where company_id = $1::text::uuid and $2 > 0
    """,
)
TABLES = (
    *("orders", "order_addresses", "order_items", "order_status_history", "order_promotions"),
    *("payments", "refunds"),
)
DAY = datetime(2026, 1, 20, tzinfo=UTC)


@pytest.fixture(scope="module")
async def planner(server: Server) -> AsyncIterator[RowPlanReader]:
    """What plans statements in one of two big companies."""
    async with two_big_companies(server, filling(TABLES, FILL, EACH)) as (pool, company_id):
        yield RowPlanReader(pool, company_id)


@pytest.fixture
def services(database: Database, clock: FixedClock) -> Services:
    return services_of(clock, database)


@pytest.fixture
def orders(services: Services, planner: RowPlanReader) -> OrderService:
    planner.plans = []
    return services.order


async def test_an_order_and_its_relations_are_read_from_an_index(
    planner: RowPlanReader, orders: OrderService, services: Services
) -> None:
    assert planner.company_id is not None
    actor = Actor(ActorKind.USER, planner.company_id, user_id=new_id())
    ids = [new_id() for _ in range(20)]
    for find in (
        orders.get_order_by_id(planner, actor, ids[0]),
        orders.get_order_by_number(planner, actor, "N-00000001"),
        orders.get_order_by_token(planner, "token"),
    ):
        with pytest.raises(OrderNotFound):
            await find
    await orders.orders_by_id(planner, ids)
    await orders.items_of(planner, ids)
    await orders.history_of(planner, ids)
    await orders.promotions_of(planner, ids)
    await orders.addresses_by_id(planner, ids)
    await services.payment.payments_of(planner, ids)
    await services.payment.refunds.of_payments(planner, ids)
    await services.payment.balances_of(planner, ids)
    assert len(planner.plans) == 11
    assert whole_tables_read(planner, TABLES) == []


async def test_orders_for_jobs_and_exports_are_found_from_an_index(
    planner: RowPlanReader, orders: OrderService, services: Services
) -> None:
    tx: Any = planner
    await sql.next_expired(tx, DAY, [])
    (locked,) = await fetch_parts(tx, [sql.locked_with_lines(tx, new_id())])
    with pytest.raises(OrderNotFound):
        sql.order_with_lines(locked)
    await sql.export_after(planner, DAY, new_id(), 250, "", ())
    await services.payment.reconciliation.due_payments(planner)
    await services.payment.reconciliation.due_refunds(planner)
    assert whole_tables_read(planner, TABLES) == []
    found = [[node["Index Name"] for node in nodes(plan) if "Index Name" in node] for plan in planner.plans]
    # Of what is open alone: what was settled long ago costs a job nothing.
    assert [found[0], *found[3:]] == [["orders_open"], ["payments_open"], ["refunds_open"]]
