"""The facts of orders come from their history, lines, payments and refunds; no stored status changes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domains.inventory.models import StockCount, StockLine
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Tx
from domains.kernel.ids import new_id
from domains.order.invariants import INVARIANTS, SUMMARY
from domains.order.models import FulfilmentStatus as F
from domains.order.models import OrderPaymentStatus as P
from domains.order.models import OrderStatus as S
from domains.order.summary import OrderFacts, status
from gateway.infra.migrations import migrate
from gateway.infra.postgres import connected, open_pool
from tests.gateway.infra.migrations.earlier_migrations import migrations_before
from tests.gateway.site import services_of

BEFORE = "20261128010000"
START = datetime(2026, 11, 20, 12, tzinfo=UTC)
ORDER = """
insert into orders (id, company_id, order_number, email, status, currency, subtotal, tax_amount, shipping_cost,
  discount_amount, total, tax_rate, prices_include_tax, expires_at, paid_at, shipped_at, delivered_at, cancelled_at,
  created_at, updated_at)
values ($1, $2, $3, 'ada@example.com', $4::order_status, 'EUR', 10, 0, 0, 0, 10, 0, true, $5, $6, $7, $8, $9, $10,
  $11)
"""
ITEM = """
insert into order_items (id, company_id, order_id, product_id, product_name, sku, quantity, unit_price, total_price,
  currency, product_snapshot)
values ($1, $2, $3, $4, 'Tea', 'TEA', 2, 5, 10, 'EUR', '{}')
"""
MOVED = """
insert into order_status_history (id, company_id, order_id, from_status, to_status, actor_kind, created_at)
values ($1, $2, $3, $4::order_status, $5::order_status, 'SYSTEM', $6)
"""
PAYMENT = """
insert into payments (id, company_id, order_id, provider, provider_transaction_id, method, status, amount, currency,
  void_requested_at, settled_at, updated_at)
values ($1, $2, $3, 'OTHER', $1::uuid::text, 'CARD', $4::payment_status, 10, 'EUR', $5, $6, now())
"""
REFUND = """
insert into refunds (id, company_id, payment_id, order_id, amount, currency, status, actor_kind, settled_at,
  updated_at)
