"""The heading of a product file: whose it is, and where its columns stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domains.feed.csv.columns import Column
from domains.feed.csv.dialects import DELIMITERS, Dialect
from domains.feed.errors import MissingColumns, UnreadableFile
from domains.feed.models import Cells
from domains.feed.shopify.columns import SHOPIFY
from domains.feed.woocommerce.columns import TITLES, WOOCOMMERCE, is_translated

MAX_COLUMNS: Final = 1_000
DIALECTS: Final = (SHOPIFY, WOOCOMMERCE)


@dataclass(frozen=True, slots=True)
class Heading:
    """Whose the file is, where its known columns stand, how many fields a row has, and what is not read."""

    dialect: Dialect
    places: tuple[tuple[str, int], ...]
    width: int
    ignored: tuple[str, ...]

    @property
    def given(self) -> frozenset[str]:
        """The columns that the file has."""
        return frozenset(column for column, _ in self.places)

    def cells(self, fields: Sequence[str]) -> Cells:
        """The row's known cells that are not empty, without surrounding space; fields may be left out at its end."""
        end, places, plain = len(fields), self.places, self.dialect.plain
        if end < self.width:
            places = tuple((column, place) for column, place in places if place < end)
        cells = {column: text for column, place in places if (text := fields[place].strip())}
        return {column: plain(text) for column, text in cells.items()} if plain else cells


def quantity_column(dialect: str) -> str:
    """What the files of a dialect call the column of stock."""
    return TITLES[Column.QUANTITY] if dialect == WOOCOMMERCE.name else Column.QUANTITY


def delimiter_of(heading: str) -> str:
    """What separates the fields of a heading: of `,`, `;`, tab and `|` the one that gives the most known columns."""
    return max(DELIMITERS, key=lambda mark: max(dialect.known(heading.split(mark)) for dialect in DIALECTS))


def read_heading(fields: Sequence[str], line: int = 1) -> Heading:
    """Find the known columns by name, in any order and letter case, in the dialect that knows the most of them.

    Raises MissingColumns without those that the dialect needs; UnreadableFile for a column that stands there twice
    and for WooCommerce's headings in another language than English.
    """
    if len(fields) > MAX_COLUMNS:
        raise UnreadableFile(f"The heading has {len(fields):,} columns; at most {MAX_COLUMNS:,} are read.", line=line)
    dialect = max(DIALECTS, key=lambda one: one.known(fields))
    places: dict[str, int] = {}
    ignored: list[str] = []
    for place, name in enumerate(fields):
        column = dialect.column(name)
        if column is None or (dialect.is_unheld and dialect.is_unheld(column)):
            ignored.append(name.strip())
        if column is None:
            continue
        if column in places:
            raise UnreadableFile(f"The column `{column}` stands there twice.", line=line)
        places[column] = place
    if missing := dialect.lacking(places.keys()):
        raise _unknown(dialect, missing, fields, line)
    return Heading(dialect, tuple(places.items()), len(fields), tuple(filter(None, ignored)))


def _unknown(dialect: Dialect, missing: Sequence[str], fields: Sequence[str], line: int) -> UnreadableFile:
    if is_translated(fields):
        reason = "The file looks like WooCommerce's product export, with headings in another language than English."
        advice = "Set the language of your own WordPress profile to English and export again."
        return UnreadableFile(f"{reason} {advice}", line=line)
    whose = dialect.name if dialect.known(fields) else " or ".join(one.name for one in DIALECTS)
    return MissingColumns(missing, whose, line=line)
