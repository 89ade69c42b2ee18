"""Reports of a year of orders: how long they take, beside a hand-written query over the sums and one over the lines.

The year is in a company of its own. Its entries are written by PostgreSQL, a day by each statement, and added to the
sums by the job.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Any, Final
from uuid import UUID

from domains.company.service import CompanyService
from domains.kernel.actor import Actor
from domains.kernel.clock import SystemClock
from domains.kernel.database import Database
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.settings import SettingsCache
from domains.ledger import chart
from domains.ledger.invariants import INVARIANTS
from domains.ledger.models import Account
from domains.ledger.reports.periods import ReportInterval, ReportRange
from domains.ledger.service import LedgerService
from gateway.infra.postgres import connected, open_pool
from tests.bench.shops import Shop
from tests.bench.turns import Progress, Report, ratio

ORDERS: Final = 1_000  # a day
DAYS: Final = 365
TURNS: Final = 5
FIRST_DAY: Final = date(2025, 1, 1)
SLUG: Final = "bench-ledger"
ACCOUNTS: Final[tuple[Account, ...]] = (
    chart.RECEIVABLE,
    chart.SALES,
    chart.SHIPPING,
    chart.TAX_PAYABLE,
    chart.FEES,
    chart.clearing("STRIPE"),
)
COMPANY: Final = """
insert into companies (id, name, slug, currency, updated_at) values (gen_random_uuid(), $1, $1, 'EUR', now())
on conflict (slug) do update set name = excluded.name returning id
"""
ACCOUNT: Final = """
insert into ledger_accounts (id, company_id, code, name, type, updated_at)
values (gen_random_uuid(), $1, $2, $3, $4, now()) on conflict (company_id, code) do nothing
"""
# Of each order a sale, its payment and the fee; at one of four rates and in one of eight countries.
DAY: Final = """
with orders as materialized (
    select gen_random_uuid() as sale, gen_random_uuid() as payment, gen_random_uuid() as fee,
        10 + number % 90 as net, (array[0, 0.07, 0.19, 0.2])[1 + number % 4] as rate,
        (array['DE', 'FR', 'AT', 'NL', 'BE', 'IT', 'ES', 'PL'])[1 + number % 8] as country
    from generate_series(1, $3) number
), amounts as materialized (
    select *, round((net + 5) * rate, 2) as tax, net + 5 + round((net + 5) * rate, 2) as total from orders
), lines as materialized (
    select o.sale as entry, 'SALE' as kind, l.* from amounts o cross join lateral (values
        (0, '1100', 'DEBIT', o.total, null, null), (1, '4000', 'CREDIT', o.net, o.rate, o.country),
        (2, '4100', 'CREDIT', 5, o.rate, o.country), (3, '2000', 'CREDIT', o.tax, o.rate, o.country)
    ) l (position, account, side, amount, rate, country)
    union all
    select o.payment, 'PAYMENT', l.* from amounts o cross join lateral (values
        (0, '1200.STRIPE', 'DEBIT', o.total, null::numeric, null), (1, '1100', 'CREDIT', o.total, null, null)
    ) l
    union all
    select o.fee, 'FEE', l.* from amounts o cross join lateral (values
        (0, '6000', 'DEBIT', round(o.total / 50, 2), null::numeric, null),
        (1, '1200.STRIPE', 'CREDIT', round(o.total / 50, 2), null, null)
    ) l
), positive as materialized (
    select * from lines where amount > 0
), entries as (
    insert into ledger_entries (id, company_id, kind, source_kind, source_id, currency, line_count, booked_on)
    select entry, $1, kind, 'bench', entry, 'EUR', count(*), $2 from positive group by entry, kind
)
insert into ledger_lines (company_id, entry_id, position, account, side, amount, currency, tax_rate, country)
select $1, entry, position, account, side::ledger_side, amount, 'EUR', rate, country from positive
"""
OF_SUMS: Final = """
select booked_on, account, sum(debit) as debit, sum(credit) as credit from ledger_daily_sums
where company_id = $1 and account = any($4::text[]) and booked_on between $2 and $3 group by 1, 2
"""
OF_LINES: Final = """
select e.booked_on, l.account, sum(l.amount) filter (where l.side = 'DEBIT') as debit,
    sum(l.amount) filter (where l.side = 'CREDIT') as credit
