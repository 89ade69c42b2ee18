"""Lists of payments, transactions, refunds and the audit log: what their conditions find, and their query plans."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import pytest

from domains.kernel.clock import SystemClock
from domains.kernel.database import Reader
from domains.kernel.errors import RangeInverted
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.text.validation import TooLong
from domains.payment.listing.filters import AuditFilter, PaymentFilter, RefundFilter, TransactionFilter
from domains.payment.listing.lists import PaymentLists
from domains.payment.models import (
    PaymentAuditEvent,
    PaymentMethod,
    PaymentStatus,
    RefundStatus,
    TransactionStatus,
    TransactionType,
)
from domains.payment.providers.registry import Providers
from domains.payment.service import PaymentService
from gateway.providers.mock.declines import DECLINES
from gateway.providers.mock.mock_payments import MockPayments
from tests.databases import Server
from tests.domains.payment.conftest import WEBHOOK_SECRET
from tests.domains.payment.payer import PRICE, Payer
from tests.domains.query_plans import RowPlanReader, filling, scans, two_big_companies, whole_tables_read

EARLY, LATE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
PAGE = PageArgs(first=20)
EACH: Final = 10_000
FILL: Final = (
    """
    insert into payments (id, company_id, order_id, provider, method, status, amount, currency,
      provider_transaction_id, settled_at, created_at, updated_at)
    select md5($1 || 'p' || i)::uuid, $1::uuid, md5($1 || 'o' || i / 2)::uuid, 'MOCK', 'CARD',
      case when i % 500 = 0 then 'CANCELLED' else 'SUCCEEDED' end::payment_status, 10, 'EUR', $1 || 't' || i,
      now(), now() - make_interval(secs => i), now()
    from generate_series(1, $2::int) i
    """,
    """
    insert into payment_transactions (id, company_id, payment_id, provider, type, status, provider_transaction_id,
      amount, currency, processed_at)
    select md5(id::text || 't')::uuid, company_id, id, provider,
      case status when 'CANCELLED' then 'CHARGEBACK' else 'CHARGE' end::payment_transaction_type, 'SUCCEEDED',
      provider_transaction_id, amount, currency, created_at
    from payments where company_id = $1::text::uuid and $2 > 0
    """,
    """
    insert into refunds (id, company_id, payment_id, order_id, amount, currency, status, actor_kind, settled_at,
      created_at, updated_at)
    select md5(id::text || 'r')::uuid, company_id, id, order_id, 1, currency, 'SUCCEEDED', 'SYSTEM', now(),
      created_at, now()
    from payments where company_id = $1::text::uuid and $2 > 0
    """,
    """
    insert into payment_audit_logs (id, company_id, event_type, actor_kind, user_id, payment_id, order_id, amount,
      currency, success, timestamp)
    select md5(id::text || 'a')::uuid, company_id, case status when 'CANCELLED' then 'PAYMENT_FAILED'
      else 'PAYMENT_SUCCEEDED' end::payment_audit_event, 'USER', md5(order_id::text)::uuid, id, order_id, amount,
      currency, status <> 'CANCELLED', created_at
    from payments where company_id = $1::text::uuid and $2 > 0
    """,
)
TABLES: Final = ("payments", "payment_transactions", "refunds", "payment_audit_logs")


@pytest.fixture
def reader(payer: Payer) -> Reader:
    """A reader of the payer's company."""
    return payer.reader


