"""The migration of the ledger's history: earlier orders, payments, refunds and chargebacks are posted."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from domains.kernel.ids import new_id
from domains.ledger.invariants import INVARIANTS as LEDGER
from domains.order.sales.invariants import INVARIANTS as SALES
from domains.payment.invariants import INVARIANTS as PAYMENTS
from gateway.infra.migrations import migrate
from gateway.infra.postgres import connected
from tests.gateway.infra.migrations import test_order_facts_migration as order_facts
from tests.gateway.infra.migrations.earlier_migrations import migrations_before

MIGRATION = "20261130121000_ledger_history"
COMPANY = """
insert into companies (id, name, slug, currency, time_zone, updated_at)
values ($1, 'Shop', 'shop', 'EUR', 'Pacific/Auckland', now())
"""
CATALOG = """
with category as (insert into categories (id, company_id, name, slug, updated_at) values ($2, $1, 'C', 'c', now()))
insert into products (id, company_id, category_id, name, slug, base_price, currency, sku, updated_at)
values ($3, $1, $2, 'P', 'p', 1, 'EUR', 'P', now())
"""
ADDRESS = """
insert into order_addresses (id, company_id, full_name, address_line_1, city, postal_code, country)
values ($1, $2, 'Ada', '1 Street', 'Auckland', '1010', 'NZ')
"""
# 10.00 of goods with 1.60 of tax, and 5.95 of shipping with 0.95 of tax.
ORDER = """
insert into orders (id, company_id, order_number, email, currency, subtotal, tax_amount, shipping_cost,
  discount_amount, total, tax_rate, shipping_tax_rate, prices_include_tax, shipping_address_id, status, accepted_at,
  paid_at, cancelled_at, failed_at, amount_captured, amount_refunded, amount_charged_back, created_at, updated_at)
values ($1, $2, $3, 'ada@example.com', 'EUR', 10, 2.55, 5.95, 0, 15.95, 0.19, 0.19, true, $4, $5::text::order_status,
  case when $6 then $12::timestamptz end, case when $7 = 15.95 then $12::timestamptz end,
  case when $5 in ('CANCELLED', 'REFUNDED') then $12::timestamptz + interval '1 day' end,
  case when $5 = 'FAILED' then $12::timestamptz end, $7, $8, $9, $10::timestamptz, $11)
"""
ITEM = """
insert into order_items (id, company_id, order_id, product_id, product_name, sku, quantity, unit_price, total_price,
  tax_rate, tax_amount, currency, product_snapshot)
values ($1, $2, $3, $4, 'P', 'P', 1, $5, $5, $6, $7, 'EUR', '{}')
"""
PAYMENT = """
insert into payments (id, company_id, order_id, provider, method, status, amount, amount_captured, amount_refunded,
  amount_charged_back, currency, provider_transaction_id, cancel_requested_at, settled_at, updated_at,
  failure_reason, capture_method)
values ($1, $2, $3, $4, 'CARD', $5::text::payment_status, 15.95, $6, $7, $8, 'EUR', $1::uuid::text,
  case when $9 then now() end, case when $5 <> 'AUTHORIZED' then now() end, now(),
  case when $5 = 'FAILED' then 'CARD_DECLINED'::decline_reason end,
  case when $5 = 'AUTHORIZED' then 'MANUAL' else 'AUTOMATIC' end::capture_method)
"""
TRANSACTION = """
insert into payment_transactions (id, company_id, payment_id, refund_id, provider, type, status,
  provider_transaction_id, amount, currency, processed_at)
values ($1, $2, $3, $4, $5, $6::text::payment_transaction_type, $7::text::payment_transaction_status, $8, $9, 'EUR',
  $10)
"""
REFUND = """
insert into refunds (id, company_id, payment_id, order_id, amount, currency, status, provider_refund_id, actor_kind,
  settled_at, updated_at)
values ($1, $2, $3, $4, $5, 'EUR', $6::text::refund_status, $1::uuid::text, 'SYSTEM',
  case when $6 <> 'PENDING' then $7::timestamptz end, $7)
