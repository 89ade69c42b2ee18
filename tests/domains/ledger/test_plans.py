"""Query plans of reports, the job and the journal with the gateway's role: all read from indexes."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from typing import Any, Final

import pytest

from domains.company.service import CompanyService
from domains.kernel.clock import SystemClock
from domains.kernel.settings import SettingsCache
from domains.ledger import daily_sums
from domains.ledger.reports import files
from domains.ledger.reports.open_amounts import outstanding
from domains.ledger.reports.periods import ReportInterval, ReportRange
from domains.ledger.reports.revenue import revenue
from domains.ledger.reports.taxes import taxes
from domains.ledger.service import LedgerService
from tests.databases import Server
from tests.domains.query_plans import PlanReader, filling, scans, two_big_companies, whole_tables_read

EACH: Final = 10_000
TABLES: Final = ("ledger_accounts", "ledger_entries", "ledger_lines", "ledger_daily_sums", "ledger_unsummed_entries")
BIG: Final = ("ledger_entries", "ledger_lines", "ledger_daily_sums")
# Forty accounts; two years of days with a sum of each; of the entries the last hundred wait for the job.
FILL: Final = (
    """
    insert into ledger_accounts (id, company_id, code, name, type, updated_at)
    select md5($1 || code)::uuid, $1::uuid, code, code, kind::ledger_account_type, now() from (
      values ('1100', 'ASSET'), ('1200.STRIPE', 'ASSET'), ('2000', 'LIABILITY'), ('2100', 'LIABILITY'),
        ('4000', 'INCOME'), ('4100', 'INCOME'), ('6000', 'EXPENSE')
      union all select 'other ' || i, 'EQUITY' from generate_series(1, 33) i
    ) a (code, kind) where $2::int > 0
    """,
    """
    insert into ledger_entries (id, company_id, kind, source_kind, source_id, currency, line_count, booked_on)
    select md5($1 || i)::uuid, $1::uuid, 'SALE', 'order', md5($1 || i)::uuid, 'EUR', 2,
      date '2025-01-01' + i * 730 / $2
    from generate_series(1, $2::int) i
    """,
    """
    insert into ledger_lines (company_id, entry_id, position, account, side, amount, currency)
    select e.company_id, e.id, p, (array['1100', '4000'])[p + 1], (array['DEBIT', 'CREDIT'])[p + 1]::ledger_side, 10,
      'EUR'
    from ledger_entries e cross join generate_series(0, 1) p where e.company_id = $1::text::uuid and $2::int > 0
    """,
    """
    insert into ledger_daily_sums
      (id, company_id, account, booked_on, currency, debit, credit, line_count, updated_at)
    select md5(a.id::text || d)::uuid, a.company_id, a.code, date '2025-01-01' + d, 'EUR', 10, 0, 1, now()
    from ledger_accounts a cross join generate_series(0, 730) d where a.company_id = $1::text::uuid and $2::int > 0
    """,
    """
    insert into ledger_unsummed_entries (company_id, entry_id, booked_on)
    select company_id, id, booked_on from ledger_entries
    where company_id = $1::text::uuid and $2::int > 0 order by booked_on desc limit 100
    """,
)
MONTH: Final = ReportRange.of(date(2026, 3, 1), date(2026, 3, 31), ReportInterval.DAY)
CODES: Final = ["1100", "4000"]
Reading = Callable[[PlanReader], Awaitable[Any]]


@pytest.fixture(scope="module")
async def planner(server: Server) -> AsyncIterator[PlanReader]:
    async with two_big_companies(server, filling(TABLES, FILL, EACH)) as (pool, company_id):
        yield PlanReader(pool, company_id)


async def journal(db: PlanReader) -> None:
    await db.fetch(files.PAGE, db.company_id, date(2026, 3, 1), files.FIRST, date(2026, 3, 31), files.ENTRIES)


async def totals(db: PlanReader) -> None:
    clock = SystemClock()
    ledger = LedgerService(CompanyService(clock, SettingsCache(clock)))
    await ledger.daily_sums.totals(db, CODES)


async def job(db: PlanReader) -> None:
    await db.fetch(daily_sums.TAKE, db.company_id, 50)


@pytest.mark.parametrize(
    ("reading", "read"),
    [
        (lambda db: revenue(db, MONTH, "EUR"), {"ledger_daily_sums", "ledger_lines"}),
        (lambda db: taxes(db, MONTH, "EUR"), {"ledger_daily_sums", "ledger_lines"}),
        (lambda db: outstanding(db, MONTH, "EUR"), {"ledger_daily_sums", "ledger_lines"}),
        (totals, {"ledger_daily_sums", "ledger_lines"}),
        (job, {"ledger_lines"}),
        (journal, {"ledger_entries", "ledger_lines"}),
    ],
    ids=["revenue", "taxes", "outstanding", "totals", "job", "journal"],
)
async def test_no_report_reads_a_whole_table(planner: PlanReader, reading: Reading, read: set[str]) -> None:
    planner.plans = []
    await reading(planner)
    assert {table for _, table in scans(planner, BIG)} == read
    assert whole_tables_read(planner, BIG) == []