from ledger_entries e join ledger_lines l on l.company_id = e.company_id and l.entry_id = e.id
where e.company_id = $1 and e.booked_on between $2 and $3 and l.account = any($4::text[]) group by 1, 2
"""
REVENUE: Final = [chart.SALES.code, chart.SHIPPING.code, chart.TAX_PAYABLE.code, chart.FEES.code]


@dataclass(frozen=True, slots=True)
class Year:
    """A company with entries of some days, and the role of requests."""

    database: Database
    owner: Any
    ledger: LedgerService
    company_id: UUID
    days: int

    @property
    def last_day(self) -> date:
        """The last day with entries."""
        return FIRST_DAY + timedelta(days=self.days - 1)

    async def write(self, orders: int) -> None:
        """Write the days that are missing."""
        sql = "select max(booked_on) from ledger_entries where company_id = $1"
        written = await self.owner.fetchval(sql, self.company_id)
        day = FIRST_DAY if written is None else written + timedelta(days=1)
        while day <= self.last_day:
            await self.owner.execute(DAY, self.company_id, day, orders)
            day += timedelta(days=1)
        for table in ("ledger_entries", "ledger_lines", "ledger_unsummed_entries", "ledger_daily_sums"):
            await self.owner.execute(f"analyze {table}")

    async def add_up(self) -> int:
        """Run the job until nothing waits; the number of lines."""
        lines, actor = 0, Actor.system(self.company_id)
        while added := await self.database.run(self.ledger.daily_sums.add_entries, actor):
            lines += added
        return lines

    def reports(self) -> Mapping[str, Callable[[], Awaitable[Any]]]:
        """The reports of all days by their names."""
        reader, reports, first = self.database.reader(self.company_id), self.ledger.reports, FIRST_DAY
        days = ReportRange.of(first, self.last_day, ReportInterval.DAY)
        months = ReportRange.of(first, self.last_day, ReportInterval.MONTH)
        return {
            "revenue by day": lambda: reports.revenue(reader, days),
            "revenue by month": lambda: reports.revenue(reader, months),
            "tax by month": lambda: reports.taxes(reader, months),
            "outstanding by day": lambda: reports.outstanding(reader, days),
            "outstanding by month": lambda: reports.outstanding(reader, months),
            "trial balance": lambda: reports.trial_balance(reader, self.last_day),
        }


async def check(url: str) -> Report:
    """How many rows break the invariants of the ledger, and the seconds of the check."""
    started = time.perf_counter()
    async with connected(url) as connection:
        violations = sum([len(await connection.fetch(invariant.query)) for invariant in INVARIANTS])
    return {"violations": violations, "doctor_seconds": round(time.perf_counter() - started, 2)}


async def compare(shop: Shop, report: Progress, orders: int = ORDERS, days: int = DAYS) -> Report:
    """The job's lines a second, the time of each report (ms) with its statements, and the ratios to both queries.

    `of_sums` and `of_lines` are times of revenue by day as a multiple of the hand-written queries.
    """
    pool, owner = await open_pool(shop.url), await open_pool(shop.url, role=None, size=1)
    try:
        company_id = await owner.fetchval(COMPANY, SLUG)
        for account in ACCOUNTS:
            await owner.execute(ACCOUNT, company_id, account.code, account.name, account.type.value)
        clock = SystemClock()
        ledger = LedgerService(CompanyService(clock, SettingsCache(clock)))
        year = Year(Database(pool, clock), owner, ledger, company_id, days)
        return {**await _measured(year, orders, report), **await check(shop.url)}
    finally:
        await pool.close()
        await owner.close()


async def _measured(year: Year, orders: int, report: Progress) -> Report:
    report(f"the ledger of {year.days:,} days of {orders:,} orders")
    await year.write(orders)
    started = time.perf_counter()
    lines = await year.add_up()
    measured: Report = {"orders": orders * year.days}
    if lines:
        measured["lines"] = lines
        measured["lines_per_second"] = round(lines / (time.perf_counter() - started))
    await year.owner.execute("vacuum analyze ledger_daily_sums, ledger_unsummed_entries")
    reader = year.database.reader(year.company_id)
    arguments = (year.company_id, FIRST_DAY, year.last_day, REVENUE)
    measured["reports"] = {name: await _times(run) for name, run in year.reports().items()}
    measured["hand_written"] = {
        "sums": await _times(lambda: reader.fetch(OF_SUMS, *arguments)),
        "lines": await _times(lambda: reader.fetch(OF_LINES, *arguments), 1),
    }
    milliseconds = measured["reports"]["revenue by day"]["ms"]
    measured["of_sums"] = ratio(milliseconds, measured["hand_written"]["sums"]["ms"])
    measured["of_lines"] = ratio(milliseconds, measured["hand_written"]["lines"]["ms"])
    measured["most_statements"] = max(each["statements"] for each in measured["reports"].values())
    return measured


async def _times(run: Callable[[], Awaitable[Any]], turns: int = TURNS) -> Report:
    """The median time (ms) and the statements of the last turn; the first turn of several does not count."""
    times = []
    for _ in range(turns):
        started = time.perf_counter()
        with counting() as count:
            await run()
        times.append((time.perf_counter() - started) * 1_000)
    return {"ms": round(median(times[1:] or times), 2), "statements": count.data}
