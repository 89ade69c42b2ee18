"""Itemized reports of Stripe as CSV: changes of the balance, its reconciliation, and payouts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domains.kernel.csv.errors import UnreadableFile
from domains.kernel.csv.records import Records
from domains.payment.settlements import cells
from domains.payment.settlements.errors import (
    SettlementColumnsMissing,
    SettlementCurrencyMismatch,
    SettlementReportRefused,
    SettlementTotalsDiffer,
)
from domains.payment.settlements.models import ReportLine
from domains.payment.settlements.models import SettlementLineType as T

ID: Final = "balance_transaction_id"
CREATED: Final = ("created_utc", "created", "effective_at_utc", "effective_at")
AVAILABLE: Final = ("available_on_utc", "available_on")
SOURCES: Final = ("source_id", "payout_id")
PAYMENTS: Final = ("payment_intent_id", "charge_id")
AMOUNTS: Final = ("gross", "fee", "net")
REQUIRED: Final = ((ID,), ("reporting_category",), ("currency",), *((name,) for name in AMOUNTS), CREATED, SOURCES)
# Of each group one column is needed; the first that the file has is read.
TYPES: Final[Mapping[str, T]] = {
    "charge": T.CHARGE,
    "charge_failure": T.CHARGE,
    "partial_capture_reversal": T.CHARGE,
    "refund": T.REFUND,
    "refund_failure": T.REFUND,
    "dispute": T.CHARGEBACK,
    "dispute_reversal": T.CHARGEBACK_REVERSAL,
    "fee": T.FEE,
    "network_cost": T.FEE,
    "tax": T.FEE,
    "payout": T.PAYOUT,
    "payout_reversal": T.PAYOUT,
    "topup": T.PAYOUT,
    "topup_reversal": T.PAYOUT,
}
"""By the reporting category; all others are adjustments."""
CUT: Final = "Download the report again."


@dataclass
class StripeReport:
    """The lines of a report in the currency of the company."""

    records: Records
    currency: str
    account_id: str | None = None
    period: tuple[datetime, datetime] | None = None

    def lines(self) -> Iterator[ReportLine]:
        """The lines in the order of the file. Raises UnreadableFile and its subclasses, with the line."""
        columns: dict[str, int] | None = None
        width, begins = 0, 1
        for fields in self.records:
            if not any(map(str.strip, fields)):
                continue
            begins = self.records.line
            if columns is None:
                columns, width = self._columns(fields), len(fields)
                continue
            if len(fields) != width:
                raise SettlementReportRefused(
                    f"The row that begins here has {len(fields)} of {width} fields. {CUT}", line=begins
                )
            yield self._line(columns, fields, begins)
        if columns is None:
            raise UnreadableFile("The file is empty.", line=1)
        if not self.records.ended:
            raise SettlementReportRefused(
                f"The file ends in the row that begins here, whose line end is missing. {CUT}", line=begins
            )

    def _columns(self, fields: list[str]) -> dict[str, int]:
        names, line = cells.heading_of(fields), self.records.line
        if names[0] == "rh":
            raise SettlementReportRefused("This is a report of PayPal. Import it as one of PAYPAL.", line=line)
        if doubled := next((name for name in names if name and names.count(name) > 1), None):
            raise UnreadableFile(f"The column `{doubled[:50]}` occurs twice.", line=line)
        if missing := [group[0] for group in REQUIRED if not any(name in names for name in group)]:
            raise SettlementColumnsMissing(missing, line=line)
        return {name: index for index, name in enumerate(names)}

    def _line(self, columns: Mapping[str, int], fields: list[str], line: int) -> ReportLine:
        def cell(*names: str) -> str:
            return next((fields[columns[name]] for name in names if name in columns), "")

        currency = cell("currency").strip().upper()
        if currency != self.currency:
            raise SettlementCurrencyMismatch(currency, self.currency, line=line)
        gross, fee, net = (cells.read_decimal(cell(name), currency, name, line) for name in AMOUNTS)
        if gross - fee != net:
            raise SettlementTotalsDiffer(f"`gross` without `fee` is {gross - fee:f}, `net` {net:f}.", line=line)
        category = cells.read_id(cell("reporting_category"), "reporting_category", line)
        available = cell(*AVAILABLE)
        external_id = cells.read_id(cell(ID), ID, line)
        return ReportLine(
            line=line,
            external_id=external_id,
            type=TYPES.get(category.lower(), T.ADJUSTMENT),
            category=category,
            gross=gross,
            fee=fee,
            net=net,
            currency=currency,
            occurred_at=cells.read_time(cell(*CREATED), "created", line),
            available_at=cells.read_time(available, "available_on", line) if available.strip() else None,
            reference=cells.optional_id(cell(*SOURCES), "source_id", line) or external_id,
            payment_reference=cells.optional_id(cell(*PAYMENTS), "payment_intent_id", line),
        )
