"""Products whose rows are not adjacent in a file; the rows are stored on disk until all are read."""

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
SELECT_ROWS: Final = """
select r.key, r.row from rows r join (select key, min(place) as first from rows group by key) h
  on h.key = r.key
order by h.first, r.place
"""


class SplitGroups:
    """The products whose rows are not adjacent, found by a first reading of the file: a hash of each name."""

    def __init__(self, groups: Groups) -> None:
        self.groups = groups
        self._seen: set[int] = set()
        self._split_names: set[int] = set()

    def scan(self, rows: Rows) -> None:
        """Read all rows. Two names with one hash are treated as not adjacent, which is harmless."""
        names_of, seen = self.groups.names, self._seen
        before: Sequence[str] = ()
        for row in rows:
            names = names_of(row)
            if names == before:
                continue
            new_names = {hash(name) for name in names if name not in before}
            self._split_names |= new_names & seen
            seen |= new_names
            before = names
        seen.clear()

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._split_names)

    def __contains__(self, key: str) -> bool:
        return hash(key) in self._split_names


def group_rows(rows: Rows, split_groups: SplitGroups) -> Iterator[tuple[str, Rows]]:
    """The rows of each product, by its key: those of split groups last, from a temporary file."""
    key_of = split_groups.groups.key
    if not split_groups:
        yield from groupby(rows, key=key_of)
        return
    # A database without a name is a temporary file that no other process sees and that is deleted with it.
    with closing(sqlite3.connect("", check_same_thread=False)) as database:
        database.execute(TABLE)
        for key, adjacent in groupby(rows, key=key_of):
            if key in split_groups:
                database.executemany(
                    "insert into rows (key, row) values (?, ?)", ((key, _text(row)) for row in adjacent)
                )
            else:
                yield key, adjacent
        stored = ((key, _row(text)) for key, text in database.execute(SELECT_ROWS))
        for key, pairs in groupby(stored, key=lambda pair: pair[0]):
            yield key, (row for _, row in pairs)


def _text(row: Row | BadRow) -> str:
    if isinstance(row, Row):
        return json.dumps([row.line, row.cells])
    return json.dumps([row.line, row.handle, row.reason])


def _row(text: str) -> Row | BadRow:
    line, *rest = json.loads(text)
    return Row(line, rest[0]) if len(rest) == 1 else BadRow(line, *rest)