values ($1, $2, $3, $4, $5, 'EUR', $6::refund_status, 'SYSTEM', case when $6 <> 'PENDING' then now() end, now())
"""
PRODUCT = """
with c as (insert into categories (id, company_id, name, slug, updated_at) values ($1, $2, 'Tea', 'tea', now()))
insert into products (id, company_id, name, slug, sku, base_price, currency, category_id, updated_at)
values ($1, $2, 'Tea', 'tea', 'TEA', 10, 'EUR', $1, now())
"""
FACTS = (
    "accepted_at", "paid_at", "processing_at", "shipped_at", "delivered_at", "cancelled_at", "failed_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Earlier:
    """An order as an earlier version left it, and its summaries; it went through these statuses, a minute each."""

    went: Sequence[S]
    payment_status: P
    fulfilment_status: F
    payments: Sequence[str] = ()  # their statuses; VOIDING is a capture that is being voided
    refunds: Sequence[tuple[str, str]] = ()  # of the last payment: amount and status
    units: tuple[int, int] = (0, 0)  # shipped, delivered
    sums: tuple[str, str] = ("0", "0")  # captured, refunded
    attempts: tuple[int, int] = (0, 0)  # open, failed
    is_paid: bool = False
    ids: dict[str, UUID] = field(default_factory=dict, compare=False)


PAID = (S.PENDING, S.PAYMENT_PENDING, S.PAID)
CARD: dict[str, Any] = {"payments": ("SUCCEEDED",), "sums": ("10", "0"), "is_paid": True}
DONE = ("10", "SUCCEEDED")
SENT = {**CARD, "units": (2, 0)}
ORDERS = {
    "new": Earlier([S.PENDING], P.PENDING, F.UNFULFILLED),
    "declined": Earlier(
        [S.PENDING, S.PAYMENT_PENDING, S.PENDING], P.FAILED, F.UNFULFILLED, ["DECLINED"], attempts=(0, 1)
    ),
    "never arrived": Earlier([S.PENDING, S.PAYMENT_PENDING, S.PENDING], P.PENDING, F.UNFULFILLED, ["VOIDED"]),
    "being paid": Earlier(
        [S.PENDING, S.PAYMENT_PENDING], P.PENDING, F.UNFULFILLED, ["DECLINED", "UNKNOWN"], attempts=(1, 1)
    ),
    "accepted": Earlier([S.PENDING, S.CONFIRMED], P.PENDING, F.UNFULFILLED),
    "accepted, being paid": Earlier(
        [S.PENDING, S.CONFIRMED], P.PENDING, F.UNFULFILLED, ["PENDING"], attempts=(1, 0)
    ),
    "paid": Earlier(PAID, P.PAID, F.UNFULFILLED, **CARD),
    "accepted, then paid": Earlier([S.PENDING, S.CONFIRMED, S.PAID], P.PAID, F.UNFULFILLED, **CARD),
    "partly refunded": Earlier(
        PAID, P.PARTIALLY_REFUNDED, F.UNFULFILLED, refunds=[("4", "SUCCEEDED"), ("6", "FAILED")],
        **{**CARD, "sums": ("10", "4")},
    ),
    "refunded, not ended": Earlier(
        PAID, P.REFUNDED, F.UNFULFILLED, refunds=[DONE], **{**CARD, "sums": ("10", "10")}
    ),
    "processed": Earlier([*PAID, S.PROCESSING], P.PAID, F.UNFULFILLED, **CARD),
    "processed on invoice": Earlier([S.PENDING, S.CONFIRMED, S.PROCESSING], P.PENDING, F.UNFULFILLED),
    "shipped": Earlier([*PAID, S.PROCESSING, S.SHIPPED], P.PAID, F.FULFILLED, **SENT),
    "shipped, refunded": Earlier(
        [*PAID, S.PROCESSING, S.SHIPPED], P.REFUNDED, F.FULFILLED, refunds=[DONE], **{**SENT, "sums": ("10", "10")}
    ),
    "delivered": Earlier(
        [*PAID, S.PROCESSING, S.SHIPPED, S.DELIVERED], P.PAID, F.DELIVERED, **{**CARD, "units": (2, 2)}
    ),
    "delivered, unpaid": Earlier(
        [S.PENDING, S.CONFIRMED, S.PROCESSING, S.SHIPPED, S.DELIVERED], P.PENDING, F.DELIVERED, units=(2, 2)
    ),
    "delivered, refunded": Earlier(
        [*PAID, S.PROCESSING, S.SHIPPED, S.DELIVERED, S.REFUNDED], P.REFUNDED, F.DELIVERED, refunds=[DONE],
        **{**CARD, "units": (2, 2), "sums": ("10", "10")},
    ),
    "cancelled": Earlier([S.PENDING, S.CANCELLED], P.PENDING, F.UNFULFILLED),
    "cancelled, refund open": Earlier(
        [*PAID, S.CANCELLED], P.PAID, F.UNFULFILLED, refunds=[("10", "PENDING")], **CARD
    ),
    "cancelled, paid late": Earlier([S.PENDING, S.CONFIRMED, S.CANCELLED], P.PENDING, F.UNFULFILLED, ["VOIDING"]),
    "cancelled, refunded": Earlier(
        [*PAID, S.CANCELLED, S.REFUNDED], P.REFUNDED, F.UNFULFILLED, refunds=[DONE], **{**CARD, "sums": ("10", "10")}
    ),
    "failed": Earlier([S.PENDING, S.FAILED], P.PENDING, F.UNFULFILLED),
}  # fmt: skip


class Shop:
    """A company of an earlier version, row by row."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.company, self.product = new_id(), new_id()
        self.ids: dict[str, UUID] = {}

    async def open(self) -> None:
        await self.connection.execute(
            "insert into companies (id, name, slug, currency, updated_at) values ($1, 'A', 'a', 'EUR', now())",
            self.company,
        )
        await self.connection.execute(PRODUCT, self.product, self.company)
        for name, earlier in ORDERS.items():
            await self.order(name, earlier)

    async def order(self, name: str, earlier: Earlier, *, stored: S | None = None) -> UUID:
        order_id = self.ids[name] = new_id()
        at = {each: START + timedelta(minutes=minute) for minute, each in enumerate(earlier.went)}
        last = stored or earlier.went[-1]
        until = START + timedelta(hours=1) if last in (S.PENDING, S.PAYMENT_PENDING) else None
        paid_at = START + timedelta(minutes=2) if earlier.is_paid else None
        times = [at.get(each) for each in (S.SHIPPED, S.DELIVERED, S.CANCELLED)]
        row = (order_id, self.company, name, last.value, until, paid_at, *times, START, START + timedelta(hours=2))
        await self.connection.execute(ORDER, *row)
        await self.connection.execute(ITEM, new_id(), self.company, order_id, self.product)
        before: str | None = None
        for minute, each in enumerate(earlier.went):
            moved_at = START + timedelta(minutes=minute)
            await self.connection.execute(MOVED, new_id(), self.company, order_id, before, each.value, moved_at)
            before = each.value
        await self._pay(order_id, earlier)
        return order_id

    async def _pay(self, order_id: UUID, earlier: Earlier) -> None:
        payment_id = order_id
        for each in earlier.payments:
            payment_id, is_voiding = new_id(), each == "VOIDING"
            kind = "SUCCEEDED" if is_voiding else each
            settled_at = None if each in ("PENDING", "UNKNOWN") else START
            values = (kind, START if is_voiding else None, settled_at)
            await self.connection.execute(PAYMENT, payment_id, self.company, order_id, *values)
        for amount, state in earlier.refunds:
            refund = (new_id(), self.company, payment_id, order_id, Decimal(amount), state)
            await self.connection.execute(REFUND, *refund)

    async def rows(self) -> dict[str, Any]:
        found = await self.connection.fetch("select * from orders")
        return {row["order_number"]: row for row in found}


