"""The migration of payment transactions: the ledger is made from earlier payments and refunds."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from domains.kernel.ids import new_id
from domains.payment.invariants import INVARIANTS
from gateway.infra.migrations import migrate
from gateway.infra.postgres import connected
from tests.gateway.infra.migrations.earlier_migrations import migrations_before

BEFORE = "20261130010000_payment_actions"
COMPANY = "insert into companies (id, name, slug, currency, updated_at) values ($1, 'Shop', 'shop', 'EUR', now())"
ORDER = """
insert into orders (id, company_id, order_number, email, currency, subtotal, tax_amount, shipping_cost,
  discount_amount, total, tax_rate, prices_include_tax, updated_at)
values ($1, $2, $1::uuid::text, 'ada@example.com', 'EUR', 10, 0, 0, 0, 10, 0, true, now())
"""
PAYMENT = """
insert into payments (id, company_id, order_id, provider, method, status, capture_method, amount, currency,
  provider_transaction_id, settled_at, created_at, updated_at, failure_reason)
values ($1, $2, $3, $4, 'CARD', $5::text::payment_status, $6::text::capture_method, 10, 'EUR', $1::uuid::text,
  case when $5 not in ('PENDING', 'AUTHORIZED') then $7::timestamptz end, $7, $7,
  case when $5 = 'FAILED' then 'CARD_DECLINED'::decline_reason end)
"""
CHARGE = """
insert into mock_charges (reference, transaction_id, status, amount, currency, capture_method, created_at)
values ($1, $1::uuid::text, $2, 10, 'EUR', $3::capture_method, $4)
"""
REFUND = """
insert into refunds (id, company_id, payment_id, order_id, amount, currency, status, provider_refund_id, actor_kind,
  settled_at, created_at, updated_at)
values ($1, $2, $3, $4, $5, 'EUR', $6::text::refund_status, $7, 'SYSTEM',
  case when $6 <> 'PENDING' then $8::timestamptz end, $8, $8)
"""
THEN = datetime(2026, 11, 1, 12, tzinfo=UTC)
TEN = Decimal(10)
# provider, status, capture method: the provider's status, the transactions
PAYMENTS = {
    ("MOCK", "SUCCEEDED", "AUTOMATIC"): ("APPROVED", [("CHARGE", TEN)]),
    ("MOCK", "SUCCEEDED", "MANUAL"): ("APPROVED", [("AUTHORIZATION", TEN), ("CAPTURE", TEN)]),
    ("MOCK", "AUTHORIZED", "MANUAL"): ("AUTHORIZED", [("AUTHORIZATION", TEN)]),
    ("MOCK", "FAILED", "AUTOMATIC"): ("DECLINED", []),
    ("MOCK", "CANCELLED", "AUTOMATIC"): ("VOIDED", []),
    ("MOCK", "PENDING", "AUTOMATIC"): (None, []),
    ("MANUAL", "SUCCEEDED", "AUTOMATIC"): (None, [("CHARGE", TEN)]),
}
REFUNDS = [("SUCCEEDED", "re_1", Decimal(3)), ("FAILED", None, Decimal(4)), ("PENDING", None, Decimal(2))]


def sum_of(transactions: list[tuple[Any, ...]], *types: str) -> Decimal:
    """The sum of the transactions of these types that succeeded."""
    return sum((each[1] for each in transactions if each[0] in types and each[2] == "SUCCEEDED"), Decimal(0))


async def test_every_earlier_payment_has_its_transactions(empty_database: str, tmp_path: Path) -> None:
    await migrate(empty_database, folder=migrations_before(BEFORE, tmp_path))
    company = new_id()
    expected: dict[UUID, list[tuple[Any, ...]]] = {}
    refunds: dict[str, UUID] = {}
    async with connected(empty_database) as connection:
        await connection.execute(COMPANY, company)
        for (provider, status, method), (at_provider, transactions) in PAYMENTS.items():
            order_id, payment_id = new_id(), new_id()
            await connection.execute(ORDER, order_id, company)
            await connection.execute(PAYMENT, payment_id, company, order_id, provider, status, method, THEN)
            if at_provider:
                await connection.execute(CHARGE, payment_id, at_provider, method, THEN)
            expected[payment_id] = [(*each, "SUCCEEDED", str(payment_id), None, THEN) for each in transactions]
        refunded, refunded_order = payment_id, order_id
        for status, provider_id, amount in REFUNDS:
            refunds[status] = new_id()
            given = (refunded, refunded_order, amount, status, provider_id, THEN)
            await connection.execute(REFUND, refunds[status], company, *given)
        expected[refunded] += [
            ("REFUND", Decimal(3), "SUCCEEDED", "re_1", refunds["SUCCEEDED"], THEN),
            ("REFUND", Decimal(4), "FAILED", str(refunds["FAILED"]), refunds["FAILED"], THEN),
        ]
    await migrate(empty_database)
    async with connected(empty_database) as connection:
        rows = await connection.fetch(
            "select payment_id, type::text, amount, status::text, provider_transaction_id, refund_id, processed_at "
            "from payment_transactions order by type, status desc"
        )
        found = {payment: [tuple(row)[1:] for row in rows if row["payment_id"] == payment] for payment in expected}
        assert found == expected
        amounts = await connection.fetch("select id, amount_captured, amount_refunded from payments")
        assert {row["id"]: tuple(row)[1:] for row in amounts} == {
            payment: (sum_of(each, "CHARGE", "CAPTURE"), sum_of(each, "REFUND")) for payment, each in expected.items()
        }
        charges = await connection.fetch(
            "select status, captured_amount, authorized_at is null, captured_at, voided_at from mock_charges"
        )
        assert sorted(map(tuple, charges), key=str) == sorted(
            [
                ("APPROVED", TEN, False, THEN, None),
                ("APPROVED", TEN, False, THEN, None),
                ("AUTHORIZED", None, False, None, None),
                ("DECLINED", None, True, None, None),
                ("VOIDED", None, True, None, THEN),
            ],
            key=str,
        )
        agreements = [each for each in INVARIANTS if "agree" in each.rule]
        assert [await connection.fetch(each.query) for each in agreements] == [[], []]
