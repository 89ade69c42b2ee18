"""Imports of settlement reports: posted once, as a whole or not at all, with bounded memory and statements."""

import asyncio
import io
import tempfile
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

import pytest

from domains.kernel.monitoring.statement_counts import counting
from domains.payment.models import TransactionType as M
from domains.payment.settlements import files, sql
from domains.payment.settlements.errors import (
    SettlementOfAnotherCompany,
    SettlementProviderUnknown,
    SettlementReportRefused,
)
from domains.payment.settlements.models import SettlementLineType as T
from tests.domains.payment.settlements.conftest import Bookkeeper
from tests.domains.payment.settlements.report_files import (
    ACCOUNT,
    AT,
    STRIPE_COLUMNS,
    paypal,
    stripe,
    stripe_row,
)

CHARGE: Final = stripe_row("txn_1", "charge", "19.90", "0.83", "ch_1")


async def paid(books: Bookkeeper, number: int = 1) -> None:
    await books.pay("19.90", (M.CHARGE, f"ch_{number}", "19.90"))


async def test_a_report_is_stored_and_what_only_it_tells_is_posted(books: Bookkeeper) -> None:
    await paid(books)
    imported = await books.load(
        stripe(
            CHARGE,
            stripe_row("txn_2", "fee", "-2.00", source="fee_1"),
            stripe_row("txn_3", "payout", "-10.00", "0.50", "po_1"),
            stripe_row("txn_4", "payout_reversal", "1.00", source="po_1"),
            stripe_row("txn_5", "other_adjustment", "-0.30"),
            stripe_row("txn_6", "connect_collection_transfer", "0.20"),
        )
    )
    report = imported.report
    assert imported.is_new
    assert (report.line_count, report.repeated_count, report.currency) == (6, 0, "EUR")
    assert (report.gross, report.fee, report.net) == (Decimal("8.80"), Decimal("1.33"), Decimal("7.47"))
    assert (report.period_from, report.period_to, report.imported_by) == (AT, AT, None)
    lines = await books.lines(report.id)
    assert [(line.external_id, line.type, line.category, line.line) for line in lines] == [
        ("txn_1", T.CHARGE, "charge", 2),
        ("txn_2", T.FEE, "fee", 4),
        ("txn_3", T.PAYOUT, "payout", 6),
        ("txn_4", T.PAYOUT, "payout_reversal", 8),
        ("txn_5", T.ADJUSTMENT, "other_adjustment", 10),
        ("txn_6", T.ADJUSTMENT, "connect_collection_transfer", 12),
    ]
    assert await books.posted() == [
        ("FEE", "DEBIT 6000 0.8300, CREDIT 1200.STRIPE 0.8300"),
        ("FEE", "DEBIT 6000 2.0000, CREDIT 1200.STRIPE 2.0000"),
        ("FEE", "DEBIT 6000 0.5000, CREDIT 1200.STRIPE 0.5000"),
        ("PAYOUT", "DEBIT 1000 10.0000, CREDIT 1200.STRIPE 10.0000"),
        ("PAYOUT", "DEBIT 1200.STRIPE 1.0000, CREDIT 1000 1.0000"),
        ("SETTLEMENT_ADJUSTMENT", "DEBIT 1900 0.3000, CREDIT 1200.STRIPE 0.3000"),
        ("SETTLEMENT_ADJUSTMENT", "DEBIT 1200.STRIPE 0.2000, CREDIT 1900 0.2000"),
    ]
    assert await books.open() == []
    clearing = {each.provider: each for each in await books.settlements.clearing(books.reader)}
    assert (clearing["STRIPE"].balance, clearing["STRIPE"].reported) == (Decimal("7.47"), Decimal("7.47"))
    assert [clearing["STRIPE"].unreconciled, clearing["PAYPAL"].balance] == [Decimal(0), Decimal(0)]


async def test_entries_are_booked_on_the_day_of_the_line_in_the_time_zone_of_the_company(books: Bookkeeper) -> None:
    await books.owner.execute("update companies set time_zone = 'Asia/Tokyo' where id = $1", books.company)
    await paid(books)
    late = datetime(2026, 10, 31, 20, 0, tzinfo=UTC)
    await books.load(stripe(stripe_row("txn_1", "charge", "19.90", "0.83", "ch_1", at=late)))
    days = "select booked_on from ledger_entries where company_id = $1 and source_kind = 'settlement_line'"
    assert await books.owner.fetchval(days, books.company) == date(2026, 11, 1)


