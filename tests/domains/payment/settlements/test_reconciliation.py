"""Lines of settlement reports are compared with transactions of payments, and differences are listed and cleared."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

import pytest

from domains.kernel.errors import DomainError
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.text.validation import Required
from domains.payment.models import TransactionStatus as Status
from domains.payment.models import TransactionType as M
from domains.payment.settlements.errors import (
    SettlementDifferenceClosed,
    SettlementDifferenceNotFound,
    SettlementReportNotFound,
)
from domains.payment.settlements.models import (
    LineFilter,
    SettlementDifference,
    SettlementDifferenceStatus,
)
from domains.payment.settlements.models import SettlementDifferenceKind as K
from domains.payment.settlements.models import SettlementLineType as T
from tests.domains.payment.settlements.conftest import Bookkeeper, Movement
from tests.domains.payment.settlements.report_files import AT, stripe, stripe_row

D = Decimal
SALE: Final = Decimal("19.90")
CHARGED: Final[Movement] = (M.CHARGE, "ch_1", "19.90")
CHARGE: Final = stripe_row("txn_1", "charge", "19.90", "0.83", "ch_1")
Found = list[tuple[str, str, str, Decimal | None, Decimal | None]]

# Transactions here, the rows of the report, and the open differences.
CASES: Final[dict[str, tuple[list[Movement], list[str], Found]]] = {
    "agreement": ([CHARGED], [CHARGE], []),
    "capture": ([(M.AUTHORIZATION, "ch_1", "19.90"), (M.CAPTURE, "ch_1", "19.90")], [CHARGE], []),
    "partial capture": (
        [(M.AUTHORIZATION, "ch_1", "19.90"), (M.CAPTURE, "ch_1", "12.00")],
        [CHARGE, stripe_row("txn_2", "partial_capture_reversal", "-7.90", source="ch_1")],
        [],
    ),
    "refund": ([CHARGED, (M.REFUND, "re_1", "5")], [CHARGE, stripe_row("txn_2", "refund", "-5", source="re_1")], []),
    "failed refund": (
        [CHARGED, (M.REFUND, "re_1", "5"), (M.REFUND, "re_1", "5", Status.FAILED)],
        [
            CHARGE,
            stripe_row("txn_2", "refund", "-5", source="re_1"),
            stripe_row("txn_3", "refund_failure", "5", source="re_1"),
        ],
        [],
    ),
    "dispute": (
        [CHARGED, (M.CHARGEBACK, "dp_1", "19.90", Status.PENDING)],
        [CHARGE, stripe_row("txn_2", "dispute", "-19.90", "15.00", "dp_1")],
        [],
    ),
    "won dispute": (
        [CHARGED, (M.CHARGEBACK, "dp_1", "19.90", Status.PENDING), (M.CHARGEBACK, "dp_1", "19.90", Status.FAILED)],
        [
            CHARGE,
            stripe_row("txn_2", "dispute", "-19.90", "15.00", "dp_1"),
            stripe_row("txn_3", "dispute_reversal", "19.90", "-15.00", "dp_1"),
        ],
        [],
    ),
    "missing here": (
        [CHARGED],
        [CHARGE, stripe_row("txn_2", "charge", "7.00", source="ch_2")],
        [(K.MISSING_HERE, T.CHARGE, "ch_2", None, D("7.00"))],
    ),
    "missing here without a source": (
        [CHARGED],
        [CHARGE, stripe_row("txn_2", "refund", "-7.00")],
        [(K.MISSING_HERE, T.REFUND, "txn_2", None, D("-7.00"))],
    ),
    "missing at the provider": (
        [CHARGED, (M.REFUND, "re_1", "5"), (M.CHARGEBACK, "dp_1", "2", Status.PENDING)],
        [CHARGE],
        [
            (K.MISSING_AT_PROVIDER, T.CHARGEBACK, "dp_1", D("-2.00"), None),
            (K.MISSING_AT_PROVIDER, T.REFUND, "re_1", D("-5.00"), None),
        ],
    ),
    "not expected at the provider": (
        [CHARGED, (M.REFUND, "re_1", "5", Status.PENDING), (M.CHARGEBACK, "dp_1", "2", Status.FAILED)],
        [CHARGE],
        [],
    ),
    "amount": (
        [CHARGED],
        [stripe_row("txn_1", "charge", "19.80", source="ch_1")],
        [(K.AMOUNT_DIFFERS, T.CHARGE, "ch_1", SALE, D("19.80"))],
    ),
    "duplicate": (
        [CHARGED],
        [CHARGE, stripe_row("txn_2", "charge", "19.90", source="ch_1", at=AT + timedelta(minutes=1))],
        [(K.DUPLICATE, T.CHARGE, "ch_1", SALE, D("39.80"))],
    ),
    "dispute that was won there alone": (
        [CHARGED, (M.CHARGEBACK, "dp_1", "19.90", Status.PENDING)],
        [
            CHARGE,
            stripe_row("txn_2", "dispute", "-19.90", source="dp_1"),
            stripe_row("txn_3", "dispute_reversal", "19.90", source="dp_1", at=AT + timedelta(days=1)),
        ],
        [(K.AMOUNT_DIFFERS, T.CHARGEBACK, "dp_1", -SALE, D(0))],
    ),
}


@pytest.mark.parametrize("case", CASES)
async def test_differences_are_listed(books: Bookkeeper, case: str) -> None:
    movements, rows, expected = CASES[case]
    payment = await books.pay("19.90", movements[0])
    for movement in movements[1:]:
        await books.record(payment, movement)
    report = (await books.load(stripe(*rows))).report
    assert await books.open() == expected
    assert await books.settlements.open_counts(books.reader, [report.id]) == {report.id: len(expected)}
    reported = {reference for _, _, reference, _, amount in expected if amount is not None}
    for is_different in (True, False):
        filters = LineFilter(is_different=is_different)
        page = await books.settlements.lines(books.reader, PageArgs(100), report.id, filters)
        assert {line.reference in reported for line in page.items} <= {is_different}


async def test_another_currency_is_a_difference(books: Bookkeeper) -> None:
    await books.pay("19.90", CHARGED)
    await books.owner.execute("update payment_transactions set currency = 'USD' where company_id = $1", books.company)
    await books.load(stripe(CHARGE))
    assert await books.open() == [(K.CURRENCY_DIFFERS, T.CHARGE, "ch_1", SALE, SALE)]
    (difference,) = await books.differences()
    assert (difference.currency_here, difference.currency_reported) == ("USD", "EUR")


async def test_a_transaction_outside_the_period_is_not_missing(books: Bookkeeper) -> None:
    await books.pay("19.90", CHARGED)
    await books.pay("19.90", (M.CHARGE, "ch_2", "19.90"), at=AT + timedelta(seconds=1))
    await books.load(stripe(CHARGE))
    assert await books.open() == []


async def test_a_later_report_clears_what_was_missing_at_the_provider(books: Bookkeeper) -> None:
    await books.pay("19.90", CHARGED)
    await books.pay("8.00", (M.CHARGE, "ch_2", "8.00"))
    await books.load(stripe(CHARGE))
    assert await books.open() == [(K.MISSING_AT_PROVIDER, T.CHARGE, "ch_2", D("8.00"), None)]
    await books.load(stripe(stripe_row("txn_2", "charge", "8.00", source="ch_2", at=AT + timedelta(days=1))))
    (difference,) = await books.differences()
    assert (difference.status, difference.kind) == (SettlementDifferenceStatus.CLEARED, K.MISSING_AT_PROVIDER)


async def test_a_webhook_that_arrives_after_the_report_clears_its_difference(books: Bookkeeper) -> None:
    payment = await books.pay("19.90", CHARGED)
    report = (await books.load(stripe(CHARGE, stripe_row("txn_2", "refund", "-5", source="re_1")))).report
    assert await books.open() == [(K.MISSING_HERE, T.REFUND, "re_1", None, D("-5.00"))]
    reconcile = books.settlements.reconciliation.reconcile_open
    assert await reconcile(books.database, books.actor) == 1
    assert len(await books.open()) == 1
    await books.record(payment, (M.REFUND, "re_1", "5"))
    with counting() as count:
        assert await reconcile(books.database, books.actor) == 1
    assert (await books.open(), count.data) == ([], 5)
    lines = await books.lines(report.id)
    assert [line.transaction_id is None or line.difference_id is not None for line in lines] == [False, False]
    with counting() as count:
        assert await reconcile(books.database, books.actor) == 0
    assert count.data == 1


async def test_the_job_does_not_wait_for_an_import(books: Bookkeeper) -> None:
    await books.pay("19.90", CHARGED)
    await books.load(stripe(CHARGE, stripe_row("txn_2", "refund", "-5", source="re_1")))
    async with books.database.transaction(books.actor) as tx:
        await tx.execute("select pg_advisory_xact_lock(hashtextextended($1::uuid::text, 15))", books.company)
        assert await books.settlements.reconciliation.reconcile_open(books.database, books.actor) == 0
    assert len(await books.open()) == 1


async def test_a_report_is_compared_again_on_request(books: Bookkeeper) -> None:
    payment = await books.pay("19.90", CHARGED)
    rows = (CHARGE, stripe_row("txn_2", "refund", "-5", source="re_1"))
    report = (await books.load(stripe(*rows))).report
    await books.record(payment, (M.REFUND, "re_1", "5"), (M.REFUND, "re_2", "1"))
    reconcile = books.settlements.reconciliation.reconcile
    for _ in range(2):
        assert await books.database.run(lambda tx: reconcile(tx, report.id), books.actor) == report
        assert await books.open() == [(K.MISSING_AT_PROVIDER, T.REFUND, "re_2", D("-1.00"), None)]
    await books.record(payment, (M.REFUND, "re_1", "5", Status.FAILED))
    await books.database.run(lambda tx: reconcile(tx, report.id), books.actor)
    assert await books.open() == [
        (K.AMOUNT_DIFFERS, T.REFUND, "re_1", D(0), D("-5.00")),
        (K.MISSING_AT_PROVIDER, T.REFUND, "re_2", D("-1.00"), None),
    ]


async def resolve(books: Bookkeeper, difference_id: UUID, reason: str = "By hand.") -> SettlementDifference:
    run = books.settlements.reconciliation.resolve
    return await books.database.run(lambda tx: run(tx, books.actor, difference_id, reason), books.actor)


async def test_a_resolved_difference_stays_so_until_it_changes(books: Bookkeeper) -> None:
    payment = await books.pay("19.90", CHARGED)
    report = (await books.load(stripe(CHARGE, stripe_row("txn_2", "refund", "-5", source="re_1")))).report
    (difference,) = await books.differences()
    with counting() as count:
        resolved = await resolve(books, difference.id, "  Refunded in the dashboard. ")
    assert count.data == 2
    assert (resolved.status, resolved.reason) == (SettlementDifferenceStatus.RESOLVED, "Refunded in the dashboard.")
    reconcile = books.settlements.reconciliation.reconcile
    await books.database.run(lambda tx: reconcile(tx, report.id), books.actor)
    (kept,) = await books.differences()
    assert (kept.status, kept.reason, kept.resolved_at) == (resolved.status, resolved.reason, resolved.resolved_at)
    await books.record(payment, (M.REFUND, "re_1", "4"))
    await books.database.run(lambda tx: reconcile(tx, report.id), books.actor)
    (again,) = await books.differences()
    assert (again.id, again.status, again.reason) == (difference.id, SettlementDifferenceStatus.OPEN, None)
    assert await books.open() == [(K.AMOUNT_DIFFERS, T.REFUND, "re_1", D("-4.00"), D("-5.00"))]


async def test_two_resolutions_at_once_keep_the_first(books: Bookkeeper) -> None:
    await books.pay("19.90", CHARGED)
    await books.load(stripe(CHARGE, stripe_row("txn_2", "refund", "-5", source="re_1")))
    (difference,) = await books.differences()
    outcomes = await asyncio.gather(*(resolve(books, difference.id) for _ in range(3)), return_exceptions=True)
    names = sorted(type(outcome).__name__ for outcome in outcomes)
    assert names == ["SettlementDifferenceClosed", "SettlementDifferenceClosed", "SettlementDifferenceRow"]


async def test_refused_resolutions_change_nothing(books: Bookkeeper, other_books: Bookkeeper) -> None:
    payment = await books.pay("19.90", CHARGED)
    report = (await books.load(stripe(CHARGE, stripe_row("txn_2", "refund", "-5", source="re_1")))).report
    (difference,) = await books.differences()
    refused: list[tuple[Bookkeeper, UUID, str, type[DomainError]]] = [
        (books, new_id(), "Why", SettlementDifferenceNotFound),
        (other_books, difference.id, "Why", SettlementDifferenceNotFound),
        (books, difference.id, "  ", Required),
    ]
    for who, difference_id, reason, error in refused:
        with pytest.raises(error):
            await resolve(who, difference_id, reason)
    reconcile = other_books.settlements.reconciliation.reconcile
    with pytest.raises(SettlementReportNotFound):
        await books.database.run(lambda tx: reconcile(tx, report.id), other_books.actor)
    assert await books.differences() == [difference]
    await books.record(payment, (M.REFUND, "re_1", "5"))
    await books.settlements.reconciliation.reconcile_open(books.database, books.actor)
    with pytest.raises(SettlementDifferenceClosed):
        await resolve(books, difference.id)
