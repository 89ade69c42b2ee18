"""Reports of revenue, tax and what is outstanding, by day and month, and the trial balance."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.errors import OutOfRange, RangeInverted
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.ledger import chart
from domains.ledger.errors import ReportTooLarge
from domains.ledger.models import Account, LedgerAccountType, credit, debit
from domains.ledger.reports.open_amounts import ProviderClearing
from domains.ledger.reports.periods import Period, ReportInterval, ReportRange
from domains.ledger.reports.revenue import AMOUNTS, Revenue
from domains.ledger.reports.taxes import Tax
from tests.conftest import Pool
from tests.domains.ledger.postings import NINETEEN, SEVEN, Books, sale

JANUARY, FEBRUARY, MARCH = date(2026, 1, 15), date(2026, 2, 10), date(2026, 3, 31)
STRIPE, PAYPAL = chart.clearing("STRIPE"), chart.clearing("PAYPAL")
RENT = Account("65000", "Rent", LedgerAccountType.EXPENSE)
CONSULTING = Account("45000", "Consulting", LedgerAccountType.INCOME)


def by(interval: ReportInterval, first: date = date(2026, 1, 1), last: date = MARCH) -> ReportRange:
    return ReportRange.of(first, last, interval)


MONTHS = by(ReportInterval.MONTH)


@pytest.fixture
async def year(books: Books) -> Books:
    """Three months: two are in the sums, the last one waits for the job."""
    await books.post(*sale("100.00", "19.00"), on=JANUARY)
    await books.post(
        debit(chart.RECEIVABLE, Decimal("10.70")),
        credit(chart.SHIPPING, Decimal("10.00"), tax_rate=SEVEN, country="FR"),
        credit(chart.TAX_PAYABLE, Decimal("0.70"), tax_rate=SEVEN, country="FR"),
        on=JANUARY,
    )
    await books.post(debit(STRIPE, Decimal("129.70")), credit(chart.RECEIVABLE, Decimal("129.70")), on=JANUARY)
    await books.post(debit(chart.FEES, Decimal("3.00")), credit(STRIPE, Decimal("3.00")), on=FEBRUARY)
    await books.post(*sale("-20.00", "-3.80"), on=FEBRUARY)
    await books.post(debit(chart.RECEIVABLE, Decimal("23.80")), credit(PAYPAL, Decimal("23.80")), on=FEBRUARY)
    await books.add_up()
    card, customer = new_id(), new_id()
    await books.post(*sale("50.00", "9.50"), on=MARCH)
    await books.post(debit(chart.RECEIVABLE, Decimal(40)), credit(chart.GIFT_CARDS_SOLD, Decimal(40)), on=MARCH)
    await books.post(
        debit(chart.GIFT_CARDS_SOLD, Decimal(40)), credit(chart.GIFT_CARDS, Decimal(40), subject_id=card), on=MARCH
    )
    await books.post(
        debit(chart.GIFT_CARDS, Decimal(5), subject_id=card), credit(chart.BREAKAGE, Decimal(5)), on=MARCH
    )
    await books.post(
        debit(chart.PROMOTIONAL_CREDIT, Decimal(8)),
        credit(chart.STORE_CREDIT, Decimal(8), subject_id=customer),
        on=MARCH,
    )
    await books.post(debit(chart.ALLOWANCES, Decimal(2)), credit(chart.RECEIVABLE, Decimal(2)), on=MARCH)
    await books.post(debit(chart.CHARGEBACKS, Decimal(7)), credit(chart.RECEIVABLE, Decimal(7)), on=MARCH)
    await books.post(debit(RENT, Decimal(30)), credit(chart.BANK, Decimal(30)), on=MARCH)
    await books.post(debit(chart.BANK, Decimal(11)), credit(CONSULTING, Decimal(11)), on=MARCH)
    await books.post(debit(chart.TAX_PAYABLE, Decimal(15)), credit(chart.BANK, Decimal(15)), on=MARCH)
    return books


def amounts(each: Revenue) -> dict[str, Decimal]:
    return {name: getattr(each, name) for name in AMOUNTS if getattr(each, name)}


async def test_revenue_is_shown_by_month_with_its_total(year: Books) -> None:
    with counting() as count:
        report = await year.ledger.reports.revenue(year.reader, MONTHS)
    assert count.data == 1
    assert [amounts(each) for each in report.periods] == [
        {"gross_sales": Decimal(100), "shipping": Decimal(10), "tax": Decimal("19.70")},
        {"returned_sales": Decimal(20), "tax": Decimal("-3.80"), "fees": Decimal(3)},
        {
            "gross_sales": Decimal(50),
            "tax": Decimal("9.50"),
            "expired_balances": Decimal(5),
            "promotional_credit": Decimal(8),
            "allowances": Decimal(2),
            "chargebacks": Decimal(7),
            "other_income": Decimal(11),
            "other_expenses": Decimal(30),
        },
    ]
    assert [each.period for each in report.periods] == [
        Period(date(2026, 1, 1), date(2026, 1, 31)),
        Period(date(2026, 2, 1), date(2026, 2, 28)),
        Period(date(2026, 3, 1), MARCH),
    ]
    total = report.total
    assert total.period == Period(date(2026, 1, 1), MARCH)
    assert (total.sales, total.net_revenue, total.gross_revenue, total.expenses, total.result) == (
        Decimal(130),
        Decimal(154),
        Decimal("179.40"),
        Decimal(48),
        Decimal(106),
    )


async def test_a_report_is_the_same_before_and_after_the_job(year: Books) -> None:
    async def reports() -> tuple[Any, ...]:
        shown = year.ledger.reports
        return (
            await shown.revenue(year.reader, MONTHS),
            await shown.taxes(year.reader, by(ReportInterval.DAY)),
            await shown.outstanding(year.reader, MONTHS),
            await shown.trial_balance(year.reader, MARCH),
        )

    assert await year.waiting() == 10
    before = await reports()
    assert await year.add_up() == 21
    assert await reports() == before


async def test_revenue_by_day_has_every_day(year: Books) -> None:
    report = await year.ledger.reports.revenue(
        year.reader, by(ReportInterval.DAY, date(2026, 1, 14), date(2026, 1, 16))
    )
    assert [(each.period.first_day.day, each.period.last_day.day, each.gross_sales) for each in report.periods] == [
        (14, 14, Decimal(0)),
        (15, 15, Decimal(100)),
        (16, 16, Decimal(0)),
    ]


async def test_parts_of_months_count_their_days_only(year: Books) -> None:
    report = await year.ledger.reports.revenue(
        year.reader, by(ReportInterval.MONTH, date(2026, 1, 16), date(2026, 2, 9))
    )
    assert [(each.period, amounts(each)) for each in report.periods] == [
        (Period(date(2026, 1, 16), date(2026, 1, 31)), {}),
        (Period(date(2026, 2, 1), date(2026, 2, 9)), {}),
    ]
    whole = await year.ledger.reports.revenue(year.reader, by(ReportInterval.MONTH, JANUARY, FEBRUARY))
    assert [each.sales for each in whole.periods] == [Decimal(100), Decimal(-20)]


async def test_tax_is_shown_by_country_and_rate(year: Books) -> None:
    with counting() as count:
        report = await year.ledger.reports.taxes(year.reader, MONTHS)
    assert count.data == 1
    january, february, march = MONTHS.periods()
    assert report.periods == [
        Tax(january, "EUR", "DE", NINETEEN, Decimal(100), Decimal(19)),
        Tax(january, "EUR", "FR", SEVEN, Decimal(10), Decimal("0.70")),
        Tax(february, "EUR", "DE", NINETEEN, Decimal(-20), Decimal("-3.80")),
        Tax(march, "EUR", "DE", NINETEEN, Decimal(50), Decimal("9.50")),
    ]
    assert report.totals == [
        Tax(MONTHS.whole(), "EUR", "DE", NINETEEN, Decimal(130), Decimal("24.70")),
        Tax(MONTHS.whole(), "EUR", "FR", SEVEN, Decimal(10), Decimal("0.70")),
    ]


async def test_sales_without_a_rate_are_shown_without_one(books: Books) -> None:
    await books.post(debit(chart.BANK, Decimal(5)), credit(chart.SALES, Decimal(5)), on=MARCH)
    await books.post(*sale("10.00", "0.70", rate=SEVEN), on=MARCH)
    report = await books.ledger.reports.taxes(books.reader, MONTHS)
    assert [(each.country, each.rate, each.taxable, each.tax) for each in report.totals] == [
        (None, None, Decimal(5), Decimal(0)),
        ("DE", SEVEN, Decimal(10), Decimal("0.70")),
    ]


async def test_a_report_with_too_many_rows_is_refused(year: Books) -> None:
    taxes = year.ledger.reports.taxes
    assert len((await taxes(year.reader, MONTHS, 4)).periods) == 4
    with pytest.raises(ReportTooLarge, match="more than 3 rows"):
        await taxes(year.reader, MONTHS, 3)


async def test_what_is_outstanding_is_shown_at_the_end_of_each_period(year: Books) -> None:
    with counting() as count:
        report = await year.ledger.reports.outstanding(year.reader, MONTHS)
    assert count.data == 1
    january, february, march = report
    assert january.clearing == [
        ProviderClearing("PAYPAL", "EUR", Decimal(0)),
        ProviderClearing("STRIPE", "EUR", Decimal("129.70")),
    ]
    assert [clearing.amount for clearing in march.clearing] == [Decimal("-23.80"), Decimal("126.70")]
    assert [each.receivable for each in report] == [Decimal(0), Decimal(0), Decimal("90.50")]
    assert [each.tax_payable for each in report] == [Decimal("19.70"), Decimal("15.90"), Decimal("10.40")]
    assert (march.gift_cards, march.gift_cards_sold, march.store_credit, march.undeposited) == (
        Decimal(35),
        Decimal(0),
        Decimal(8),
        Decimal(0),
    )
    late = await year.ledger.reports.outstanding(year.reader, by(ReportInterval.DAY, MARCH, MARCH))
    assert late == [
        type(march)(**{**{name: getattr(march, name) for name in march.__slots__}, "period": Period(MARCH, MARCH)})
    ]
    (earlier,) = await year.ledger.reports.outstanding(
        year.reader, by(ReportInterval.MONTH, date(2025, 12, 1), date(2025, 12, 31))
    )
    assert (earlier.receivable, earlier.clearing) == (Decimal(0), [])
    assert february.receivable == Decimal(0)


async def test_the_trial_balance_has_every_account_and_equal_sides(year: Books) -> None:
    with counting() as count:
        report = await year.ledger.reports.trial_balance(year.reader, MARCH)
    assert count.data == 1
    assert report.debit == report.credit == Decimal("527.50")
    found = {each.code: (each.name, each.debit, each.credit, each.balance) for each in report.accounts}
    assert found["1100"] == ("Accounts receivable", Decimal(253), Decimal("162.50"), Decimal("90.50"))
    assert found["1200.PAYPAL"] == ("Payment clearing: PAYPAL", Decimal(0), Decimal("23.80"), Decimal("-23.80"))
    assert found["4000"] == ("Sales", Decimal(20), Decimal(150), Decimal(130))
    assert list(found) == sorted(found)
    january = await year.ledger.reports.trial_balance(year.reader, JANUARY)
    assert january.debit == january.credit == Decimal("259.40")
    assert [account.debit for account in january.accounts if account.code == "65000"] == [Decimal(0)]


async def test_a_company_without_entries_has_empty_reports(books: Books, year: Books, other_company: UUID) -> None:
    reader, reports = books.database.reader(other_company), books.ledger.reports
    revenue = await reports.revenue(reader, MONTHS)
    assert [amounts(each) for each in (*revenue.periods, revenue.total)] == [{}] * 4
    taxes = await reports.taxes(reader, MONTHS)
    assert (taxes.periods, taxes.totals) == ([], [])
    assert [(each.receivable, each.clearing) for each in await reports.outstanding(reader, MONTHS)] == [
        (Decimal(0), [])
    ] * 3
    balance = await reports.trial_balance(reader, MARCH)
    assert (balance.accounts, balance.debit, balance.credit) == ([], Decimal(0), Decimal(0))


@pytest.mark.parametrize(
    ("first", "last", "interval", "error"),
    [
        (MARCH, JANUARY, ReportInterval.DAY, RangeInverted),
        (date(2024, 1, 1), date(2025, 1, 1), ReportInterval.DAY, OutOfRange),
        (date(2016, 1, 31), date(2026, 1, 1), ReportInterval.MONTH, OutOfRange),
    ],
)
def test_a_range_is_bounded(first: date, last: date, interval: ReportInterval, error: type[Exception]) -> None:
    with pytest.raises(error) as raised:
        ReportRange.of(first, last, interval)
    assert getattr(raised.value, "field", None) == ("last_day",)


def test_the_longest_ranges_are_whole() -> None:
    leap_year = by(ReportInterval.DAY, date(2024, 1, 1), date(2024, 12, 31))
    assert len(list(leap_year.periods())) == 366
    decade = list(by(ReportInterval.MONTH, date(2016, 2, 29), date(2026, 1, 5)).periods())
    assert (len(decade), decade[0], decade[-1]) == (
        120,
        Period(date(2016, 2, 29), date(2016, 2, 29)),
        Period(date(2026, 1, 1), date(2026, 1, 5)),
    )
    assert list(by(ReportInterval.DAY, date.max, date.max).periods()) == [Period(date.max, date.max)]
    assert [each.last_day for each in by(ReportInterval.MONTH, date(9999, 12, 1), date.max).periods()] == [date.max]
    assert [each.first_day for each in by(ReportInterval.MONTH, date.min, date.min).periods()] == [date.min]


@pytest.mark.parametrize(
    ("currency", "net", "tax", "shown"), [("JPY", "1000", "100", "1000"), ("KWD", "1.005", "0.050", "1.005")]
)
async def test_reports_have_the_currency_of_the_company(
    books: Books, company: UUID, currency: str, net: str, tax: str, shown: str
) -> None:
    await books.owner.execute("update companies set currency = $2 where id = $1", company, currency)
    await books.post(*sale(net, tax), on=MARCH, currency=currency)
    for _ in range(2):
        report = await books.ledger.reports.revenue(books.reader, MONTHS)
        assert (report.total.currency, report.total.sales) == (currency, Decimal(shown))
        await books.add_up()
    assert await books.broken() == []


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("Europe/Berlin", "2026-03-28T22:59:59+00:00", date(2026, 3, 28)),
        ("Europe/Berlin", "2026-03-28T23:00:00+00:00", date(2026, 3, 29)),
        ("Europe/Berlin", "2026-03-29T21:59:59+00:00", date(2026, 3, 29)),
        ("Europe/Berlin", "2026-03-29T22:00:00+00:00", date(2026, 3, 30)),
        ("America/New_York", "2026-11-02T04:59:59+00:00", date(2026, 11, 1)),
        ("Pacific/Auckland", "2026-12-31T11:00:00+00:00", date(2027, 1, 1)),
    ],
)
async def test_an_entry_counts_on_the_local_day_of_its_posting(
    books: Books, pool: Pool, company: UUID, zone: str, moment: str, day: date
) -> None:
    """Also on days of 23 and 25 hours."""
    await books.owner.execute("update companies set time_zone = $2 where id = $1", company, zone)
    then = FixedClock(datetime.fromisoformat(moment))
    await replace(books, database=Database(pool, then)).post(*sale("10.00", "1.90"))
    days = by(ReportInterval.DAY, date(2026, 3, 1), date(2027, 2, 1))
    found = await books.ledger.reports.revenue(books.reader, days)
    assert [each.period.first_day for each in found.periods if each.sales] == [day]


async def test_companies_see_their_own_reports(
    year: Books, other_company: UUID, database: Database, owner: Any, clock: FixedClock
) -> None:
    other = Books.of(database, Actor.system(other_company), owner, clock)
    await other.post(*sale("1.00", "0.19"), on=JANUARY)
    reports = other.ledger.reports
    assert (await reports.revenue(other.reader, MONTHS)).total.gross_revenue == Decimal("1.19")
    assert [each.taxable for each in (await reports.taxes(other.reader, MONTHS)).totals] == [Decimal(1)]
    assert [each.receivable for each in await reports.outstanding(other.reader, MONTHS)] == [Decimal("1.19")] * 3
    assert (await reports.trial_balance(other.reader, MARCH)).debit == Decimal("1.19")