async def test_a_report_of_paypal_is_stored(books: Bookkeeper) -> None:
    movements = ((M.CHARGE, "CAP1", "19.90"), (M.REFUND, "REF1", "5.00"))
    await books.pay("19.90", *movements, provider="PAYPAL")
    disputed = ((M.CHARGE, "CAP2", "8.00"), (M.CHARGEBACK, "CAP2", "8.00"))
    await books.pay("8.00", *disputed, provider="PAYPAL")
    content = paypal(
        ("CAP1", "T0006", 1990, 92, "ORDER1"),
        ("REF1", "T1107", -500, 0, "CAP1"),
        ("CAP2", "T0006", 800, 50, "ORDER2"),
        ("DIS1", "T1201", -800, 0, "CAP2"),
        ("FEE1", "T0106", -2000),
        ("FEE2", "T1108", 12),
        ("OUT1", "T0400", -300),
        ("HOLD1", "T1110", -100),
    )
    report = (await books.load(content, "PAYPAL")).report
    assert (report.account_id, report.line_count) == (ACCOUNT, 8)
    assert (report.period_from, report.period_to) == (
        datetime(2026, 11, 20, 8, 0, tzinfo=UTC),
        datetime(2026, 11, 21, 7, 59, 59, tzinfo=UTC),
    )
    assert (report.gross, report.fee, report.net) == (Decimal("-8.98"), Decimal("1.42"), Decimal("-10.40"))
    lines = await books.lines(report.id)
    assert [(line.external_id, line.type, line.reference, line.transaction_id is None) for line in lines] == [
        ("CAP1:T0006:CR", T.CHARGE, "CAP1", False),
        ("REF1:T1107:DR", T.REFUND, "REF1", False),
        ("CAP2:T0006:CR", T.CHARGE, "CAP2", False),
        ("DIS1:T1201:DR", T.CHARGEBACK, "CAP2", False),
        ("FEE1:T0106:DR", T.FEE, "FEE1", True),
        ("FEE2:T1108:CR", T.FEE, "FEE2", True),
        ("OUT1:T0400:DR", T.PAYOUT, "OUT1", True),
        ("HOLD1:T1110:DR", T.ADJUSTMENT, "HOLD1", True),
    ]
    assert [line.occurred_at for line in lines] == [AT] * 8
    assert await books.posted() == [
        ("FEE", "DEBIT 6000 0.9200, CREDIT 1200.PAYPAL 0.9200"),
        ("FEE", "DEBIT 6000 0.5000, CREDIT 1200.PAYPAL 0.5000"),
        ("FEE", "DEBIT 6000 20.0000, CREDIT 1200.PAYPAL 20.0000"),
        ("FEE", "DEBIT 1200.PAYPAL 0.1200, CREDIT 6000 0.1200"),
        ("PAYOUT", "DEBIT 1000 3.0000, CREDIT 1200.PAYPAL 3.0000"),
        ("SETTLEMENT_ADJUSTMENT", "DEBIT 1900 1.0000, CREDIT 1200.PAYPAL 1.0000"),
    ]
    assert await books.open() == []


async def test_the_same_file_again_returns_the_earlier_report_and_changes_nothing(books: Bookkeeper) -> None:
    await paid(books)
    first = await books.load(stripe(CHARGE))
    before = await books.counts()
    with counting() as count:
        second = await books.load(stripe(CHARGE))
    assert (second.is_new, second.report) == (False, first.report)
    assert (await books.counts(), count.data) == (before, 1)


async def test_two_imports_of_one_file_at_once_store_it_once(books: Bookkeeper) -> None:
    await paid(books)
    imported = await asyncio.gather(*(books.load(stripe(CHARGE)) for _ in range(4)))
    assert sorted(each.is_new for each in imported) == [False, False, False, True]
    assert len({each.report.id for each in imported}) == 1
    assert await books.counts() == [1, 1, 0, 1]


async def test_two_imports_of_overlapping_files_at_once_count_each_row_once(books: Bookkeeper) -> None:
    for number in (1, 2, 3):
        await paid(books, number)
    rows = [stripe_row(f"txn_{number}", "charge", "19.90", "0.83", f"ch_{number}") for number in (1, 2, 3)]
    imported = await asyncio.gather(books.load(stripe(*rows[:2])), books.load(stripe(*rows[1:])))
    assert sorted(each.report.repeated_count for each in imported) == [0, 1]
    assert await books.counts() == [2, 3, 1, 3]  # the first one lacks a charge, which the second one has
    assert await books.open() == []


async def test_a_row_of_an_earlier_report_with_another_amount_is_refused(books: Bookkeeper) -> None:
    await paid(books)
    await books.load(stripe(CHARGE))
    before = await books.counts()
    changed = stripe(stripe_row("txn_0", "fee", "-1.00"), stripe_row("txn_1", "charge", "19.90", "0.84", "ch_1"))
    with pytest.raises(SettlementReportRefused, match=r"^Line 4: An earlier report has this row with another"):
        await books.load(changed)
    assert await books.counts() == before


@pytest.mark.parametrize("between", [0, files.CHUNK], ids=["in one batch", "in two batches"])
async def test_a_row_that_occurs_twice_is_refused(books: Bookkeeper, between: int) -> None:
    await paid(books)
    others = [stripe_row(f"txn_x{number}", "fee", "-0.01") for number in range(between and 1_000)]
    with pytest.raises(SettlementReportRefused, match="The row has the same id as that of line 2"):
        await books.load(stripe(CHARGE, *others, CHARGE))
    assert await books.counts() == [0, 0, 0, 0]