async def test_payments_are_found_by_each_condition(payer: Payer, payments: PaymentService, reader: Reader) -> None:
    declined, paid = await payer.pay(DECLINES), await payer.pay()

    async def found(filters: PaymentFilter, search: str | None = None) -> list[Any]:
        return [row.id for row in (await payments.lists.payments(reader, PAGE, filters, search=search)).items]

    both = [paid.id, declined.id]
    assert await found(PaymentFilter()) == both
    for filters, expected in (
        (PaymentFilter(ids=[paid.id]), [paid.id]),
        (PaymentFilter(order_id=payer.order), both),
        (PaymentFilter(order_id=new_id()), []),
        (PaymentFilter(providers=["MOCK", "STRIPE"]), both),
        (PaymentFilter(providers=["STRIPE"]), []),
        (PaymentFilter(methods=[PaymentMethod.CARD]), both),
        (PaymentFilter(methods=[PaymentMethod.INVOICE]), []),
        (PaymentFilter(statuses=[PaymentStatus.FAILED]), [declined.id]),
        (PaymentFilter(statuses=[]), []),
        (PaymentFilter(created_from=EARLY, created_before=LATE), both),
        (PaymentFilter(created_from=LATE), []),
        (PaymentFilter(amount_at_least=PRICE, amount_at_most=PRICE), both),
        (PaymentFilter(amount_at_least=PRICE + 1), []),
    ):
        assert await found(filters) == expected, filters
    assert await found(PaymentFilter(), paid.provider_transaction_id) == [paid.id]
    assert await found(PaymentFilter(), "tx_unknown") == []
    assert await found(PaymentFilter(), "\u200b") == []


async def test_transactions_are_found_by_each_condition(
    payer: Payer, payments: PaymentService, reader: Reader
) -> None:
    paid = await payer.pay()
    (charge,) = await payments.transactions.of_payments(reader, [paid.id])

    async def found(filters: TransactionFilter, search: str | None = None) -> bool:
        page = await payments.lists.transactions(reader, PAGE, filters, search=search)
        return [row.id for row in page.items] == [charge.id]

    for filters, expected in (
        (TransactionFilter(), True),
        (TransactionFilter(payment_id=paid.id), True),
        (TransactionFilter(payment_id=new_id()), False),
        (TransactionFilter(order_id=payer.order), True),
        (TransactionFilter(order_id=new_id()), False),
        (TransactionFilter(types=[TransactionType.CHARGE]), True),
        (TransactionFilter(types=[TransactionType.CHARGEBACK]), False),
        (TransactionFilter(statuses=[TransactionStatus.FAILED]), False),
        (TransactionFilter(providers=["PAYPAL"]), False),
        (TransactionFilter(processed_from=EARLY, processed_before=LATE), True),
        (TransactionFilter(processed_before=EARLY), False),
    ):
        assert await found(filters) is expected, filters
    assert await found(TransactionFilter(), charge.provider_transaction_id)
    assert not await found(TransactionFilter(), "tx_unknown")


async def test_refunds_and_entries_are_found_by_each_condition(
    payer: Payer, payments: PaymentService, reader: Reader
) -> None:
    paid = await payer.pay()
    refund = await payer.database.run(
        lambda tx: payments.refunds.create(tx, payer.actor, paid.id, Decimal(5)), payer.actor
    )
    for filters, expected in (
        (RefundFilter(payment_id=paid.id, order_id=payer.order), [refund.id]),
        (RefundFilter(statuses=[RefundStatus.PENDING], created_from=EARLY), [refund.id]),
        (RefundFilter(statuses=[RefundStatus.FAILED]), []),
        (RefundFilter(created_before=EARLY), []),
    ):
        assert [row.id for row in (await payments.lists.refunds(reader, PAGE, filters)).items] == expected, filters
    event = PaymentAuditEvent
    every = [event.REFUND_REQUESTED, event.PAYMENT_SUCCEEDED, event.PAYMENT_CREATED]
    for wanted, logged in (
        (AuditFilter(), every),
        (AuditFilter(payment_id=paid.id, order_id=payer.order, success=True), every),
        (AuditFilter(event_types=[event.REFUND_REQUESTED]), every[:1]),
        (AuditFilter(success=False), []),
        (AuditFilter(user_id=new_id()), []),
        (AuditFilter(since=LATE), []),
    ):
        page = await payments.lists.entries(reader, PAGE, wanted)
        assert [row.event_type for row in page.items] == logged, wanted