"""
LINE = """
insert into refund_lines (id, company_id, refund_id, order_id, kind, order_item_id, quantity, amount, tax, currency)
values ($1, $2, $3, $4, $5::text::refund_line_kind, $6, $7, $8, $9, 'EUR')
"""
ENTRIES = """
select o.order_number, e.kind, e.source_kind, e.booked_on, l.account, l.tax_rate, l.country,
  case l.side when 'DEBIT' then l.amount else -l.amount end as amount
from ledger_entries e join orders o on o.id = e.order_id
join ledger_lines l on l.company_id = e.company_id and l.entry_id = e.id order by e.id, l.position
"""
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
LOCAL_DAY = date(2026, 11, 2)
D = Decimal
TOTAL = D("15.95")
ITEM_LINE = ("ITEM", "10", "1.60")
SHIPPING_LINE = ("SHIPPING", "5.95", "0.95")
SOLD = {"2000": D("-2.55"), "4000": D("-8.40"), "4100": D("-5.00")}


@dataclass(frozen=True, slots=True)
class Earlier:
    """An order of the version before, with one payment at most, and what the ledger has of it afterwards."""

    status: str
    kinds: Sequence[str] = ()
    balances: dict[str, Decimal] = field(default_factory=dict)
    is_accepted: bool = False
    payment: str | None = None  # its status; CANCELLING is a capture that is being cancelled
    provider: str = "MOCK"
    transactions: Sequence[tuple[str, str, str]] = ()  # type, amount, status
    refunds: Sequence[tuple[str, Sequence[tuple[str, str, str]]]] = ()  # status, lines: kind, amount, tax
    sums: tuple[str, str, str] = ("0", "0", "0")  # captured, refunded, charged back, of the payment
    has_items: bool = True


CHARGE = ("CHARGE", "15.95", "SUCCEEDED")
PAID: dict[str, Any] = {"payment": "SUCCEEDED", "transactions": [CHARGE], "sums": ("15.95", "0", "0")}
BACK: dict[str, Any] = {**PAID, "sums": ("15.95", "15.95", "0")}
DISPUTED = {**PAID, "sums": ("15.95", "0", "15.95")}
PART = [("AUTHORIZATION", "15.95", "SUCCEEDED"), ("CAPTURE", "6", "SUCCEEDED")]
PENDING_DISPUTE = ("CHARGEBACK", "15.95", "PENDING")
ORDERS = {
    "waiting": Earlier("PENDING"),
    "failed": Earlier("FAILED"),
    "accepted": Earlier("CONFIRMED", ["SALE"], {"1100": TOTAL, **SOLD}, is_accepted=True),
    "accepted, cancelled": Earlier("CANCELLED", ["CANCELLATION", "SALE"], is_accepted=True),
    "paid": Earlier("PAID", ["PAYMENT", "SALE"], {"1200.MOCK": TOTAL, **SOLD}, **PAID),
    "paid by transfer": Earlier(
        "PAID", ["PAYMENT", "SALE"], {"1050": TOTAL, **SOLD}, **{**PAID, "provider": "MANUAL"}
    ),
    "without lines": Earlier(
        "PAID", ["PAYMENT", "SALE"], {"1200.MOCK": TOTAL, "2000": D("-2.55"), "4000": D("-7.45"), "4100": D("-5.95")},
        has_items=False, **PAID,
    ),
    "refunded in part": Earlier(
        "PAID", ["CREDIT_NOTE", "PAYMENT", "REFUND", "SALE"],
        {"1200.MOCK": D("6.95"), "2000": D("-0.95"), "4100": D("-5.00"), "4900": D("-1.00")},
        refunds=[("SUCCEEDED", [ITEM_LINE, ("ADJUSTMENT", "-1", "0")]), ("FAILED", [SHIPPING_LINE])],
        **{**PAID, "sums": ("15.95", "9", "0")},
    ),
    "refunded by an amount": Earlier(
        "PAID", ["CREDIT_NOTE", "PAYMENT", "REFUND", "SALE"],
        {"1200.MOCK": D("12.95"), "4900": D("3"), **SOLD},
        refunds=[("SUCCEEDED", [("ADJUSTMENT", "3", "0")]), ("PENDING", [("ADJUSTMENT", "2", "0")])],
        **{**PAID, "sums": ("15.95", "3", "0")},
    ),
    "cancelled and refunded": Earlier(
        "REFUNDED", ["CREDIT_NOTE", "PAYMENT", "REFUND", "SALE"],
        refunds=[("SUCCEEDED", [ITEM_LINE, SHIPPING_LINE])], **BACK,
    ),
    "refunded without known lines": Earlier(
        "REFUNDED", ["CREDIT_NOTE", "PAYMENT", "REFUND", "SALE"], {"4900": TOTAL, **SOLD},
        refunds=[("SUCCEEDED", [("ADJUSTMENT", "15.95", "0")])], **BACK,
    ),
    "paid in part": Earlier(
        "CONFIRMED", ["PAYMENT", "SALE"], {"1100": D("9.95"), "1200.MOCK": D("6"), **SOLD}, is_accepted=True,
        payment="SUCCEEDED", transactions=PART, sums=("6", "0", "0"),
    ),
    "paid in part, cancelled, refunded": Earlier(
        "REFUNDED", ["CANCELLATION", "CREDIT_NOTE", "PAYMENT", "REFUND", "SALE"], is_accepted=True,
        payment="SUCCEEDED", transactions=PART, sums=("6", "6", "0"),
        refunds=[("SUCCEEDED", [ITEM_LINE, SHIPPING_LINE, ("ADJUSTMENT", "-9.95", "0")])],
    ),
    "charged back": Earlier(
        "PAID", ["CHARGEBACK", "CHARGEBACK_LOSS", "PAYMENT", "SALE"], {"6100": TOTAL, **SOLD},
        **{**DISPUTED, "transactions": [CHARGE, PENDING_DISPUTE, ("CHARGEBACK", "15.95", "SUCCEEDED")]},
    ),
    "disputed": Earlier(
        "PAID", ["CHARGEBACK", "CHARGEBACK_LOSS", "PAYMENT", "SALE"], {"6100": TOTAL, **SOLD},
        **{**DISPUTED, "transactions": [CHARGE, PENDING_DISPUTE]},
    ),
    "dispute won": Earlier(
        "PAID", ["PAYMENT", "SALE"], {"1200.MOCK": TOTAL, **SOLD},
        **{**PAID, "transactions": [CHARGE, PENDING_DISPUTE, ("CHARGEBACK", "15.95", "FAILED")]},
    ),
    "captured too late": Earlier(
        "FAILED", ["PAYMENT"], {"1100": -TOTAL, "1200.MOCK": TOTAL}, **{**PAID, "payment": "CANCELLING"}
    ),
    "captured too late, returned": Earlier(
        "CANCELLED", ["PAYMENT", "REFUND"], payment="CANCELLED", sums=("15.95", "15.95", "0"),
        transactions=[CHARGE, ("REFUND", "15.95", "SUCCEEDED")],
    ),
    "declined": Earlier("PENDING", payment="FAILED"),
    "authorized": Earlier(
        "CONFIRMED", ["SALE"], {"1100": TOTAL, **SOLD}, is_accepted=True, payment="AUTHORIZED",
        transactions=PART[:1],
    ),
}  # fmt: skip


class Shop:
    """A company of the version before, row by row."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.company, self.product, self.address = new_id(), new_id(), new_id()

    async def open(self) -> None:
        await self.connection.execute(COMPANY, self.company)
        await self.connection.execute(CATALOG, self.company, new_id(), self.product)
        await self.connection.execute(ADDRESS, self.address, self.company)
        for name, order in ORDERS.items():
            await self.order(name, order)

    async def order(self, name: str, order: Earlier) -> None:
        order_id, item_id = new_id(), new_id()
        is_counted = order.payment == "SUCCEEDED"
        sums = [D(each) if is_counted else D(0) for each in order.sums]
        facts = (order.status, order.is_accepted, *sums, NOON, NOON, NOON)
        await self.connection.execute(ORDER, order_id, self.company, name, self.address, *facts)
        if order.has_items:
            given = (item_id, self.company, order_id, self.product, D(10), D("0.19"), D("1.60"))
            await self.connection.execute(ITEM, *given)
        if order.payment is not None:
            await self.pay(order, order_id, item_id)

    async def pay(self, order: Earlier, order_id: UUID, item_id: UUID) -> None:
        payment_id, is_cancelling = new_id(), order.payment == "CANCELLING"
        status = "SUCCEEDED" if is_cancelling else order.payment
        sums = [D(each) for each in order.sums]
        given = (payment_id, self.company, order_id, order.provider, status, *sums, is_cancelling)
        await self.connection.execute(PAYMENT, *given)
        for kind, moved, state in order.transactions:
            await self.move(order, payment_id, None, kind, D(moved), state)
        for state, lines in order.refunds:
            refund_id = new_id()
            amount = sum((D(line[1]) for line in lines), D(0))
            refund = (refund_id, self.company, payment_id, order_id, amount, state, NOON)
            await self.connection.execute(REFUND, *refund)
            for kind, part, tax in lines:
                item = (item_id, 1) if kind == "ITEM" else (None, None)
                line = (new_id(), self.company, refund_id, order_id, kind, *item, D(part), D(tax))
                await self.connection.execute(LINE, *line)
            if state != "PENDING":
                await self.move(order, payment_id, refund_id, "REFUND", amount, state)

    async def move(
        self, order: Earlier, payment_id: UUID, refund_id: UUID | None, kind: str, amount: Decimal, state: str
    ) -> None:
        provider_id = str(refund_id) if refund_id else f"{kind}_{payment_id}"
        given = (
            new_id(),
            self.company,
            payment_id,
            refund_id,
            order.provider,
            kind,
            state,
            provider_id,
            amount,
            NOON,
        )
        await self.connection.execute(TRANSACTION, *given)


