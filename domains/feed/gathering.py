"""Rows of a product that stand apart in a file, kept on disk until all of them are read."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import groupby
from typing import Final

from domains.feed.columns import Column
from domains.feed.models import BadRow
from domains.feed.rows import Row
from domains.feed.sheets import slug_for

Rows = Iterable[Row | BadRow]
TABLE: Final = "create table rows (place integer primary key, handle text not null, row text not null)"
# By the first row of each product, so that products come in the order in which the file begins them.
IN_ORDER: Final = """
select r.handle, r.row from rows r join (select handle, min(place) as first from rows group by handle) h
  on h.handle = r.handle
order by h.first, r.place
"""


class Scattered:
    """The handles whose rows stand apart, as far as a first reading of the file tells: a hash for each product."""

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._apart: set[int] = set()

    def survey(self, rows: Rows) -> None:
        """Read the rows through. Two handles of one hash are taken to stand apart, which does no harm."""
        for handle, _ in groupby(rows, key=handle_of):
            key = hash(handle)
            if key in self._seen:
                self._apart.add(key)
            self._seen.add(key)
        self._seen.clear()

    def __bool__(self) -> bool:
        """Whether any do."""
        return bool(self._apart)

    def __contains__(self, handle: str) -> bool:
        return hash(handle) in self._apart


def gathered(rows: Rows, apart: Scattered) -> Iterator[tuple[str, Rows]]:
    """The rows of each handle, together: those that stand apart after all others, from a file of their own."""
    if not apart:
        yield from groupby(rows, key=handle_of)
        return
    # A database without a name is a temporary file that nobody else sees and that goes away with it.
    with closing(sqlite3.connect("", check_same_thread=False)) as kept:
        kept.execute(TABLE)
        for handle, together in groupby(rows, key=handle_of):
            if handle in apart:
                kept.executemany(
                    "insert into rows (handle, row) values (?, ?)", ((handle, _text(r)) for r in together)
                )
            else:
                yield handle, together
        stored = ((handle, _row(text)) for handle, text in kept.execute(IN_ORDER))
        for handle, pairs in groupby(stored, key=lambda pair: pair[0]):
            yield handle, (row for _, row in pairs)


def handle_of(row: Row | BadRow) -> str:
    """The product that a row belongs to, by its slug."""
    return slug_for((row.handle if isinstance(row, BadRow) else row.cells.get(Column.HANDLE, "")).lower())


def _text(row: Row | BadRow) -> str:
    if isinstance(row, Row):
        return json.dumps([row.line, row.cells])
    return json.dumps([row.line, row.handle, row.reason])


def _row(text: str) -> Row | BadRow:
    line, *rest = json.loads(text)
    if len(rest) == 1:
        return Row(line, {Column(name): cell for name, cell in rest[0].items()})
    return BadRow(line, *rest)