@pytest.fixture
async def url(empty_database: str, tmp_path: Path) -> str:
    """A database of an earlier version."""
    await migrate(empty_database, folder=migrations_before(BEFORE, tmp_path))
    return empty_database


async def test_orders_in_every_status_keep_it_and_get_their_facts(url: str) -> None:
    assert {earlier.went[-1] for earlier in ORDERS.values()} == set(S)
    async with connected(url) as connection:
        shop = Shop(connection)
        await shop.open()
        before = await connection.fetch("select id, status, updated_at from orders order by id")
        warnings: list[str] = []
        await migrate(url, on_warning=warnings.append)
        assert warnings == []
        assert await connection.fetch("select id, status, updated_at from orders order by id") == before
        for name, row in (await shop.rows()).items():
            assert facts_of(row) == ORDERS[name], name
            assert status(OrderFacts.of_record(row)) == row["status"], name
            assert times_of(row) == expected_times(ORDERS[name]), name
        assert await SUMMARY.violations(connection) == []
        sums = [rule for rule in INVARIANTS if "sums" in rule.rule or "units of" in rule.rule]
        assert [await rule.violations(connection) for rule in sums] == [[], []]


def facts_of(row: Any) -> Earlier:
    """What a row says, as what is expected of it; `went`, `payments` and `refunds` are what it came from."""
    earlier = ORDERS[row["order_number"]]
    captured, refunded = (format(row[name].normalize(), "f") for name in ("amount_captured", "amount_refunded"))
    assert (row["units_ordered"], row["units_dropped"], row["amount_authorized"]) == (2, 0, 0)
    return Earlier(
        earlier.went,
        P(row["payment_status"]),
        F(row["fulfilment_status"]),
        earlier.payments,
        earlier.refunds,
        (row["units_shipped"], row["units_delivered"]),
        (captured, refunded),
        (row["open_attempts"], row["failed_attempts"]),
        row["paid_at"] is not None,
    )


