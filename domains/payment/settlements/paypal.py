"""Settlement reports of PayPal as CSV: records of several types, each with its type in the first field."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final

from domains.kernel.csv.errors import UnreadableFile
from domains.kernel.csv.records import Records
from domains.kernel.values.currencies import EXPONENTS
from domains.kernel.values.money import round_half_up
from domains.payment.settlements import cells
from domains.payment.settlements.errors import (
    SettlementColumnsMissing,
    SettlementCurrencyMismatch,
    SettlementReportRefused,
    SettlementTotalsDiffer,
)
from domains.payment.settlements.models import ReportLine
from domains.payment.settlements.models import SettlementLineType as T

ID: Final = "transaction id"
REFERENCE: Final = "paypal reference id"
CODE: Final = "transaction event code"
COMPLETED: Final = "transaction completion date"
SIDE: Final = "transaction debit or credit"
GROSS: Final = "gross transaction amount"
CURRENCY: Final = "gross transaction currency"
FEE_SIDE: Final = "fee debit or credit"
FEE: Final = "fee amount"
FEE_CURRENCY: Final = "fee currency"
REQUIRED: Final = (ID, REFERENCE, CODE, COMPLETED, SIDE, GROSS, CURRENCY, FEE_SIDE, FEE, FEE_CURRENCY)
CREDIT: Final = "CR"
SIDES: Final = (CREDIT, "DR")
TYPES: Final[Mapping[str, T]] = {
    "T1106": T.CHARGEBACK,
    "T1107": T.REFUND,
    "T1108": T.FEE,
    "T1201": T.CHARGEBACK,
    "T1202": T.CHARGEBACK_REVERSAL,
    "T1205": T.CHARGEBACK_REVERSAL,
}
"""By the event code."""
GROUPS: Final[Mapping[str, T]] = {"T00": T.CHARGE, "T01": T.FEE, "T03": T.PAYOUT, "T04": T.PAYOUT}
"""By the group of the other event codes; all others are adjustments, and so is a payment that was sent."""
WITHOUT_DECIMALS: Final = ("HUF", "JPY", "TWD")
TOTALS: Final = ("gross credits", "gross debits", "fee credits", "fee debits")
# Positions of the fields of records without a heading.
RH_ACCOUNT: Final = 3
SH_START: Final = 1
SH_END: Final = 2
SH_ACCOUNT: Final = 3
CUT: Final = "Download the report again."


@dataclass
class Totals:
    """What records add up to: their number, and per side the gross amounts and the fees."""

    rows: int = 0
    sums: dict[tuple[str, str], Decimal] = field(default_factory=dict)

    def add(self, gross: Decimal, fee: Decimal) -> None:
        """Count a row; a positive fee is a debit."""
        self.rows += 1
        for name, amount in (("gross", gross), ("fee", -fee)):
            key = (name, "credits" if amount > 0 else "debits")
            self.sums[key] = self.sums.get(key, Decimal(0)) + abs(amount)

    def of(self, name: str) -> Decimal:
        """The sum of a name of `TOTALS`."""
        kind, side = name.split()
        return self.sums.get((kind, side), Decimal(0))


@dataclass
class PayPalReport:
    """The lines of a report in the currency of the company. Its control totals are checked."""

    records: Records
    currency: str
    account_id: str | None = None
    period: tuple[datetime, datetime] | None = None
    _columns: dict[str, int] = field(default_factory=dict)
    _section: Totals | None = None
    _is_summed: bool = False
    _all: Totals = field(default_factory=Totals)
    _is_first_file: bool = True

    def lines(self) -> Iterator[ReportLine]:
        """The lines in the order of the file. Raises UnreadableFile and its subclasses, with the line."""
        begins, previous = 1, ""
        for fields in self.records:
            if not any(map(str.strip, fields)):
                continue
            begins, kind = self.records.line, fields[0].strip().upper()
            if (kind == "RH") == bool(previous) or previous == "FF":
                raise SettlementReportRefused(_misplaced(kind, previous), line=begins)
            previous = kind
            if kind == "SB":
                yield self._body(fields, begins)
            else:
                self._record(kind, fields, begins)
        if previous != "FF":
            raise SettlementReportRefused(f"The file ends here, without the record FF. {CUT}", line=begins)

    def _record(self, kind: str, fields: list[str], line: int) -> None:
        """Read a record that is no row; one that is not known is of a later version of the report."""
        records = {
            "RH": self._begin,
            "FH": self._begin_file,
            "SH": self._begin_section,
            "CH": self._begin_rows,
            "SF": self._sum_section,
            "SC": self._end_section,
            "RF": self._sum,
            "RC": self._count,
            "FF": self._end,
        }
        if read := records.get(kind):
            read(fields, line)

    def _begin(self, fields: list[str], line: int) -> None:
        self.account_id = cells.read_id(_at(fields, RH_ACCOUNT), "account id", line)

    def _begin_file(self, fields: list[str], line: int) -> None:
        self._is_first_file = _number(_at(fields, 1), line) == 1

    def _begin_rows(self, fields: list[str], line: int) -> None:
        names = ["", *cells.heading_of(fields[1:])]
        if missing := [name for name in REQUIRED if name not in names]:
            raise SettlementColumnsMissing(missing, line=line)
        if doubled := next((name for name in names if name and names.count(name) > 1), None):
            raise UnreadableFile(f"The column `{doubled[:50]}` occurs twice.", line=line)
        self._columns = {name: index for index, name in enumerate(names)}

    def _sum_section(self, fields: list[str], line: int) -> None:
        self._require_totals(self._section, fields, line)
        self._is_summed = self._is_summed or _at(fields, 1).strip() == self.currency

    def _sum(self, fields: list[str], line: int) -> None:
        if self._is_first_file:  # the last of several files has the totals of all
            self._require_totals(self._all, fields, line)

    def _count(self, fields: list[str], line: int) -> None:
        if self._is_first_file:
            _require_rows(self._all.rows, fields, line)

    def _end(self, fields: list[str], line: int) -> None:
        if self._section is not None:
            raise SettlementReportRefused(f"A section has no record SC. {CUT}", line=line)
        _require_rows(self._all.rows, fields, line)

    def _begin_section(self, fields: list[str], line: int) -> None:
        if self._section is not None:
            raise SettlementReportRefused(f"The section before has no record SC. {CUT}", line=line)
        account = _at(fields, SH_ACCOUNT).strip()
        if account and account != self.account_id:
            raise SettlementReportRefused(
                f"The section is that of the account {account[:50]}, the report that of {self.account_id}.", line=line
            )
        start = cells.read_zoned_time(_at(fields, SH_START), "period start", line)
        end = cells.read_zoned_time(_at(fields, SH_END), "period end", line)
        before = self.period or (start, end)
        self.period = min(before[0], start), max(before[1], end)
        self._section, self._columns, self._is_summed = Totals(), {}, False

    def _end_section(self, fields: list[str], line: int) -> None:
        if self._section is None or (self._section.rows and not self._is_summed):
            raise SettlementReportRefused(f"The section has no record SH or SF. {CUT}", line=line)
        _require_rows(self._section.rows, fields, line)
        self._section = None

    def _require_totals(self, totals: Totals | None, fields: list[str], line: int) -> None:
        currency = _at(fields, 1).strip()
        if currency not in EXPONENTS:
            raise SettlementReportRefused(f"{currency[:20]!r} is no currency.", line=line)
        for position, name in enumerate(TOTALS, start=2):
            given = cells.read_units(_at(fields, position), _places(currency), currency, f"total {name}", line)
            sums = totals.of(name) if totals and currency == self.currency else Decimal(0)
            own = round_half_up(sums, currency)
            if given != own:
                raise SettlementTotalsDiffer(
                    f"The total of {name} is {given:f} {currency}, but the rows have {own:f}. {CUT}", line=line
                )

    def _body(self, fields: list[str], line: int) -> ReportLine:
        columns = self._columns
        if self._section is None or not columns:
            raise SettlementReportRefused(
                f"The row has no heading: the records SH and CH are missing. {CUT}", line=line
            )
        if len(fields) < len(columns):
            raise SettlementReportRefused(
                f"The row that begins here has {len(fields)} of {len(columns)} fields. {CUT}", line=line
            )
        cell = {name: fields[index].strip() for name, index in columns.items()}
        gross, fee = self._amount(cell, SIDE, GROSS, CURRENCY, line), Decimal(0)
        if cell[FEE]:
            fee = -self._amount(cell, FEE_SIDE, FEE, FEE_CURRENCY, line)
        for totals in (self._section, self._all):
            totals.add(gross, fee)
        external_id, code = cells.read_id(cell[ID], ID, line), cells.read_id(cell[CODE], CODE, line)
        reference, type_ = cells.optional_id(cell[REFERENCE], REFERENCE, line), _type(code, gross)
        is_of_capture = type_ in {T.CHARGEBACK, T.CHARGEBACK_REVERSAL}
        return ReportLine(
            line=line,
            external_id=f"{external_id}:{code}:{cell[SIDE]}",
            type=type_,
            category=code,
            gross=gross,
            fee=fee,
            net=gross - fee,
            currency=self.currency,
            occurred_at=cells.read_zoned_time(cell[COMPLETED], COMPLETED, line),
            reference=(reference if is_of_capture else None) or external_id,
            payment_reference=reference,
        )

    def _amount(self, cell: Mapping[str, str], side: str, amount: str, currency: str, line: int) -> Decimal:
        """A signed amount: positive for a credit."""
        if cell[currency] != self.currency:
            raise SettlementCurrencyMismatch(cell[currency], self.currency, line=line)
        if cell[side] not in SIDES:
            raise SettlementReportRefused(f"`{side}` must be CR or DR; it is {cell[side][:50]!r}.", line=line)
        units = cells.read_units(cell[amount], _places(self.currency), self.currency, amount, line)
        return units if cell[side] == CREDIT else -units


def _type(code: str, gross: Decimal) -> T:
    type_ = TYPES.get(code) or GROUPS.get(code[:3], T.ADJUSTMENT)
    return T.ADJUSTMENT if type_ is T.CHARGE and gross < 0 else type_


def _places(currency: str) -> int:
    return 0 if currency in WITHOUT_DECIMALS else EXPONENTS[currency]


def _at(fields: list[str], position: int) -> str:
    return fields[position] if position < len(fields) else ""


def _number(text: str, line: int) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise SettlementReportRefused(f"A number of records is expected, not {text[:50]!r}. {CUT}", line=line)
    return int(text)


def _require_rows(rows: int, fields: list[str], line: int) -> None:
    given = _number(_at(fields, 1), line)
    if given != rows:
        raise SettlementTotalsDiffer(f"There should be {given:,} rows, but there are {rows:,}. {CUT}", line=line)


def _misplaced(kind: str, previous: str) -> str:
    if previous == "FF":
        return f"The record {kind[:20]} follows the last one, FF. {CUT}"
    if previous:
        return "A second report begins here. Import each report by itself."
    return "A settlement report of PayPal begins with the record RH. Choose the provider of this file."
