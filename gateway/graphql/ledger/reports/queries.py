"""Queries of the ledger's reports, for staff."""

from datetime import date
from typing import Annotated

import strawberry

from domains.ledger.reports.periods import ReportInterval, ReportRange
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import present, present_all, query
from gateway.graphql.ledger.reports.types import (
    LedgerOutstanding,
    LedgerRevenueReport,
    LedgerTaxReport,
    LedgerTrialBalance,
)
from gateway.graphql.ledger.types import READS_LEDGER

FirstDay = Annotated[
    date, strawberry.argument(description="The first day that the report covers, in the company's time zone.")
]
LastDay = Annotated[
    date,
    strawberry.argument(description="The last day that the report covers, in the company's time zone."),
]
Interval = Annotated[
    ReportInterval,
    strawberry.argument(
        description="The length of the periods. The first and the last month may be parts; MONTH by default."
    ),
]


@strawberry.type
class LedgerReportQuery:
    """The reports among the ledger domain's fields of Query."""

    @query(READS_LEDGER)
    async def ledger_revenue(
        self, info: Info, first_day: FirstDay, last_day: LastDay, interval: Interval = ReportInterval.MONTH
    ) -> LedgerRevenueReport:
        """What the company sold and what it cost to be paid, by day or month."""
        days = ReportRange.of(first_day, last_day, interval)
        report = await info.context.services.ledger.reports.revenue(info.context.reader, days)
        return present(LedgerRevenueReport, report)

    @query(READS_LEDGER)
    async def ledger_taxes(
        self, info: Info, first_day: FirstDay, last_day: LastDay, interval: Interval = ReportInterval.MONTH
    ) -> LedgerTaxReport:
        """The tax that the company charged, by day or month, country and rate."""
        days = ReportRange.of(first_day, last_day, interval)
        report = await info.context.services.ledger.reports.taxes(info.context.reader, days)
        return present(LedgerTaxReport, report)

    @query(READS_LEDGER)
    async def ledger_outstanding(
        self, info: Info, first_day: FirstDay, last_day: LastDay, interval: Interval = ReportInterval.MONTH
    ) -> list[LedgerOutstanding]:
        """What customers, payment providers and the company owe at the end of each day or month of a range."""
        days = ReportRange.of(first_day, last_day, interval)
        report = await info.context.services.ledger.reports.outstanding(info.context.reader, days)
        return present_all(LedgerOutstanding, report)

    @query(READS_LEDGER)
    async def ledger_trial_balance(
        self,
        info: Info,
        on: Annotated[
            date,
            strawberry.argument(description="The day at whose end the balances hold, in the company's time zone."),
        ],
    ) -> LedgerTrialBalance:
        """Every account with its debits and credits up to the end of a day."""
        report = await info.context.services.ledger.reports.trial_balance(info.context.reader, on)
        return present(LedgerTrialBalance, report)
