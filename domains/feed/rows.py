"""Lines into rows: Python's csv module parses, this counts the lines and bounds what it may hold."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from domains.feed.columns import Column, Heading, read_heading
from domains.feed.errors import UnreadableFile
from domains.feed.lines import read_lines
from domains.feed.models import BadRow

MAX_RECORD = 1_048_576


@dataclass(frozen=True, slots=True)
class Row:
    """One record: the physical line it begins on, and its known cells that are not empty."""

    line: int
    cells: dict[Column, str]


class Records:
    """The records of a file. `line` is where the record last read begins, `ended` whether a line end closed it."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._lines = read_lines(chunks)
        self._size = 0
        self.line = 0
        self.ended = True
        self._reader = csv.reader(self._bounded(), strict=True)

    def __iter__(self) -> Iterator[list[str]]:
        return self

    def __next__(self) -> list[str]:
        """The next record's fields. Raises UnreadableFile, naming the line where the broken record begins."""
        self.line, self._size = self._reader.line_num + 1, 0
        try:
            return next(self._reader)
        except csv.Error as error:
            raise UnreadableFile(self._explain(error), line=self.line) from error

    def _bounded(self) -> Iterator[str]:
        for text in self._lines:
            self._size += len(text)
            if self._size > MAX_RECORD:
                raise csv.Error("record too long")
            self.ended = text.endswith(("\n", "\r"))
            yield text

    def _explain(self, error: csv.Error) -> str:
        reason = str(error)
        if "unexpected end of data" in reason:
            return "The row that begins here is cut: a quoted field is never closed. Export or upload the file again."
        if "expected after" in reason:
            return f"A quote inside a quoted field is not doubled (noticed on line {self._reader.line_num})."
        if "field larger" in reason or "record too long" in reason:
            return "The row that begins here is too long; a quoted field may lack its closing quote."
        return f"The row that begins here is not CSV: {reason}."


class RowReader:
    """Reads a product file: its heading at once, then row by row, memory flat.

    Construction raises UnreadableFile or MissingColumns; so does iteration, for damage that leaves no row to report.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._records = Records(chunks)
        first = next((fields for fields in self._records if any(fields)), None)
        if first is None:
            raise UnreadableFile("The file is empty.", line=1)
        self.heading: Heading = read_heading(first)
        self.count = 0

    def __iter__(self) -> Iterator[Row | BadRow]:
        """The rows that are not blank, each sound in itself or bad with a reason."""
        heading, records = self.heading, self._records
        for fields in records:
            if len(fields) == heading.width:
                cells = heading.cells(fields)
                if not cells and not any(map(str.strip, fields)):
                    continue
                self.count += 1
                yield Row(records.line, cells)
            elif any(fields):
                self.count += 1
                yield self._wrong_width(fields)

    def _wrong_width(self, fields: list[str]) -> BadRow:
        found, wanted, line = len(fields), self.heading.width, self._records.line
        if found < wanted and not self._records.ended:
            message = f"The file ends in the middle of the row that begins here ({found} of {wanted} fields)."
            raise UnreadableFile(f"{message} Export or upload it again.", line=line)
        reason = f"The row has {found} fields, the heading {wanted}."
        return BadRow(line, self.heading.handle(fields), reason)