async def test_a_process_that_dies_between_two_batches_has_stored_nothing(books: Bookkeeper) -> None:
    class Died(Exception):
        pass

    await paid(books)
    content = stripe(CHARGE, *(stripe_row(f"txn_x{number}", "fee", "-0.01") for number in range(1_500)))
    seen: list[tuple[int, int]] = []

    def die(lines: int, total: int) -> None:
        seen.append((lines, total))
        if len(seen) == 2:
            raise Died

    imports = books.settlements.imports
    with pytest.raises(Died):
        await imports.run(books.database, books.actor, "STRIPE", io.BytesIO(content), on_progress=die)
    assert (seen, await books.counts()) == ([(1_000, 1_501), (1_501, 1_501)], [0, 0, 0, 0])
    assert (await books.load(content)).is_new
    assert await books.counts() == [1, 1_501, 0, 1_501]


async def test_a_report_of_another_company_is_refused_with_its_first_payment(
    books: Bookkeeper, other_books: Bookkeeper
) -> None:
    await paid(other_books)
    content = stripe(stripe_row("txn_0", "fee", "-1.00"), CHARGE)
    with pytest.raises(SettlementOfAnotherCompany, match=r"^Line 4: No payment of this company"):
        await books.load(content)
    assert await books.counts() == [0, 0, 0, 0]
    await other_books.load(content)
    assert await books.counts() == [0, 0, 0, 0]


async def test_a_report_without_payments_needs_payments_at_the_provider(books: Bookkeeper) -> None:
    content = stripe(stripe_row("txn_3", "payout", "-10.00", source="po_1"))
    with pytest.raises(SettlementOfAnotherCompany, match=r"^Line 2: "):
        await books.load(content)
    await books.pay("19.90", (M.CHARGE, "CAP1", "19.90"), provider="PAYPAL")
    with pytest.raises(SettlementOfAnotherCompany, match=r"^Line 2: "):
        await books.load(content)
    await paid(books)
    assert (await books.load(content)).is_new
    assert await books.open() == []  # a report of payouts alone does not tell which charges there were


async def test_only_providers_with_reports_are_known(books: Bookkeeper) -> None:
    with pytest.raises(SettlementProviderUnknown, match=r"of 'MOCK' cannot be read. Give one of: PAYPAL, STRIPE"):
        await books.load(b"", "MOCK")


def rows(number: int, amount: str = "-0.01") -> Iterator[bytes]:
    """A report of a charge and of payouts."""
    yield f"{STRIPE_COLUMNS}\n".encode()
    yield CHARGE.encode()
    for each in range(number - 1):
        yield stripe_row(f"txn_x{each}", "payout", amount, source=f"po_{each}").encode()


def peak_of(number: int) -> int:
    with tempfile.TemporaryFile() as file:
        file.writelines(rows(number))
        tracemalloc.start()
        try:
            assert files.summary_of(file, "STRIPE", "EUR", files.digest_of(file)).line_count == number
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


def test_reading_twenty_thousand_rows_takes_as_much_memory_as_two_thousand() -> None:
    assert peak_of(20_000) < 1.2 * peak_of(2_000)


@pytest.mark.parametrize(
    ("number", "amount", "statements"),
    [(1, "-0.01", 2), (500, "-0.01", 2), (1_000, "-0.01", 3), (1_001, "-0.01", 5), (50_000, "0.00", 51)],
)
async def test_an_import_takes_a_statement_for_each_thousand_lines_and_for_each_five_hundred_entries(
    books: Bookkeeper, number: int, amount: str, statements: int
) -> None:
    await paid(books)
    with tempfile.TemporaryFile() as file:
        file.writelines(rows(number, amount))
        with counting() as count:
            run = books.settlements.imports.run(books.database, books.actor, "STRIPE", file)
            report = (await run).report
    # Besides: the digest twice, the lock, the report, and three comparisons.
    assert (report.line_count, count.data) == (number, 7 + statements)
    net = Decimal("19.07") + (number - 1) * Decimal(amount)
    assert (report.net, report.fee) == (net, Decimal("0.83"))
    entries = 1 + (number - 1 if Decimal(amount) else 0)
    assert await books.counts() == [1, number, 0, entries]


async def test_a_large_report_is_compared_in_parts(books: Bookkeeper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "PART", 3)
    for number in range(6):
        await paid(books, number)
    rows = [stripe_row(f"txn_{number}", "charge", "19.90", source=f"ch_{number}") for number in range(1, 8)]
    with counting() as count:
        report = (await books.load(stripe(*rows))).report
    assert count.data == 7 + 1 + 2 * 2 + 1  # besides: a batch of lines, two more parts, the differences
    assert await books.open() == [
        ("MISSING_AT_PROVIDER", "CHARGE", "ch_0", Decimal("19.90"), None),
        ("MISSING_HERE", "CHARGE", "ch_6", None, Decimal("19.90")),
        ("MISSING_HERE", "CHARGE", "ch_7", None, Decimal("19.90")),
    ]
    lines = await books.lines(report.id)
    assert [line.transaction_id is None for line in lines] == [False] * 5 + [True] * 2
