"""Query plans: with 100,000 orders, lists by payment status and fulfilment status read only the listed orders."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor, ActorKind
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.ids import new_id
from domains.kernel.pagination.pages import PageArgs, encode_cursor
from domains.order.models import FulfilmentStatus, OrderFilter, OrderPaymentStatus, OrderStatus
from domains.order.search.listing import OrderSort
from tests.databases import Server
from tests.domains.query_plans import RowPlanReader, filling, nodes, two_big_companies, whole_tables_read
from tests.gateway.site import services_of

EACH = 50_000
# Most orders are paid and delivered; a hundredth is unpaid, a thousandth refunded and returned, the last are open.
FILL = (
    """
    insert into orders (id, company_id, order_number, user_id, email, status, payment_status, fulfilment_status,
      currency, subtotal, tax_amount, shipping_cost, discount_amount, total, tax_rate, prices_include_tax, created_at,
      updated_at)
    select md5($1 || i)::uuid, $1::uuid, 'N' || lpad(i::text, 6, '0'), md5('u' || i % 2000)::uuid,
      i % 2000 || '@example.com', 'DELIVERED',
      (case when i % 1000 = 0 then 'REFUNDED' when i % 100 = 0 then 'PENDING' else 'PAID' end)::order_payment_status,
      (case when i % 1000 = 0 then 'RETURNED' when i > $2::int - 200 then 'UNFULFILLED' else 'DELIVERED' end
      )::fulfilment_status,
      'EUR', i % 500, 0, 0, 0, i % 500, 0, true, timestamptz '2026-01-01' + i * interval '1 minute', now()
    from generate_series(1, $2::int) i
    """,
)
TABLES = ("orders",)
AT = datetime(2026, 1, 20, tzinfo=UTC)
INDEX = "orders_payment_and_fulfilment_idx"
PAIR = ["payment_status_rank =", "fulfilment_status_rank ="]
BEYOND = "ROW(created_at, id) <"
REFUNDED = OrderFilter(payment_statuses=(OrderPaymentStatus.REFUNDED,))
PAID = OrderFilter(payment_statuses=(OrderPaymentStatus.PAID,))
ABSENT = OrderFilter(payment_statuses=(OrderPaymentStatus.AUTHORIZED, OrderPaymentStatus.PARTIALLY_PAID))
UNFULFILLED = OrderFilter(fulfilment_statuses=(FulfilmentStatus.UNFULFILLED,))
DELIVERED = OrderFilter(fulfilment_statuses=(FulfilmentStatus.DELIVERED, FulfilmentStatus.FULFILLED))
TO_SHIP = OrderFilter(
    payment_statuses=(OrderPaymentStatus.PAID, OrderPaymentStatus.AUTHORIZED),
    fulfilment_statuses=(FulfilmentStatus.UNFULFILLED, FulfilmentStatus.PARTIALLY_FULFILLED),
)
RECENT = OrderFilter(payment_statuses=(OrderPaymentStatus.PAID,), created_from=AT)


@pytest.fixture(scope="module")
async def planner(server: Server) -> AsyncIterator[RowPlanReader]:
    """What plans statements in one of two big companies."""
    async with two_big_companies(server, filling(TABLES, FILL, EACH)) as (pool, company_id):
        yield RowPlanReader(pool, company_id)


def company_of(planner: RowPlanReader) -> UUID:
    assert planner.company_id is not None
    return planner.company_id


def read_of(planner: RowPlanReader) -> dict[str, Any]:
    """The only step that reads orders."""
    (read,) = [node for plan in planner.plans for node in nodes(plan) if node.get("Relation Name") == "orders"]
    return read


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("after", [None, AT])
@pytest.mark.parametrize("wanted", [REFUNDED, PAID, ABSENT, UNFULFILLED, DELIVERED, TO_SHIP, RECENT])
async def test_staff_lists_by_payment_and_fulfilment_read_only_the_listed_orders(
    planner: RowPlanReader,
    database: Database,
    clock: FixedClock,
    wanted: OrderFilter,
    after: datetime | None,
    *,
    backward: bool,
) -> None:
    """The index answers the filter and the cursor: no order that it yields is thrown away."""
    orders = services_of(clock, database).order
    cursor = None if after is None else encode_cursor("created_at:desc", [after, new_id()])
    args = PageArgs(last=50, before=cursor) if backward else PageArgs(first=50, after=cursor)
    planner.plans = []
    await orders.get_user_orders(planner, Actor.system(company_of(planner)), args, wanted)
    read = read_of(planner)
    beyond = [BEYOND.replace("<", ">") if backward else BEYOND] if after else []
    assert (read["Node Type"], read["Index Name"]) == ("Index Scan", INDEX)
    assert [condition for condition in [*PAIR, *beyond] if condition not in read["Index Cond"]] == []
    assert "Filter" not in read


@pytest.mark.parametrize("wanted", [REFUNDED, PAID, UNFULFILLED, TO_SHIP])
async def test_the_number_of_these_orders_is_counted_by_the_index(
    planner: RowPlanReader, database: Database, clock: FixedClock, wanted: OrderFilter
) -> None:
    orders = services_of(clock, database).order
    page = await orders.get_user_orders(planner, Actor.system(company_of(planner)), PageArgs(), wanted)
    planner.plans = []
    assert await page.count() == 0
    assert whole_tables_read(planner, TABLES) == []


@pytest.mark.parametrize("sort", list(OrderSort))
async def test_other_orders_of_these_lists_read_an_index(
    planner: RowPlanReader, database: Database, clock: FixedClock, sort: OrderSort
) -> None:
    orders = services_of(clock, database).order
    planner.plans = []
    both = OrderFilter(statuses=(OrderStatus.PAID,), payment_statuses=(OrderPaymentStatus.REFUNDED,))
    for wanted in (REFUNDED, PAID, UNFULFILLED, TO_SHIP, both):
        await orders.get_user_orders(planner, Actor.system(company_of(planner)), PageArgs(), wanted, sort)
    assert len(planner.plans) == 5
    assert whole_tables_read(planner, TABLES) == []


@pytest.mark.parametrize("wanted", [REFUNDED, PAID, UNFULFILLED, TO_SHIP])
async def test_customer_lists_by_payment_and_fulfilment_read_only_their_own_orders(
    planner: RowPlanReader, database: Database, clock: FixedClock, wanted: OrderFilter
) -> None:
    orders = services_of(clock, database).order
    customer = Actor(ActorKind.USER, company_of(planner), user_id=new_id())
    planner.plans = []
    await orders.get_user_orders(planner, customer, PageArgs(), wanted)
    read = read_of(planner)
    assert "user_id =" in str(read.get("Index Cond", read.get("Recheck Cond")))
