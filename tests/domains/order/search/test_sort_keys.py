"""Sort keys of orders: PostgreSQL and Python compute the same, and lists are sorted by them."""

from datetime import timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Reader
from domains.kernel.ids import new_id
from domains.kernel.pagination.pages import PageArgs
from domains.order.models import FulfilmentStatus, Order, OrderFilter, OrderPaymentStatus, OrderStatus
from domains.order.search.listing import OrderSort
from domains.order.search.sort_keys import RANKS, total_key
from domains.order.service import OrderService
from tests.gateway.site import services_of

TOTALS = [
    Decimal(text) for text in ("0", "0.01", "7.0004", "7.0005", "1.2344", "18", "18.001", "999999999999999.9999")
]
PAGES = len(TOTALS) * len(OrderStatus)
SOME = (OrderStatus.SHIPPED, OrderStatus.PENDING, OrderStatus.PAID)
ORDER = """
insert into orders (id, company_id, order_number, email, status, currency, subtotal, tax_amount, shipping_cost,
  discount_amount, total, tax_rate, prices_include_tax, paid_at, cancelled_at, created_at, updated_at,
  payment_status, fulfilment_status)
values ($1, $2, $1::uuid::text, 'a@example.com', $3, 'EUR', $4, 0, 0, 0, $4, 0, true, now(), now(), $5, now(), $6, $7)
returning status, payment_status, fulfilment_status, total, status_rank, payment_status_rank, fulfilment_status_rank,
  total_key
"""
PAYMENTS, FULFILMENTS = list(OrderPaymentStatus), list(FulfilmentStatus)
SUMMARIES = [
    OrderFilter(payment_statuses=(OrderPaymentStatus.REFUNDED,)),
    OrderFilter(payment_statuses=tuple(OrderPaymentStatus), fulfilment_statuses=(FulfilmentStatus.RETURNED,)),
    OrderFilter(fulfilment_statuses=(FulfilmentStatus.DELIVERED, FulfilmentStatus.UNFULFILLED)),
    OrderFilter(
        payment_statuses=(OrderPaymentStatus.PAID, OrderPaymentStatus.PENDING, OrderPaymentStatus.FAILED),
        fulfilment_statuses=(FulfilmentStatus.FULFILLED, FulfilmentStatus.PARTIALLY_FULFILLED),
    ),
    OrderFilter(statuses=SOME, payment_statuses=(OrderPaymentStatus.PAID, OrderPaymentStatus.REFUNDED)),
    OrderFilter(payment_statuses=()),
    OrderFilter(fulfilment_statuses=()),
]


@pytest.fixture
async def kept(owner: Any, company: UUID, clock: FixedClock) -> list[Any]:
    """An order of each status with each total, with the keys that the database gave them."""
    start = clock.now()
    return [
        await owner.fetchrow(
            ORDER,
            new_id(),
            company,
            status.value,
            total,
            start + timedelta(minutes=7 * place % 5 + shift),
            PAYMENTS[(shift + place) % len(PAYMENTS)].value,
            FULFILMENTS[(shift + 2 * place) % len(FULFILMENTS)].value,
        )
        for shift, status in enumerate(OrderStatus)
        for place, total in enumerate(TOTALS)
    ]


def test_every_status_has_a_rank() -> None:
    assert list(RANKS) == list(OrderStatus)
    assert sorted(RANKS.values()) == list(range(len(OrderStatus)))


async def test_postgresql_and_python_compute_the_same_sort_keys(kept: list[Any]) -> None:
    for row in kept:
        assert (row["status_rank"], row["total_key"]) == (RANKS[OrderStatus(row["status"])], total_key(row["total"]))
        payment = PAYMENTS.index(OrderPaymentStatus(row["payment_status"]))
        fulfilment = FULFILMENTS.index(FulfilmentStatus(row["fulfilment_status"]))
        assert (row["payment_status_rank"], row["fulfilment_status_rank"]) == (payment, fulfilment)
    assert {row["payment_status"] for row in kept} == set(PAYMENTS)
    assert {row["fulfilment_status"] for row in kept} == set(FULFILMENTS)


