"""Settlement reports, their lines and differences."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, TypeAlias
from uuid import UUID

from domains.kernel.values.money import Money
from domains.payment.data import (
    SettlementDifferenceKind,
    SettlementDifferenceStatus,
    SettlementLineType,
)
from domains.payment.data import SettlementDifferenceRow as SettlementDifference
from domains.payment.data import SettlementLineRow as SettlementLine
from domains.payment.data import SettlementReportRow as SettlementReport

__all__ = [
    "PAYMENT_TYPES",
    "ClearingBalance",
    "DifferenceFilter",
    "ImportedReport",
    "LineFilter",
    "Progress",
    "ReportFilter",
    "ReportLine",
    "ReportSummary",
    "SettlementDifference",
    "SettlementDifferenceKind",
    "SettlementDifferenceStatus",
    "SettlementLine",
    "SettlementLineType",
    "SettlementReport",
    "report_sums",
]

Progress: TypeAlias = Callable[[int, int], None]
"""Gets the number of lines read, and of all lines."""
PAYMENT_TYPES: Final = (
    SettlementLineType.CHARGE,
    SettlementLineType.REFUND,
    SettlementLineType.CHARGEBACK,
    SettlementLineType.CHARGEBACK_REVERSAL,
)
"""What transactions of payments are compared with; the ledger has them from there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLine:
    """A line as a report has it. Amounts are signed; `fee` is positive for a cost. See SettlementLine."""

    line: int
    external_id: str
    type: SettlementLineType
    category: str
    gross: Decimal
    fee: Decimal
    net: Decimal
    currency: str
    occurred_at: datetime
    reference: str
    available_at: datetime | None = None
    payment_reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSummary:
    """What a report says as a whole. `has_charges` is false for one of other movements alone, such as payouts.

    `first_line` is the line of the first row.
    """

    digest: str
    account_id: str | None
    period_from: datetime
    period_to: datetime
    line_count: int
    gross: Decimal
    fee: Decimal
    net: Decimal
    has_charges: bool
    first_line: int


@dataclass(frozen=True, slots=True)
class ImportedReport:
    """A report after its import; `is_new` is false for a file that was imported before."""

    report: SettlementReport
    is_new: bool


def report_sums(report: SettlementReport) -> dict[str, Decimal]:
    """The sums of a report by their names, for display."""
    sums = {"gross": report.gross, "fee": report.fee, "net": report.net}
    return {name: Money(amount, report.currency).shown() for name, amount in sums.items()}


@dataclass(frozen=True, slots=True)
class ClearingBalance:
    """The money at a provider: by the ledger, and by its reports. Where all is reconciled, they are equal."""

    provider: str
    currency: str
    balance: Decimal
    reported: Decimal

    @property
    def unreconciled(self) -> Decimal:
        """What the ledger has more than the reports: not reported yet, or a difference."""
        return self.balance - self.reported


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFilter:
    """Conditions on reports, all of which must hold; None sets no condition."""

    ids: Sequence[UUID] | None = None
    provider: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFilter:
    """Conditions on the lines of a report, all of which must hold; None sets no condition."""

    types: Sequence[SettlementLineType] | None = None
    is_different: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceFilter:
    """Conditions on differences, all of which must hold; None sets no condition."""

    ids: Sequence[UUID] | None = None
    report_id: UUID | None = None
    provider: str | None = None
    kinds: Sequence[SettlementDifferenceKind] | None = None
    statuses: Sequence[SettlementDifferenceStatus] | None = None
