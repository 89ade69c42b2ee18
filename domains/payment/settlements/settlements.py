"""Settlement reports of payment providers: imports, reconciliation, and lists."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.company.service import CompanyService
from domains.kernel.database import Reader
from domains.kernel.pagination.keyset import Sort, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.ledger import chart
from domains.ledger.service import LedgerService
from domains.payment import data
from domains.payment.models import NOTHING
from domains.payment.settlements import sql
from domains.payment.settlements.files import FORMATS
from domains.payment.settlements.imports import SettlementImports
from domains.payment.settlements.models import (
    ClearingBalance,
    DifferenceFilter,
    LineFilter,
    ReportFilter,
    SettlementDifference,
    SettlementLine,
    SettlementReport,
)
from domains.payment.settlements.reconciliation import Reconciliation

NEWEST: Final = Sort("created_at", datetime, "desc")
BY_LINE: Final = Sort("line", int)
ALL_REPORTS: Final = ReportFilter()
ALL_LINES: Final = LineFilter()
ALL_DIFFERENCES: Final = DifferenceFilter()


class Settlements:
    """What payment providers report of a company's money, and how it differs from the payments."""

    def __init__(self, company: CompanyService, ledger: LedgerService) -> None:
        self._company = company
        self._ledger = ledger
        self.reconciliation = Reconciliation()
        self.imports = SettlementImports(company, ledger, self.reconciliation)

    async def reports(
        self, db: Reader, args: PageArgs, filters: ReportFilter = ALL_REPORTS
    ) -> Page[SettlementReport]:
        """One page of reports, newest first."""
        where = _known(id=_among(filters.ids), provider=filters.provider)
        return await fetch_page(data.settlement_report, db, args, sort=NEWEST, where=where)

    async def lines(
        self, db: Reader, args: PageArgs, report_id: UUID, filters: LineFilter = ALL_LINES
    ) -> Page[SettlementLine]:
        """One page of the lines of a report, in the order of the file. Lines that earlier reports had are there."""
        where = _known(report_id=report_id, type=_among(filters.types))
        if filters.is_different is not None:
            is_null: Mapping[str, Any] = {"difference_id": None}
            where["AND"] = [{"NOT": is_null} if filters.is_different else is_null]
        return await fetch_page(data.settlement_line, db, args, sort=BY_LINE, where=where)

    async def differences(
        self, db: Reader, args: PageArgs, filters: DifferenceFilter = ALL_DIFFERENCES
    ) -> Page[SettlementDifference]:
        """One page of differences, newest first."""
        where = _known(
            id=_among(filters.ids),
            report_id=filters.report_id,
            provider=filters.provider,
            kind=_among(filters.kinds),
            status=_among(filters.statuses),
        )
        return await fetch_page(data.settlement_difference, db, args, sort=NEWEST, where=where)

    async def reports_by_id(self, db: Reader, ids: Collection[UUID]) -> list[SettlementReport]:
        """The reports with these ids, in no order. One statement."""
        return await data.settlement_report.find_many(db, where={"id": {"in": list(ids)}})

    async def lines_by_id(self, db: Reader, ids: Collection[UUID]) -> list[SettlementLine]:
        """The lines with these ids, in no order. One statement."""
        return await data.settlement_line.find_many(db, where={"id": {"in": list(ids)}})

    async def differences_by_id(self, db: Reader, ids: Collection[UUID]) -> list[SettlementDifference]:
        """The differences with these ids, in no order. One statement."""
        return await data.settlement_difference.find_many(db, where={"id": {"in": list(ids)}})

    async def open_counts(self, db: Reader, report_ids: Collection[UUID]) -> dict[UUID, int]:
        """The number of open differences of each report. One statement."""
        counts = await sql.open_counts(db, report_ids)
        return {report_id: counts.get(report_id, 0) for report_id in report_ids}

    async def clearing(self, db: Reader) -> list[ClearingBalance]:
        """The money at each provider whose reports can be read, by the ledger and by the reports. Two statements."""
        company = await self._company.current(db)
        accounts = {provider: chart.clearing(provider) for provider in sorted(FORMATS)}
        totals = await self._ledger.daily_sums.totals(db, [account.code for account in accounts.values()])
        balances = {name: totals[account.code].balance(account.type) for name, account in accounts.items()}
        reported = await sql.reported(db)
        return [
            ClearingBalance(provider, company.currency, balance, reported.get(provider, NOTHING))
            for provider, balance in balances.items()
        ]


def _known(**conditions: Any) -> dict[str, Any]:
    """The conditions that are set."""
    return {name: condition for name, condition in conditions.items() if condition is not None}


def _among(values: Collection[Any] | None) -> Mapping[str, Any] | None:
    return None if values is None else {"in": list(values)}
