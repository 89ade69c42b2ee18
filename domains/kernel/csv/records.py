"""The records of a CSV file with Python's csv module, which counts their lines and bounds their size."""

import csv
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Final

from domains.kernel.csv.errors import UnreadableFile
from domains.kernel.csv.lines import read_lines

DELIMITERS: Final = ",;\t|"
MAX_RECORD = 1_048_576
MAX_FIELD = MAX_RECORD
DECLARED = {f"sep={mark}": mark for mark in DELIMITERS}


class Records:
    """The records of a file. `line` is the first line of the last record, `ended` whether a line end closed it.

    The delimiter is the one that the first line declares (`sep=;`), else the one that `delimiter_of` finds in the
    heading.
    """

    def __init__(self, chunks: Iterable[bytes], delimiter_of: Callable[[str], str]) -> None:
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