def times_of(row: Any) -> dict[str, datetime]:
    return {name: row[name] for name in FACTS if row[name] is not None}


def expected_times(earlier: Earlier) -> dict[str, datetime]:
    names = {
        S.CONFIRMED: "accepted_at",
        S.PROCESSING: "processing_at",
        S.SHIPPED: "shipped_at",
        S.DELIVERED: "delivered_at",
        S.CANCELLED: "cancelled_at",
        S.FAILED: "failed_at",
    }
    at = {each: START + timedelta(minutes=minute) for minute, each in enumerate(earlier.went)}
    paid = {"paid_at": START + timedelta(minutes=2)} if earlier.is_paid else {}
    return {**{names[each]: moved for each, moved in at.items() if each in names}, **paid}


async def test_an_order_with_a_contradictory_history_is_reported_and_kept(url: str) -> None:
    async with connected(url) as connection:
        shop = Shop(connection)
        await shop.open()
        odd = Earlier([S.PENDING, S.CONFIRMED], P.PENDING, F.UNFULFILLED)
        await shop.order("odd", odd, stored=S.PENDING)
        warnings: list[str] = []
        await migrate(url, on_warning=warnings.append)
        assert warnings == [
            f"Order odd of company {shop.company} is PENDING, but its history, payments and lines make it CONFIRMED."
        ]
        row = (await shop.rows())["odd"]
        assert (row["status"], row["accepted_at"]) == ("PENDING", START + timedelta(minutes=1))
        (breach,) = await SUMMARY.violations(connection)
        assert (breach["order_number"], breach["status_of_facts"]) == ("odd", "CONFIRMED")


async def test_an_order_without_a_history_gets_the_facts_of_its_status(url: str) -> None:
    async with connected(url) as connection:
        shop = Shop(connection)
        await shop.open()
        await connection.execute("delete from order_status_history")
        warnings: list[str] = []
        await migrate(url, on_warning=warnings.append)
        assert warnings == []
        for name, row in (await shop.rows()).items():
            assert status(OrderFacts.of_record(row)) == ORDERS[name].went[-1], name


async def test_the_job_ends_refunded_unshipped_orders_through_the_ledger(url: str, clock: FixedClock) -> None:
    async with connected(url) as connection:
        shop = Shop(connection)
        await shop.open()
        await migrate(url)
        order_id, actor = shop.ids["refunded, not ended"], Actor.system(shop.company)
        pool = await open_pool(url)
        try:
            database = Database(pool, clock)
            services = services_of(clock, database)

            async def reserve(tx: Tx) -> None:
                await services.inventory.ledger.set(tx, [StockCount("TEA", 5)])
                await services.inventory.reservations.reserve(
                    tx, actor, [StockLine("TEA", 2)], order_id=order_id, expires_at=None
                )

            await database.run(reserve, actor)
            ended = [await services.order.expiry.end_refunded(database, actor) for _ in range(2)]
        finally:
            await pool.close()
        assert ended == [1, 0]
        row = (await shop.rows())["refunded, not ended"]
        assert (row["status"], row["cancelled_at"]) == ("REFUNDED", clock.now())
        history = await connection.fetch(
            "select to_status from order_status_history where order_id = $1 order by id desc limit 2", order_id
        )
        assert [each[0] for each in history] == ["REFUNDED", "CANCELLED"]
        stock = await connection.fetchrow("select available_stock, reserved_stock from inventory_items")
        assert tuple(stock) == (5, 0)
        released = await connection.fetchval("select count(*) from stock_movements where type = 'RELEASE'")
        assert released == 1
