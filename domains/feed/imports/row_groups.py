"""Rows of a product that stand apart in a file, kept on disk until all of them are read."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import groupby
from typing import Final

from domains.feed.csv.dialects import Groups
from domains.feed.models import BadRow, Row

Rows = Iterable[Row | BadRow]
TABLE: Final = "create table rows (place integer primary key, key text not null, row text not null)"
# By the first row of each product, so that products come in the order in which the file begins them.
IN_ORDER: Final = """
select r.key, r.row from rows r join (select key, min(place) as first from rows group by key) h
  on h.key = r.key
order by h.first, r.place
"""


class SplitGroups:
    """The products whose rows stand apart, as far as a first reading of the file tells: a hash for each name."""

    def __init__(self, groups: Groups) -> None:
        self.groups = groups
        self._seen: set[int] = set()
        self._apart: set[int] = set()

    def scan(self, rows: Rows) -> None:
        """Read the rows through. Two names of one hash are taken to stand apart, which does no harm."""
        names_of, seen = self.groups.names, self._seen
        before: Sequence[str] = ()
        for row in rows:
            names = names_of(row)
            if names == before:
                continue
            fresh = {hash(name) for name in names if name not in before}
            self._apart |= fresh & seen
            seen |= fresh
            before = names
        seen.clear()

    def __bool__(self) -> bool:
        """Whether any do."""
        return bool(self._apart)

    def __contains__(self, key: str) -> bool:
        return hash(key) in self._apart


def gathered(rows: Rows, apart: SplitGroups) -> Iterator[tuple[str, Rows]]:
    """The rows of each product, by its key: those that stand apart after all others, from a file of their own."""
    options_key = apart.groups.key
    if not apart:
        yield from groupby(rows, key=options_key)
        return
    # A database without a name is a temporary file that nobody else sees and that goes away with it.
    with closing(sqlite3.connect("", check_same_thread=False)) as kept:
        kept.execute(TABLE)
        for key, together in groupby(rows, key=options_key):
            if key in apart:
                kept.executemany("insert into rows (key, row) values (?, ?)", ((key, _text(r)) for r in together))
            else:
                yield key, together
        stored = ((key, _row(text)) for key, text in kept.execute(IN_ORDER))
        for key, pairs in groupby(stored, key=lambda pair: pair[0]):
            yield key, (row for _, row in pairs)


def _text(row: Row | BadRow) -> str:
    if isinstance(row, Row):
        return json.dumps([row.line, row.cells])
    return json.dumps([row.line, row.handle, row.reason])


def _row(text: str) -> Row | BadRow:
    line, *rest = json.loads(text)
    return Row(line, rest[0]) if len(rest) == 1 else BadRow(line, *rest)
