"""The heading of a product file: its dialect, and the indexes of its columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domains.feed.csv.columns import Column
from domains.feed.csv.dialects import Dialect
from domains.feed.errors import MissingColumns, UnreadableFile
from domains.feed.models import Cells
from domains.feed.shopify.columns import SHOPIFY
from domains.feed.woocommerce.columns import TITLES, WOOCOMMERCE, is_translated
from domains.kernel.csv.records import DELIMITERS

MAX_COLUMNS: Final = 1_000
DIALECTS: Final = (SHOPIFY, WOOCOMMERCE)


@dataclass(frozen=True, slots=True)
class Heading:
    """The dialect of a file, the indexes of its known columns, the number of fields in a row, and ignored columns."""

    dialect: Dialect
    indexes: tuple[tuple[str, int], ...]
    width: int
    ignored: tuple[str, ...]

    @property
    def columns(self) -> frozenset[str]:
        """The columns that the file has."""
        return frozenset(column for column, _ in self.indexes)

    def cells(self, fields: Sequence[str]) -> Cells:
        """The row's known cells that are not empty, without surrounding space; fields may be left out at its end."""
        end, indexes, decode = len(fields), self.indexes, self.dialect.decode
        if end < self.width:
            indexes = tuple((column, index) for column, index in indexes if index < end)
        cells = {column: text for column, index in indexes if (text := fields[index].strip())}
        return {column: decode(text) for column, text in cells.items()} if decode else cells


def quantity_column(dialect: str) -> str:
    """The name of the stock column in files of a dialect."""
    return TITLES[Column.QUANTITY] if dialect == WOOCOMMERCE.name else Column.QUANTITY


def delimiter_of(heading: str) -> str:
    """The delimiter of a heading: of `,`, `;`, tab and `|` the one with the most known columns."""
    return max(
        DELIMITERS, key=lambda delimiter: max(dialect.count_known(heading.split(delimiter)) for dialect in DIALECTS)
    )


def read_heading(fields: Sequence[str], line: int = 1) -> Heading:
    """Find the known columns by name, in any order and letter case, in the dialect that knows the most of them.

    Raises MissingColumns without those that the dialect needs; UnreadableFile for a column that occurs twice
    and for WooCommerce's headings in another language than English.
    """
    if len(fields) > MAX_COLUMNS:
        raise UnreadableFile(f"The heading has {len(fields):,} columns; at most {MAX_COLUMNS:,} are read.", line=line)
    dialect = max(DIALECTS, key=lambda dialect: dialect.count_known(fields))
    indexes: dict[str, int] = {}
    ignored: list[str] = []
    for index, name in enumerate(fields):
        column = dialect.column(name)
        if column is None or (dialect.is_unsupported and dialect.is_unsupported(column)):
            ignored.append(name.strip())
        if column is None:
            continue
        if column in indexes:
            raise UnreadableFile(f"The column `{column}` occurs twice.", line=line)
        indexes[column] = index
    if missing := dialect.missing(indexes.keys()):
        raise _heading_error(dialect, missing, fields, line)
    return Heading(dialect, tuple(indexes.items()), len(fields), tuple(filter(None, ignored)))


def _heading_error(dialect: Dialect, missing: Sequence[str], fields: Sequence[str], line: int) -> UnreadableFile:
    if is_translated(fields):
        reason = "The file looks like WooCommerce's product export, with headings in another language than English."
        remedy = "Set the language of your own WordPress profile to English and export again."
        return UnreadableFile(f"{reason} {remedy}", line=line)
    programs = dialect.name if dialect.count_known(fields) else " or ".join(known.name for known in DIALECTS)
    return MissingColumns(missing, programs, line=line)
