"""Cells of settlement reports as values. Each function raises SettlementReportRefused with the line."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from domains.kernel.csv.records import DELIMITERS
from domains.kernel.values.money import minor_unit
from domains.payment.settlements.errors import SettlementReportRefused

MAX_LENGTH: Final = 255
DECIMAL: Final = re.compile(r"-?[0-9]{1,14}(?:\.[0-9]{1,8})?")
UNITS: Final = re.compile(r"[0-9]{1,15}")
SHOWN: Final = 40
# No report is older, and each time has a local day in every time zone.
FIRST_TIME: Final = datetime(2000, 1, 1, tzinfo=UTC)
END_OF_TIME: Final = datetime(2200, 1, 1, tzinfo=UTC)


def delimiter_of(heading: str) -> str:
    """The delimiter of a heading: the one that it has most often."""
    return max(DELIMITERS, key=heading.count)


def heading_of(fields: list[str]) -> list[str]:
    """The names of columns, which are compared without case and repeated spaces."""
    return [" ".join(field.split()).lower() for field in fields]


def read_id(text: str, column: str, line: int) -> str:
    """An id or a name of the provider: printable ASCII of at most 255 characters."""
    text = text.strip()
    if not (0 < len(text) <= MAX_LENGTH and text.isascii() and text.isprintable()):
        raise _refused(text, column, "an id in ASCII", line)
    return text


def optional_id(text: str, column: str, line: int) -> str | None:
    """As `read_id`; None for an empty cell."""
    return read_id(text, column, line) if text.strip() else None


def read_decimal(text: str, currency: str, column: str, line: int) -> Decimal:
    """A signed amount in major units with a decimal point."""
    text = text.strip()
    if DECIMAL.fullmatch(text) is None:
        raise _refused(text, column, "an amount with a decimal point, such as -12.50", line)
    return _at_scale(Decimal(text), currency, text, column, line)


def read_units(text: str, places: int, currency: str, column: str, line: int) -> Decimal:
    """An amount without sign in the smallest unit, of which 10^`places` are one of the currency."""
    text = text.strip()
    if UNITS.fullmatch(text) is None:
        raise _refused(text, column, "an amount in the smallest unit, without sign and separators", line)
    return _at_scale(Decimal(text).scaleb(-places), currency, text, column, line)


def read_time(text: str, column: str, line: int) -> datetime:
    """A time in ISO 8601; one without an offset is in UTC."""
    try:
        at = datetime.fromisoformat(text.strip())
        return _in_time(at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC))
    except (ValueError, OverflowError):
        raise _refused(text, column, "a time such as 2026-11-30 09:15:00", line) from None


def read_zoned_time(text: str, column: str, line: int) -> datetime:
    """A time with an offset in PayPal's form, `2026/11/30 09:15:00 -0800`."""
    try:
        return _in_time(datetime.strptime(text.strip(), "%Y/%m/%d %H:%M:%S %z").astimezone(UTC))
    except (ValueError, OverflowError):
        raise _refused(text, column, "a time such as 2026/11/30 09:15:00 -0800", line) from None


def _in_time(at: datetime) -> datetime:
    if not FIRST_TIME <= at < END_OF_TIME:
        raise ValueError(at)
    return at


def _at_scale(amount: Decimal, currency: str, text: str, column: str, line: int) -> Decimal:
    exact = amount.quantize(minor_unit(currency))
    if exact != amount:
        raise _refused(text, column, f"an amount with the decimals of {currency}", line)
    return exact


def _refused(text: str, column: str, expected: str, line: int) -> SettlementReportRefused:
    shown = repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}…")
    return SettlementReportRefused(f"`{column}` must be {expected}; it is {shown}.", line=line)
