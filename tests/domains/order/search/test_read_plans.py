"""Query plans: with many orders, lists of customers and staff are read from an index."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import pytest

from domains.kernel.actor import Actor, ActorKind
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Tx
from domains.kernel.ids import new_id
from domains.kernel.pagination.pages import PageArgs, encode_cursor
from domains.order import sql
from domains.order.models import OrderFilter, OrderStatus
from domains.order.search import index as search_index
from domains.order.search.listing import OrderSort
from domains.order.search.sort_keys import RANKS, total_key
from tests.databases import Server
from tests.domains.query_plans import RowPlanReader, filling, nodes, scans, two_big_companies, whole_tables_read
from tests.gateway.site import services_of

EACH = 20_000
FILL = (
    """
    insert into orders (id, company_id, order_number, user_id, email, status, currency, subtotal, tax_amount,
      shipping_cost, discount_amount, total, tax_rate, prices_include_tax, created_at, updated_at)
    select md5($1 || i)::uuid, $1::uuid, 'N' || lpad(i::text, 6, '0'), md5('u' || i % 2000)::uuid,
      i % 2000 || '@example.com', case when i % 100 = 0 then 'CONFIRMED' else 'DELIVERED' end::order_status, 'EUR',
      i % 500, 0, 0, 0, i % 500, 0, true, timestamptz '2026-01-01' + i * interval '1 minute', now()
    from generate_series(1, $2::int) i
    """,
    """
    insert into order_items (id, company_id, order_id, product_id, product_name, sku, quantity, unit_price,
      discount_amount, tax_amount, total_price, currency, product_snapshot)
    select md5(id::text || 'i')::uuid, company_id, id, md5('p' || total)::uuid, 'P', 'P' || total, 1, total, 0, 0,
      total, 'EUR', '{}' from orders where company_id = $1::text::uuid and $2 > 0
    """,
    """
    insert into payments (id, company_id, order_id, provider, method, status, amount, currency,
      provider_transaction_id, settled_at, updated_at)
    select md5(id::text || 'p')::uuid, company_id, id, 'MOCK', 'CARD', 'SUCCEEDED', 1, 'EUR', id::text, now(), now()
    from orders where company_id = $1::text::uuid and $2 > 0
    """,
    """
    insert into order_promotions (id, company_id, order_id, promotion_id, discount_amount, currency, promotion_name)
    select md5(id::text || 'd')::uuid, company_id, id, md5('d' || total)::uuid, 1, 'EUR', 'P'
    from orders where company_id = $1::text::uuid and $2 > 0
    """,
    # Each order has terms of its own, and one that every tenth has.
    f"""
    insert into order_search (order_id, company_id, terms, version)
    select id, company_id, array['nobody', 'aaan' || id, 'aaan' || right(order_number, 1)], {search_index.VERSION}
    from orders where company_id = $1::text::uuid and $2 > 0
    """,  # noqa: S608 - a constant
)
TABLES = ("orders", "order_items", "payments", "order_promotions", "order_search")
AT = datetime(2026, 1, 5, tzinfo=UTC)
BY_STATUS = "orders_company_id_status_rank_created_at_id_idx"
BY_TOTAL = "orders_company_id_total_key_id_idx"
ONE = OrderFilter(statuses=(OrderStatus.CONFIRMED,))
COMMON = OrderFilter(statuses=(OrderStatus.DELIVERED,))
TWO = OrderFilter(statuses=(OrderStatus.CONFIRMED, OrderStatus.DELIVERED))
ABSENT = OrderFilter(statuses=(OrderStatus.SHIPPED, OrderStatus.PAID))
TOTALS = OrderFilter(total_at_least=Decimal(20), total_at_most=Decimal(21))
DELIVERED = RANKS[OrderStatus.DELIVERED]


@pytest.fixture(scope="module")
async def planner(server: Server) -> AsyncIterator[RowPlanReader]:
    """What plans statements in one of two big companies."""
    async with two_big_companies(server, filling(TABLES, FILL, EACH)) as (pool, company_id):
        yield RowPlanReader(pool, company_id)


def company_of(planner: RowPlanReader) -> UUID:
    assert planner.company_id is not None
    return planner.company_id


def reads(planner: RowPlanReader) -> list[dict[str, Any]]:
    """The steps that read orders, and how."""
    steps = [node for plan in planner.plans for node in nodes(plan)]
    return [node for node in steps if node.get("Relation Name") == "orders"]


async def test_lists_of_orders_are_read_from_an_index(
    planner: RowPlanReader, database: Database, clock: FixedClock
) -> None:
    orders = services_of(clock, database).order
    staff = Actor.system(company_of(planner))
    customer = Actor(ActorKind.USER, company_of(planner), user_id=new_id())
    planner.plans = []
    for sort in OrderSort:
        for descending in (True, False):
            await orders.get_user_orders(planner, staff, PageArgs(), None, sort, descending=descending)
    for name, values in (
        ("created_at:desc", [AT]),
        ("order_number:desc", ["N000900"]),
        ("total:desc", [total_key(Decimal(7))]),
        ("status:desc", [RANKS[OrderStatus.CONFIRMED], AT]),
    ):
        after = encode_cursor(name, [*values, new_id()])
        await orders.get_user_orders(planner, staff, PageArgs(after=after), None, OrderSort(name.split(":")[0]))
    for wanted in (
        OrderFilter(search="N00012"),
        OrderFilter(search="Muller 80331"),
        OrderFilter(search="Muller", statuses=(OrderStatus.DELIVERED,)),
        OrderFilter(statuses=(OrderStatus.CONFIRMED,)),
        OrderFilter(statuses=(OrderStatus.CONFIRMED,), is_paid=False),
        OrderFilter(user_id=new_id()),
        OrderFilter(total_at_least=Decimal(20), total_at_most=Decimal(21)),
        OrderFilter(created_from=AT, created_before=AT),
        OrderFilter(product_id=new_id()),
        OrderFilter(promotion_id=new_id()),
    ):
        await orders.get_user_orders(planner, staff, PageArgs(), wanted)
    await orders.get_user_orders(planner, customer, PageArgs())

    assert len(scans(planner, TABLES)) > 20
    assert whole_tables_read(planner, TABLES) == []


async def test_an_order_search_uses_the_index_of_terms(
    planner: RowPlanReader, database: Database, clock: FixedClock
) -> None:
    """Then the orders by their ids: row security leaves both indexes in use."""
    orders = services_of(clock, database).order
    planner.plans = []
    for wanted in (OrderFilter(search="muller"), OrderFilter(search="0171 1234567")):
        for sort in OrderSort:
            await orders.get_user_orders(planner, Actor.system(company_of(planner)), PageArgs(), wanted, sort)
    indexes = [node["Index Name"] for plan in planner.plans for node in nodes(plan) if "Index Name" in node]
    assert indexes.count("order_search_terms_idx") == 8
    assert whole_tables_read(planner, TABLES) == []
    assert {read["Node Type"] for read in reads(planner)} == {"Bitmap Heap Scan"}


async def test_orders_to_be_indexed_are_found_from_an_index(planner: RowPlanReader) -> None:
    planner.plans = []
    await search_index.index_outdated(cast("Tx", planner))
    assert whole_tables_read(planner, TABLES) == []


async def test_refunded_unshipped_orders_have_their_own_index(planner: RowPlanReader) -> None:
    """There is none in a shop where all were delivered: the job must not read them to know."""
    planner.plans = []
    await sql.next_refunded(cast("Tx", planner), [])
    (read,) = reads(planner)
    assert read["Index Name"] == "orders_refunded_unshipped"


async def test_a_page_of_orders_needs_no_sort(planner: RowPlanReader, database: Database, clock: FixedClock) -> None:
    """Each page is read in the order of its index."""
    orders = services_of(clock, database).order
    staff = Actor.system(company_of(planner))
    planner.plans = []
    for sort in OrderSort:
        await orders.get_user_orders(planner, staff, PageArgs(), None, sort)
    sorts = [node for plan in planner.plans for node in nodes(plan) if node["Node Type"] == "Sort"]
    assert sorts == []


@pytest.mark.parametrize(
    ("sort", "wanted", "after", "index", "conditions"),
    [
        (OrderSort.CREATED_AT, ONE, None, BY_STATUS, ["status_rank ="]),
        (OrderSort.CREATED_AT, COMMON, None, BY_STATUS, ["status_rank ="]),
        (OrderSort.CREATED_AT, TWO, None, BY_STATUS, ["status_rank ="]),
        (OrderSort.CREATED_AT, ABSENT, None, BY_STATUS, ["status_rank ="]),
        (OrderSort.CREATED_AT, TWO, [AT], BY_STATUS, ["status_rank =", "ROW(created_at, id) <"]),
        (OrderSort.STATUS, None, [DELIVERED, AT], BY_STATUS, ["ROW(status_rank, created_at, id) <"]),
        (OrderSort.STATUS, ONE, [DELIVERED, AT], BY_STATUS, ["status_rank =", "ROW(created_at, id) <"]),
        (OrderSort.STATUS, TWO, [DELIVERED, AT], BY_STATUS, ["status_rank =", "ROW(created_at, id) <"]),
        (OrderSort.TOTAL, None, [total_key(Decimal(7))], BY_TOTAL, ["ROW(total_key, id) <"]),
        (OrderSort.TOTAL, TOTALS, None, BY_TOTAL, ["total_key >=", "total_key <="]),
        (OrderSort.CREATED_AT, TOTALS, None, BY_TOTAL, ["total_key >=", "total_key <="]),
    ],
)
async def test_staff_lists_read_only_the_listed_orders(
    planner: RowPlanReader,
    database: Database,
    clock: FixedClock,
    sort: OrderSort,
    wanted: OrderFilter | None,
    after: list[Any] | None,
    index: str,
    conditions: list[str],
) -> None:
    """The index answers the filter and the cursor, so none of the orders it yields is thrown away."""
    orders = services_of(clock, database).order
    args = PageArgs(after=encode_cursor(f"{sort}:desc", [*after, new_id()]) if after else None)
    planner.plans = []
    await orders.get_user_orders(planner, Actor.system(company_of(planner)), args, wanted, sort)
    (read,) = reads(planner)
    assert read["Index Name"] == index
    assert [condition for condition in conditions if condition not in read["Index Cond"]] == []
    assert "Filter" not in read


@pytest.mark.parametrize("wanted", [ONE, COMMON, TWO, TOTALS])
async def test_customer_lists_read_only_their_own_orders(
    planner: RowPlanReader, database: Database, clock: FixedClock, wanted: OrderFilter
) -> None:
    """Some of these few rows may be filtered out, but no rows of other customers are read."""
    orders = services_of(clock, database).order
    customer = Actor(ActorKind.USER, company_of(planner), user_id=new_id())
    planner.plans = []
    await orders.get_user_orders(planner, customer, PageArgs(), wanted)
    (read,) = reads(planner)
    assert "user_id =" in str(read.get("Index Cond", read.get("Recheck Cond")))
