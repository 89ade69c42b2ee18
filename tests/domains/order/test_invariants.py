"""The invariants of orders find rows that were written directly in the database."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domains.order.invariants import INVARIANTS, SUMMARY
from domains.order.models import Order
from tests.conftest import Undo
from tests.domains.order.storefront import Storefront

RULES = {invariant.rule: invariant.query for invariant in INVARIANTS}
LATE = "No order is pending an hour after its time limit"
SUMS = "The sums of each order are those of its payments and refunds"
UNITS = "The units of each order are those of its lines"
RESERVED = "The reservations of an order expire at the same time as the order"
OF_LINES = "The adjustments of each line of an order add up to its discount"
OF_PROMOTIONS = "The adjustments of each promotion of an order add up to its discount, and the lines' to the order's"
BOUNDED = "An order has a time limit exactly until it is paid or accepted"
STAFF_ACCEPT = "update order_settings set accept_unpaid_up_to = null where company_id = $1"
MOVE = "update orders set expires_at = $2 where id = $1"
MOVE_BOTH = """
with moved as (update orders set expires_at = $2 where id = $1)
update reservations set expires_at = $2 where order_id = $1
"""


async def broken(owner: Any, order: Order, sql: str, *given: Any) -> set[str]:
    """The rules that an order breaks when this is written past the domain; it is undone."""
    found = set()
    async with owner.acquire() as connection:
        with suppress(Undo):
            async with connection.transaction():
                await connection.execute(sql, order.id, *given)
                for rule, asked in RULES.items():
                    rows = await connection.fetch(asked.replace("limit 20", ""))  # others leave broken orders too
                    if any(row["order_number"] == order.order_number for row in rows):
                        found.add(rule)
                raise Undo
    return found


@pytest.fixture
async def waiting(shop: Storefront, owner: Any) -> Order:
    """An order by invoice that staff have yet to accept."""
    await owner.execute(STAFF_ACCEPT, shop.company_id)
    await shop.stock("A", 9)
    ada = await shop.customer()
    return await shop.accept(ada, await shop.buy(ada, ("A", 2)))


async def test_an_order_an_hour_past_its_expiry_is_found(owner: Any, waiting: Order) -> None:
    now = datetime.now(UTC)
    assert await broken(owner, waiting, MOVE_BOTH, now - timedelta(minutes=50)) == set()
    assert await broken(owner, waiting, MOVE_BOTH, now - timedelta(minutes=70)) == {LATE}


async def test_a_reservation_that_does_not_match_the_expiry_of_its_order_is_found(owner: Any, waiting: Order) -> None:
    sql = "update reservations set expires_at = expires_at + $2::interval where order_id = $1"
    for moved in (timedelta(0), timedelta(seconds=1), timedelta(seconds=-1)):
        assert await broken(owner, waiting, sql, moved) == ({RESERVED} if moved else set())
    forever = "update reservations set expires_at = null where order_id = $1"
    assert await broken(owner, waiting, forever) == {RESERVED}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("amount_captured", "1"),
        ("amount_refunded", "1"),
        ("amount_authorized", "1"),
        ("open_attempts", "1"),
        ("failed_attempts", "1"),
    ],
)
async def test_a_sum_of_an_order_that_differs_from_its_payments_is_found(
    owner: Any, waiting: Order, column: str, value: str
) -> None:
    sql = f"update orders set {column} = {value} where id = $1"  # noqa: S608 - columns of this test
    assert SUMS in await broken(owner, waiting, sql)


async def test_units_that_differ_from_the_lines_are_found(owner: Any, waiting: Order) -> None:
    assert await broken(owner, waiting, "update orders set units_ordered = 3 where id = $1") == {UNITS}


@pytest.mark.parametrize(
    "change",
    [
        "status = 'CONFIRMED'",
        "payment_status = 'PAID'",
        "fulfilment_status = 'DELIVERED'",
        "accepted_at = now()",
        "failed_attempts = 1",
        "units_shipped = 1",
    ],
)
async def test_a_summary_that_differs_from_the_facts_is_found(
    shop: Storefront, owner: Any, waiting: Order, change: str
) -> None:
    async with owner.acquire() as connection:
        with suppress(Undo):
            async with connection.transaction():
                await connection.execute(f"update orders set {change} where id = $1", waiting.id)  # noqa: S608
                query = f"{SUMMARY.query} where id = '{waiting.id}'"
                (breach,) = await replace(SUMMARY, query=query).violations(connection)
                assert breach["order_number"] == waiting.order_number
                raise Undo


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("update order_adjustments set amount = amount + 1 where order_id = $1", {OF_LINES, OF_PROMOTIONS}),
        ("update order_adjustments set currency = 'CHF' where order_id = $1", {OF_LINES}),
        ("update order_adjustments set source_id = gen_random_uuid() where order_id = $1", {OF_PROMOTIONS}),
        ("delete from order_adjustments where order_id = $1", {OF_LINES, OF_PROMOTIONS}),
    ],
)
async def test_adjustments_that_differ_from_the_discounts_of_their_order_are_found(
    shop: Storefront, owner: Any, sql: str, expected: set[str]
) -> None:
    await shop.stock("A", 9)
    await shop.promotion(code="TEN", discount_value=Decimal(10))
    ada = await shop.customer()
    await shop.fill(ada, ("A", 2))
    await shop.apply(ada, "TEN")
    order = (await shop.place(ada)).order
    assert order.discount_amount == 2
    assert await broken(owner, order, sql) == expected


async def test_a_pending_order_without_expiry_is_found(owner: Any, waiting: Order) -> None:
    assert await broken(owner, waiting, MOVE_BOTH, None) == {BOUNDED}


async def test_an_accepted_order_with_an_expiry_is_found(shop: Storefront, owner: Any, waiting: Order) -> None:
    clerk = await shop.staff()
    accepted = await shop.accept(clerk, waiting)
    assert await broken(owner, accepted, MOVE, None) == set()
    assert await broken(owner, accepted, MOVE, waiting.expires_at) == {BOUNDED, RESERVED}
