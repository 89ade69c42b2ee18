"""Reads rows with Python's csv module, counts their lines, and bounds their size."""

import csv
from collections.abc import Iterable, Iterator
from itertools import chain

from domains.feed.csv.dialects import DELIMITERS
from domains.feed.csv.headings import Heading, delimiter_of, read_heading
from domains.feed.csv.lines import read_lines
from domains.feed.errors import UnreadableFile
from domains.feed.models import BadRow, Row

MAX_RECORD = 1_048_576
MAX_FIELD = MAX_RECORD
DECLARED = {f"sep={mark}": mark for mark in DELIMITERS}


class Records:
    """The records of a file. `line` is the first line of the last record, `ended` whether a line end closed it.

    The delimiter is the one that the first line declares (`sep=;`), else the one with the most known columns.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._lines = read_lines(chunks)
        self._size = 0
        self.line = 0
        self.ended = True
        self._skipped, heading, declared = self._read_heading_line()
        self._lines = chain([heading], self._lines) if heading is not None else self._lines
        csv.field_size_limit(MAX_FIELD)
        delimiter = declared or delimiter_of(heading or "")
        self._reader = csv.reader(self._bounded_lines(), strict=True, delimiter=delimiter)

    def __iter__(self) -> Iterator[list[str]]:
        return self

    def __next__(self) -> list[str]:
        """The next record's fields. Raises UnreadableFile, naming the line where the broken record begins."""
        self.line, self._size = self._skipped + self._reader.line_num + 1, 0
        try:
            return next(self._reader)
        except csv.Error as error:
            raise UnreadableFile(self._explain(error), line=self.line) from error

    def _read_heading_line(self) -> tuple[int, str | None, str | None]:
        """The number of lines before the heading, the heading, and the delimiter that the first line declares."""
        declared = None
        for skipped, text in enumerate(self._lines):
            mark = DECLARED.get(text.strip("\r\n").strip('"').lower()) if skipped == 0 else None
            declared = declared or mark
            if mark is None and text.strip():
                return skipped, text, declared
        return 0, None, declared

    def _bounded_lines(self) -> Iterator[str]:
        for text in self._lines:
            self._size += len(text)
            if self._size > MAX_RECORD:
                raise csv.Error("record too long")
            self.ended = text.endswith(("\n", "\r"))
            yield text

    def _explain(self, error: csv.Error) -> str:
        reason = str(error)
        if "unexpected end of data" in reason:
            return (
                "The row that begins here is incomplete: a quoted field is never closed. "
                "Export or upload the file again."
            )
        if "expected after" in reason:
            current_line = self._skipped + self._reader.line_num
            remedy = "Remove the text, or double the quote if it is a part of the field that is not doubled."
            return f"Text after a closing quote (detected on line {current_line}). {remedy}"
        if "field larger" in reason or "record too long" in reason:
            return "The row that begins here is too long; a quoted field may lack its closing quote."
        return f"The row that begins here is not CSV: {reason}."


class RowReader:
    """Reads a product file: its heading at once, then row by row, with constant memory.

    Construction raises UnreadableFile or MissingColumns; so does iteration, for damage that leaves no row to report.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._records = Records(chunks)
        first = next((fields for fields in self._records if any(fields)), None)
        if first is None:
            raise UnreadableFile("The file is empty.", line=1)
        self.heading: Heading = read_heading(first, self._records.line)
        self.count = 0
        self._omits_fields = False

    def __iter__(self) -> Iterator[Row | BadRow]:
        """The rows that are not blank: valid ones, and bad ones with the reason."""
        heading, records, width = self.heading, self._records, self.heading.width
        for fields in records:
            cells = heading.cells(fields)
            if not cells and not any(map(str.strip, fields)):
                continue
            self.count += 1
            if len(fields) < width:
                self._require_complete(len(fields))
            if len(fields) > width and any(map(str.strip, fields[width:])):
                reason = f"The row has {len(fields)} fields, the heading {heading.width}."
                yield BadRow(records.line, heading.dialect.reference(cells), reason)
            else:
                yield Row(records.line, cells)

    def _require_complete(self, fields: int) -> None:
        """Spreadsheets omit empty fields at a row's end; if only the last row lacks some, the file is incomplete."""
        if self._records.ended or self._omits_fields:
            self._omits_fields = True
            return
        message = (
            f"The file ends in the middle of the row that begins here ({fields} of {self.heading.width} fields)."
        )
        raise UnreadableFile(f"{message} Export or upload it again.", line=self._records.line)
