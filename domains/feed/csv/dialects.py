"""What a program calls the columns of its product files, and which rows of them are of one product."""

import re
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final, Protocol

from domains.feed.models import BadRow, Cells, Row

DELIMITERS: Final = ",;\t|"


class Groups(Protocol):
    """Tells of the rows of one file which are of one product.

    A file is read twice. In the first reading a row may have several names, and shares one with every other row of
    its product; after it each row has the one key of its product.
    """

    def names(self, row: Row | BadRow) -> Sequence[str]:
        """What the row's product may be known by; the first reading asks this of every row."""
        ...

    def key(self, row: Row | BadRow) -> str:
        """The key of the row's product."""
        ...


@dataclass(frozen=True, slots=True)
class Dialect:
    """One program's product files.

    `names` are its columns by their headings in lower case, `numbered` matches further ones (`Attribute 2 name`).
    `telling` are headings that no other program writes: a file without any of them is not this program's; where it is
    empty, none is needed. `lacking` tells which columns a file needs beside those that it has, `is_unheld` of which
    nothing is stored here, `reference` what a row's product is called in a report, `plain` what a cell says.
    """

    name: str
    names: Mapping[str, str]
    groups: Callable[[], Groups]
    lacking: Callable[[AbstractSet[str]], Sequence[str]]
    reference: Callable[[Cells], str]
    numbered: re.Pattern[str] | None = None
    telling: frozenset[str] = frozenset()
    is_unheld: Callable[[str], bool] | None = None
    plain: Callable[[str], str] | None = None

    def column(self, heading: str) -> str | None:
        """The column that a heading means, or None."""
        plain = _plain(heading)
        if self.numbered and self.numbered.fullmatch(plain):
            return plain.capitalize()
        return self.names.get(plain)

    def known(self, headings: Sequence[str]) -> int:
        """How many of the headings it knows as columns; none where nothing tells that they are this program's."""
        if self.telling and self.telling.isdisjoint(map(_plain, headings)):
            return 0
        return sum(self.column(heading) is not None for heading in headings)


def _plain(heading: str) -> str:
    return heading.strip().strip('"').lower()
