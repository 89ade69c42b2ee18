"""Reads the rows of a product file."""

from collections.abc import Iterable, Iterator

from domains.feed.csv.headings import Heading, delimiter_of, read_heading
from domains.feed.errors import UnreadableFile
from domains.feed.models import BadRow, Row
from domains.kernel.csv.records import Records


class RowReader:
    """Reads a product file: its heading at once, then row by row, with constant memory.

    Construction raises UnreadableFile or MissingColumns; so does iteration, for damage that leaves no row to report.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._records = Records(chunks, delimiter_of)
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