async def broken(connection: Any) -> dict[str, list[Any]]:
    """The rules about the ledger that do not hold."""
    rules = [*LEDGER, *SALES, *(each for each in PAYMENTS if "ledger" in each.rule)]
    found = {rule.rule: await connection.fetch(rule.query) for rule in rules}
    return {rule: rows for rule, rows in found.items() if rows}


async def test_everything_that_happened_before_is_posted(empty_database: str, tmp_path: Path) -> None:
    await migrate(empty_database, folder=migrations_before(MIGRATION, tmp_path))
    async with connected(empty_database) as connection:
        await Shop(connection).open()
    await migrate(empty_database)
    async with connected(empty_database) as connection:
        kinds: defaultdict[str, set[str]] = defaultdict(set)
        balances: defaultdict[str, defaultdict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        rows = await connection.fetch(ENTRIES)
        for row in rows:
            kinds[row["order_number"]].add(row["kind"])
            balances[row["order_number"]][row["account"]] += row["amount"]
        found = {
            name: (sorted(kinds[name]), {account: sum_ for account, sum_ in balances[name].items() if sum_})
            for name in ORDERS
        }
        assert found == {name: (list(order.kinds), order.balances) for name, order in ORDERS.items()}
        cancelled = {row["booked_on"] for row in rows if row["kind"] == "CANCELLATION"}
        assert cancelled == {LOCAL_DAY + timedelta(days=1)}
        assert {row["booked_on"] for row in rows if row["kind"] != "CANCELLATION"} == {LOCAL_DAY}
        earned = [row for row in rows if row["account"] in ("2000", "4000", "4100")]
        assert {(row["tax_rate"], row["country"]) for row in earned} == {(D("0.19"), "NZ")}
        assert await broken(connection) == {}


async def test_a_database_of_the_first_version_has_a_whole_ledger(empty_database: str, tmp_path: Path) -> None:
    await migrate(empty_database, folder=migrations_before(order_facts.BEFORE, tmp_path))
    async with connected(empty_database) as connection:
        await order_facts.Shop(connection).open()
    await migrate(empty_database)
    async with connected(empty_database) as connection:
        assert await broken(connection) == {}
        assert await connection.fetchval("select count(*) from ledger_entries where kind = 'SALE'") > 0
