"""Entries of the ledger for what only settlement reports tell: fees, payouts and adjustments.

Charges, refunds and chargebacks are posted by the payments that they belong to.
"""

from typing import Final
from uuid import UUID

from domains.company.models import Company
from domains.kernel.values.calendar import local_day
from domains.ledger import chart
from domains.ledger.models import NewEntry, NewLine, Source, credit, debit
from domains.payment.settlements.models import ReportLine
from domains.payment.settlements.models import SettlementLineType as T

SOURCE: Final = "settlement_line"
FEE: Final = "FEE"
PAYOUT: Final = "PAYOUT"
ADJUSTMENT: Final = "SETTLEMENT_ADJUSTMENT"


def entries_of(company: Company, provider: str, line_id: UUID, line: ReportLine) -> list[NewEntry]:
    """The entries of a line, booked on its day in the company's time zone; none for an amount of zero."""
    clearing, source = chart.clearing(provider), Source(SOURCE, line_id)
    day = local_day(line.occurred_at, company.time_zone)

    def entry(kind: str, money: NewLine, other: NewLine) -> NewEntry:
        return NewEntry(kind=kind, source=source, currency=line.currency, lines=[money, other], booked_on=day)

    fee = -line.net if line.type is T.FEE else line.fee
    entries = [entry(FEE, credit(clearing, fee), debit(chart.FEES, fee))] if fee else []
    if line.type is T.PAYOUT and line.gross:
        entries.append(entry(PAYOUT, debit(clearing, line.gross), credit(chart.BANK, line.gross)))
    if line.type is T.ADJUSTMENT and line.gross:
        entries.append(entry(ADJUSTMENT, debit(clearing, line.gross), credit(chart.SUSPENSE, line.gross)))
    return entries