async def test_pages_follow_each_other_in_both_directions(
    payer: Payer, payments: PaymentService, reader: Reader
) -> None:
    ids = [(await payer.pay(DECLINES)).id for _ in range(3)]
    first = await payments.lists.payments(reader, PageArgs(first=2))
    with counting() as counts:
        rest = await payments.lists.payments(reader, PageArgs(first=2, after=first.cursors[-1]))
    assert counts.data == 1
    assert [row.id for row in (*first.items, *rest.items)] == ids[::-1]
    oldest = await payments.lists.payments(reader, PageArgs(first=2), direction="asc")
    assert [row.id for row in oldest.items] == ids[:2]


async def test_an_empty_range_and_an_invalid_search_are_refused(payments: PaymentService, reader: Reader) -> None:
    for filters in (
        PaymentFilter(created_from=LATE, created_before=EARLY),
        PaymentFilter(amount_at_least=Decimal(2), amount_at_most=Decimal(1)),
    ):
        with pytest.raises(RangeInverted):
            await payments.lists.payments(reader, PAGE, filters)
    with pytest.raises(TooLong):
        await payments.lists.payments(reader, PAGE, search="x" * 1_000)


@pytest.fixture(scope="module")
async def planner(server: Server) -> AsyncIterator[RowPlanReader]:
    """What plans statements in one of two big companies."""
    async with two_big_companies(server, filling(TABLES, FILL, EACH)) as (pool, company_id):
        yield RowPlanReader(pool, company_id)


Reads = Callable[[PaymentLists, RowPlanReader, PageArgs], Awaitable[Any]]
READS: Final[dict[str, Reads]] = {
    "payments": lambda lists, db, page: lists.payments(db, page),
    "cancelled payments": lambda lists, db, page: lists.payments(
        db, page, PaymentFilter(statuses=[PaymentStatus.CANCELLED])
    ),
    "payments of an order": lambda lists, db, page: lists.payments(db, page, PaymentFilter(order_id=new_id())),
    "a payment by the provider's id": lambda lists, db, page: lists.payments(db, page, search="t1"),
    "transactions": lambda lists, db, page: lists.transactions(db, page),
    "chargebacks": lambda lists, db, page: lists.transactions(
        db, page, TransactionFilter(types=[TransactionType.CHARGEBACK])
    ),
    "transactions of a payment": lambda lists, db, page: lists.transactions(
        db, page, TransactionFilter(payment_id=new_id())
    ),
    "a transaction by the provider's id": lambda lists, db, page: lists.transactions(db, page, search="t1"),
    "refunds": lambda lists, db, page: lists.refunds(db, page),
    "refunds of an order": lambda lists, db, page: lists.refunds(db, page, RefundFilter(order_id=new_id())),
    "entries": lambda lists, db, page: lists.entries(db, page),
    "failures": lambda lists, db, page: lists.entries(db, page, AuditFilter(success=False)),
    "entries of a kind": lambda lists, db, page: lists.entries(
        db, page, AuditFilter(event_types=[PaymentAuditEvent.PAYMENT_FAILED])
    ),
    "entries of a user": lambda lists, db, page: lists.entries(db, page, AuditFilter(user_id=new_id())),
    "entries of an order": lambda lists, db, page: lists.entries(db, page, AuditFilter(order_id=new_id())),
    "entries of a payment": lambda lists, db, page: lists.entries(db, page, AuditFilter(payment_id=new_id())),
}


@pytest.mark.parametrize("name", READS)
async def test_each_list_is_read_from_an_index(planner: RowPlanReader, name: str) -> None:
    lists = PaymentLists(Providers(MockPayments(planner._pool, SystemClock(), WEBHOOK_SECRET)))
    planner.plans = []
    await READS[name](lists, planner, PAGE)
    assert scans(planner, TABLES) != []
    assert whole_tables_read(planner, TABLES) == []
    assert all(plan["Total Cost"] < 200 for plan in planner.plans), planner.plans