@pytest.mark.parametrize("total", ["1e30", "1e15", "-1", "-1e30"])
def test_the_key_of_an_impossible_total_is_beyond_all_others(total: str) -> None:
    key = total_key(Decimal(total))
    assert -(2**63) <= key < 2**63
    assert key < 0 or key >= total_key(max(TOTALS))


@pytest.mark.parametrize("sort", list(OrderSort))
@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("statuses", [None, (OrderStatus.PAID,), SOME, tuple(OrderStatus)])
async def test_pages_sorted_by_status_match_in_both_directions(
    kept: list[Any],
    company: UUID,
    database: Database,
    clock: FixedClock,
    sort: OrderSort,
    statuses: tuple[OrderStatus, ...] | None,
    *,
    descending: bool,
) -> None:
    listed = _Listing(services_of(clock, database).order, database.reader(company), sort, descending=descending)
    pages = await listed.pages(OrderFilter(statuses=statuses))
    assert pages[0] == pages[1]
    assert len(pages[0]) == len(TOTALS) * len(statuses or OrderStatus)
    assert pages[0] == sorted(pages[0], key=lambda order: _place(order, sort), reverse=descending)


@pytest.mark.parametrize("sort", list(OrderSort))
@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("wanted", SUMMARIES)
async def test_pages_by_payment_and_fulfilment_status_match_in_both_directions(
    kept: list[Any],
    company: UUID,
    database: Database,
    clock: FixedClock,
    sort: OrderSort,
    wanted: OrderFilter,
    *,
    descending: bool,
) -> None:
    listed = _Listing(services_of(clock, database).order, database.reader(company), sort, descending=descending)
    pages = await listed.pages(wanted)
    assert pages[0] == pages[1]
    expected = [
        row
        for row in kept
        if (wanted.statuses is None or row["status"] in wanted.statuses)
        and (wanted.payment_statuses is None or row["payment_status"] in wanted.payment_statuses)
        and (wanted.fulfilment_statuses is None or row["fulfilment_status"] in wanted.fulfilment_statuses)
    ]
    assert len(pages[0]) == len(expected)
    assert pages[0] == sorted(pages[0], key=lambda order: _place(order, sort), reverse=descending)


class _Listing:
    """Lists the orders of a company in one order."""

    def __init__(self, orders: OrderService, reader: Reader, sort: OrderSort, *, descending: bool) -> None:
        self._orders, self._reader, self._sort, self._descending = orders, reader, sort, descending

    async def pages(self, wanted: OrderFilter) -> list[list[Order]]:
        """All orders of a filter, by pages from the first and by pages from the last."""
        pages: list[list[Order]] = [[], []]
        staff = Actor.system(cast("UUID", self._reader.company_id))
        for way, found in enumerate(pages):
            cursor = None
            for _ in range(PAGES):
                args = PageArgs(last=7, before=cursor) if way else PageArgs(first=7, after=cursor)
                page = await self._orders.get_user_orders(
                    self._reader, staff, args, wanted, self._sort, descending=self._descending
                )
                found[:] = [*page.items, *found] if way else [*found, *page.items]
                if not (page.has_previous if way else page.has_next):
                    break
                cursor = page.cursors[0 if way else -1]
            assert await page.count() == len(found)
        return pages


def _place(order: Order, sort: OrderSort) -> tuple[Any, ...]:
    key = {
        OrderSort.CREATED_AT: order.created_at,
        OrderSort.ORDER_NUMBER: order.order_number,
        OrderSort.TOTAL: total_key(order.total),
        OrderSort.STATUS: (RANKS[order.status], order.created_at),
    }[sort]
    return key, order.id
