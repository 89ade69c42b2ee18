"""In a shop with many orders, lists and single orders are read by index, as the gateway's role reads them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domains.kernel.actor import Actor, ActorKind
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.ids import new_id
from domains.kernel.listing import Sort
from domains.kernel.pagination import PageArgs, encode_cursor
from domains.order import finding, queries
from domains.order.errors import OrderNotFound
from domains.order.models import OrderFilter, OrderStatus
from domains.order.service import OrderService
from gateway.infra.postgres import open_pool
from gateway.services import Services
from tests.conftest import make_company
from tests.databases import Server
from tests.domains.catalog.crowd import nodes
from tests.domains.inventory.test_read_plans import RowPlanReader
from tests.gateway.asking import services_of

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
NEWEST, NUMBER, TOTAL = finding.NEWEST, finding.BY_NUMBER, finding.BY_TOTAL
SORTS = [sort.running(descending=down) for sort in (NEWEST, NUMBER, TOTAL) for down in (True, False)]
FILTERS = {
    "all": OrderFilter(),
    "by status": OrderFilter(statuses=(OrderStatus.PENDING,)),
    "by statuses": OrderFilter(statuses=(OrderStatus.PAID, OrderStatus.PROCESSING)),
    "by date": OrderFilter(created_from=DAY, created_before=DAY + timedelta(days=1)),
    "since a date": OrderFilter(created_from=DAY),
    "of a customer": OrderFilter(user_id=new_id()),
    "paid": OrderFilter(is_paid=True),
    "not paid": OrderFilter(is_paid=False),
    "by number": OrderFilter(search="N-0000123"),
    "by e-mail address": OrderFilter(search="Buyer123@example"),
    "one's own": OrderFilter(mine=True),
}


@pytest.fixture(scope="module")
async def planner(server: Server) -> AsyncIterator[RowPlanReader]:
    """What plans statements in one of two big companies."""
    async with server.database(await server.template()) as url:
        owner = await open_pool(url, role=None, size=1)
        companies = [await make_company(owner), await make_company(owner)]
        await owner.execute("set session_replication_role = replica; set synchronous_commit = off")
        for company_id in companies:
            for statement in FILL:
                await owner.execute(statement, str(company_id), EACH)
        for table in TABLES:
            await owner.execute(f"vacuum analyze {table}")
        await owner.close()
        pool = await open_pool(url, size=2)
        yield RowPlanReader(pool, companies[0])
        await pool.close()


@pytest.fixture
def services(database: Database, clock: FixedClock) -> Services:
    return services_of(clock, database)


@pytest.fixture
def orders(services: Services, planner: RowPlanReader) -> OrderService:
    planner.plans = []
    return services.order


def whole_tables_read(planner: RowPlanReader) -> list[str]:
    seen = [node for plan in planner.plans for node in nodes(plan) if node.get("Relation Name") in TABLES]
    assert seen
    return [node["Relation Name"] for node in seen if node["Node Type"] == "Seq Scan"]


def next_page(sort: Sort) -> PageArgs:
    """The page after some order."""
    value: Any = {"created_at": DAY, "order_number": "N-00005000", "total": "500.0000"}[sort.column]
    return PageArgs(first=20, after=encode_cursor(sort.name, [value, new_id()]))


def customer(planner: RowPlanReader) -> Actor:
    assert planner.company_id is not None
    return Actor(ActorKind.USER, planner.company_id, user_id=new_id())


@pytest.mark.parametrize("sort", SORTS, ids=lambda sort: sort.name)
@pytest.mark.parametrize("wanted", FILTERS.values(), ids=FILTERS)
async def test_a_page_of_orders_is_read_by_an_index(
    planner: RowPlanReader, orders: OrderService, wanted: OrderFilter, sort: Sort
) -> None:
    somebody = customer(planner)
    assert planner.company_id is not None
    everybody = Actor(ActorKind.SYSTEM, planner.company_id, user_id=somebody.user_id)
    pages = (PageArgs(first=20), next_page(sort), PageArgs(last=20))
    for args in pages:
        await orders.get_user_orders(planner, everybody, args, wanted, sort)
        if wanted.user_id is None:
            await orders.get_user_orders(planner, somebody, args, wanted, sort)
    assert len(planner.plans) == len(pages) * (2 if wanted.user_id is None else 1)
    assert whole_tables_read(planner) == []


@pytest.mark.parametrize(
    ("whose", "wanted", "sort", "index"),
    [
        ("all", "all", NEWEST, "orders_company_id_created_at_id_idx"),
        ("all", "by date", NEWEST, "orders_company_id_created_at_id_idx"),
        ("all", "of a customer", NEWEST, "orders_company_id_user_id_created_at_id_idx"),
        ("all", "all", TOTAL, "orders_company_id_total_id_idx"),
        ("own", "all", NEWEST, "orders_company_id_user_id_created_at_id_idx"),
    ],
)
async def test_the_usual_pages_come_in_order_from_an_index_of_their_own(
    planner: RowPlanReader, orders: OrderService, whose: str, wanted: str, sort: Sort, index: str
) -> None:
    assert planner.company_id is not None
    actor = customer(planner) if whose == "own" else Actor.system(planner.company_id)
    for args in (PageArgs(first=20), next_page(sort)):
        await orders.get_user_orders(planner, actor, args, FILTERS[wanted], sort)
    found = [list(nodes(plan)) for plan in planner.plans]
    # Besides what row security adds, a gate that is passed once.
    kinds = [[node["Node Type"] for node in plan if node["Node Type"] != "Result"] for plan in found]
    assert kinds == [["Limit", "Index Scan"]] * 2
    assert [plan[-1]["Index Name"] for plan in found] == [index] * 2


@pytest.mark.parametrize("wanted", ["by number", "by e-mail address"])
async def test_a_search_reads_what_it_finds_and_no_more(
    planner: RowPlanReader, orders: OrderService, wanted: str
) -> None:
    assert planner.company_id is not None
    for sort in SORTS:
        await orders.get_user_orders(planner, Actor.system(planner.company_id), PageArgs(), FILTERS[wanted], sort)
    found = [[node["Index Name"] for node in nodes(plan) if "Index Name" in node] for plan in planner.plans]
    assert found == [["orders_company_id_order_number_key", "orders_company_id_email_idx"]] * len(SORTS)


async def test_an_order_and_all_that_is_shown_of_it_is_read_by_an_index(
    planner: RowPlanReader, orders: OrderService, services: Services
) -> None:
    actor, ids = customer(planner), [new_id() for _ in range(20)]
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
    await services.payment.refunds_of(planner, ids)
    await services.payment.balances_of(planner, ids)
    assert len(planner.plans) == 11
    assert whole_tables_read(planner) == []


async def test_what_jobs_and_exports_look_for_is_found_by_an_index(
    planner: RowPlanReader, orders: OrderService, services: Services
) -> None:
    tx: Any = planner
    await queries.next_expired(tx, DAY)
    await queries.product_ids_of(tx, new_id())
    await queries.export_after(planner, DAY, new_id(), 250)
    await services.payment.unsettled(planner)
    await services.payment.unsettled_refunds(planner)
    assert whole_tables_read(planner) == []
    found = [[node["Index Name"] for node in nodes(plan) if "Index Name" in node] for plan in planner.plans]
    # Of what is open alone: what was settled long ago costs a job nothing.
    assert [found[0], *found[3:]] == [["orders_open"], ["payments_open"], ["refunds_open"]]
