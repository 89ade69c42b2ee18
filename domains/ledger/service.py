"""LedgerService: the double-entry ledger of a company's money.

Each domain posts its own entries; the ledger knows none of them.
"""

from domains.company.service import CompanyService
from domains.kernel.database import Tx
from domains.ledger.accounts import Accounts
from domains.ledger.adjustments import Adjustments
from domains.ledger.balances import Balances
from domains.ledger.daily_sums import DailySums
from domains.ledger.entries import Entries
from domains.ledger.listing import Listing
from domains.ledger.models import NewEntry
from domains.ledger.movements import Movements
from domains.ledger.reports.files import ReportFiles
from domains.ledger.reports.reports import Reports


class LedgerService:
    """Posts entries, and reads accounts, entries, balances and sums."""

    def __init__(self, company: CompanyService) -> None:
        self.entries = Entries(company)
        self.balances = Balances()
        self.movements = Movements()
        self.daily_sums = DailySums()
        self.accounts = Accounts(company)
        self.adjustments = Adjustments(company, self.entries, self.accounts)
        self.listing = Listing()
        self.reports = Reports(company)
        self.report_files = ReportFiles(self.reports)

    async def post(self, tx: Tx, *entries: NewEntry) -> None:
        """Post entries with the last statement of `tx`, together with its events. No statement of its own.

        An entry whose lines are all zero is left out. Raises EntryUnbalanced, EntryCurrencyMismatch, OutOfRange,
        TooManyDecimals. At the end of `tx`, a source that has an entry of this kind, and a balance that would be
        negative, are errors of the database: callers lock what they post for.
        """
        await self.entries.defer(tx, *entries)
