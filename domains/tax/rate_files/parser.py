"""Reads files of tax rates: every row is checked before anything is stored."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from types import TracebackType
from typing import IO, Any, Final

from domains.kernel.csv.records import DELIMITERS, Records
from domains.kernel.errors import DomainError, InvalidInput, TooMany
from domains.kernel.text.validation import require_text
from domains.kernel.validation import ErrorCollector, ValidationErrors, collect_errors
from domains.tax.models import TaxRateChanges
from domains.tax.rate_files.errors import TaxRateColumnsMissing, TaxRateRowInvalid
from domains.tax.rate_files.rows import COLUMNS, RateRow
from domains.tax.validation import checked_rate

MOST_ROWS: Final = 100_000
MOST_ERRORS: Final = 100
"""The errors that are reported of one file."""
_CHUNK: Final = 65_536
_RATE: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,20})?")
_COLUMN_OF: Final = {"name": "tax"}
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def rows_of(file: IO[bytes]) -> list[RateRow]:
    """The rows of a seekable file, from its beginning.

    Raises UnreadableFile, TaxRateColumnsMissing, TooMany, and for wrong rows TaxRateRowInvalid, the first hundred
    together.
    """
    file.seek(0)
    records = Records(iter(partial(file.read, _CHUNK), b""), lambda heading: max(DELIMITERS, key=heading.count))
    heading = [name.strip().lower() for name in next(records, [])]
    if missing := [column for column in COLUMNS if column not in heading]:
        raise TaxRateColumnsMissing(missing, line=records.line)
    rows: list[RateRow] = []
    errors = RowErrors()
    for cells in records:
        if not any(cell.strip() for cell in cells):
            continue
        if len(rows) == MOST_ROWS:
            raise TooMany(f"A file has at most {MOST_ROWS:,} rates. Import several files.", field=("file",))
        with errors.of_line(records.line):
            rows.append(_row(dict(zip(heading, cells, strict=False)), len(cells), len(heading), records.line))
    errors.require_none()
    return rows


class RowErrors(ErrorCollector):
    """Collects the errors of rows, each with its line."""

    def __init__(self) -> None:
        super().__init__()
        self._line = 0

    def of_line(self, line: int) -> "RowErrors":
        """A context in which errors are of this line. When enough are collected, they are raised."""
        if len(self.collected) >= MOST_ERRORS:
            self.require_none()
        self._line = line
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        known = len(self.collected)
        is_collected = super().__exit__(error_type, error, traceback)
        self.collected[known:] = [_with_line(error, self._line) for error in self.collected[known:]]
        return is_collected

    def add(self, message: str, line: int) -> None:
        """Collect an error of a line. When enough are collected, they are raised."""
        with self.of_line(line):
            raise TaxRateRowInvalid(message, line=line)

    def require_none(self) -> None:
        """Raise what was collected, at most a hundred errors, in the order of the lines."""
        if len(self.collected) == 1:
            raise self.collected[0]
        if self.collected:
            raise ValidationErrors(sorted(self.collected, key=_line_of)[:MOST_ERRORS])


def _line_of(error: DomainError) -> int:
    return error.line if isinstance(error, TaxRateRowInvalid) else 0


def _with_line(error: DomainError, line: int) -> TaxRateRowInvalid:
    """An error of a cell as one of its line. Columns stand in quotes: names in backticks are those of the API."""
    if isinstance(error, TaxRateRowInvalid):
        return error
    field = error.field[-1] if error.field else ""
    column = f'"{_COLUMN_OF.get(field, field)}"'
    message = error.message.replace(f"`{field}`", column).replace("`", '"')
    is_named = not field or column in message
    return TaxRateRowInvalid(message if is_named else f"{column}: {message}", line=line)


def _row(cells: Mapping[str, str], count: int, expected: int, line: int) -> RateRow:
    """A row. Raises the errors of all its cells together."""
    if count != expected:
        raise InvalidInput(f"The row has {count} cells, and the heading {expected}.")
    read: TaxRateChanges = {"rate": Decimal(0), "valid_from": date.min, "valid_until": None}
    tax_class, checked = "", dict[str, Any]()
    with collect_errors() as each:
        with each:
            tax_class = require_text(cells["class"], field=("class",)).lower()
        with each:
            read["valid_from"] = _day(cells, "valid_from")
        with each:
            read["valid_until"] = _day(cells, "valid_until") if cells["valid_until"].strip() else None
        with each:
            read["rate"] = _rate(cells["rate"])
        with each:
            checked = checked_rate(_texts(cells) | read, date.min)
    return RateRow(line=line, tax_class=tax_class, **checked)


def _texts(cells: Mapping[str, str]) -> TaxRateChanges:
    return {
        "name": cells["tax"],
        "country": cells["country"],
        "province": cells["province"],
        "postal_prefix": cells["postal_prefix"],
    }


def _rate(text: str) -> Decimal:
    if not _RATE.fullmatch(text.strip()):
        raise InvalidInput("A rate is a fraction with a decimal point, such as 0.19 for 19 %.", field=("rate",))
    return Decimal(text.strip())


def _day(cells: Mapping[str, str], column: str) -> date:
    text = cells[column].strip()
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise InvalidInput(f"`{column}` is a day such as 2026-11-30.", field=(column,))
