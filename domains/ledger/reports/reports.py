"""Reports of a company's ledger, from the kept sums of its days."""

from datetime import date

from domains.company.service import CompanyService
from domains.kernel.database import Reader
from domains.ledger.reports.open_amounts import Outstanding, outstanding
from domains.ledger.reports.periods import ReportRange
from domains.ledger.reports.revenue import RevenueReport, revenue
from domains.ledger.reports.taxes import MAX_ROWS, TaxReport, taxes
from domains.ledger.reports.trial_balance import TrialBalance, trial_balance


class Reports:
    """Reads reports. A report is of one snapshot, and exact: postings count at once."""

    def __init__(self, company: CompanyService) -> None:
        self._company = company

    async def currency(self, db: Reader) -> str:
        """The currency of all amounts. No statement when the company is cached."""
        return (await self._company.current(db)).currency

    async def revenue(self, db: Reader, days: ReportRange) -> RevenueReport:
        """The revenue of each day or month. One statement."""
        return await revenue(db, days, await self.currency(db))

    async def taxes(self, db: Reader, days: ReportRange, max_rows: int | None = MAX_ROWS) -> TaxReport:
        """Taxable amounts and tax by day or month, country and rate. One statement.

        Raises ReportTooLarge for more than `max_rows` rows; None is no limit.
        """
        return await taxes(db, days, await self.currency(db), max_rows)

    async def outstanding(self, db: Reader, days: ReportRange) -> list[Outstanding]:
        """What is outstanding at the end of each day or month. One statement."""
        return await outstanding(db, days, await self.currency(db))

    async def trial_balance(self, db: Reader, on: date) -> TrialBalance:
        """Every account at the end of a day. One statement."""
        return await trial_balance(db, on, await self.currency(db))
