"""Dialects: the column names of a program's product files, and how their rows are grouped into products."""

import re
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Protocol

from domains.feed.models import BadRow, Cells, Row


class Groups(Protocol):
    """Groups the rows of a file by product.

    A file is read twice. In the first reading a row may have several names, one of them common to all rows of its
    product; in the second each row has the one key of its product.
    """

    def names(self, row: Row | BadRow) -> Sequence[str]:
        """The names of the row's product; the first reading calls this for every row."""
        ...

    def key(self, row: Row | BadRow) -> str:
        """The key of the row's product."""
        ...


@dataclass(frozen=True, slots=True)
class Dialect:
    """One program's product files.

    `names` are its columns by their headings in lower case, `numbered` matches further ones (`Attribute 2 name`).
    `distinctive` are headings that only this program writes: a file without any of them is of another program;
    an empty set accepts all files. `missing` returns the required columns that a file lacks, `is_unsupported` whether
    a column is not stored, `reference` the name of a row's product in reports, `decode` the text of a cell.
    """

    name: str
    names: Mapping[str, str]
    groups: Callable[[], Groups]
    missing: Callable[[AbstractSet[str]], Sequence[str]]
    reference: Callable[[Cells], str]
    numbered: re.Pattern[str] | None = None
    distinctive: frozenset[str] = frozenset()
    is_unsupported: Callable[[str], bool] | None = None
    decode: Callable[[str], str] | None = None

    def column(self, heading: str) -> str | None:
        """The column of a heading, or None."""
        normal = _normalize_heading(heading)
        if self.numbered and self.numbered.fullmatch(normal):
            return normal.capitalize()
        return self.names.get(normal)

    def count_known(self, headings: Sequence[str]) -> int:
        """The number of headings that are columns of this dialect; 0 without a distinctive one."""
        if self.distinctive and self.distinctive.isdisjoint(map(_normalize_heading, headings)):
            return 0
        return sum(self.column(heading) is not None for heading in headings)


def _normalize_heading(heading: str) -> str:
    return heading.strip().strip('"').lower()
