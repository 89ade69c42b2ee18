"""What other programs call the columns of a product file. Another program's export is one more dialect."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from domains.feed.columns import MAX_COLUMNS, Column, Heading
from domains.feed.errors import MissingColumns, UnreadableFile

DELIMITERS: Final = ",;\t|"


@dataclass(frozen=True, slots=True)
class Dialect:
    """One program's names for the columns, in lower case."""

    name: str
    names: Mapping[str, Column]

    def known(self, fields: Sequence[str]) -> int:
        """How many of the fields it knows as columns."""
        return sum(_plain(field) in self.names for field in fields)


SHOPIFY: Final = Dialect(
    "Shopify",
    {column.lower(): column for column in Column}
    # Shopify's template of 2024 calls the same columns by other names; its inventory file has still others.
    | {
        "url handle": Column.HANDLE,
        "description": Column.BODY,
        "product category": Column.PRODUCT_CATEGORY,
        "published on online store": Column.PUBLISHED,
        "sku": Column.SKU,
        "inventory tracker": Column.TRACKER,
        "inventory quantity": Column.QUANTITY,
        "quantity": Column.QUANTITY,
        "qty": Column.QUANTITY,
        "on hand": Column.QUANTITY,
        "on hand (new)": Column.QUANTITY,
        "price": Column.PRICE,
        "compare-at price": Column.COMPARE_AT_PRICE,
        "product image url": Column.IMAGE,
        "variant image url": Column.VARIANT_IMAGE,
    },
)
DIALECTS: Final = (SHOPIFY,)


def delimiter_of(heading: str) -> str:
    """What separates the fields of a heading: of `,`, `;`, tab and `|` the one that gives the most known columns."""
    return max(DELIMITERS, key=lambda mark: max(dialect.known(heading.split(mark)) for dialect in DIALECTS))


def read_heading(fields: Sequence[str], line: int = 1) -> Heading:
    """Find the known columns by name, in any order and letter case, in the dialect that knows the most of them.

    Raises MissingColumns without `Handle`, or without what tells variants apart: `Variant SKU`, or else `Title` and
    `Variant Price`; UnreadableFile for a column that stands there twice.
    """
    if len(fields) > MAX_COLUMNS:
        raise UnreadableFile(f"The heading has {len(fields):,} columns; at most {MAX_COLUMNS:,} are read.", line=line)
    dialect = max(DIALECTS, key=lambda one: one.known(fields))
    places: dict[Column, int] = {}
    ignored: list[str] = []
    for place, name in enumerate(fields):
        column = dialect.names.get(_plain(name))
        if column is None:
            ignored.append(name.strip())
        elif column in places:
            raise UnreadableFile(f"The column `{column}` stands there twice.", line=line)
        else:
            places[column] = place
    needed = [Column.HANDLE] if Column.SKU in places else [Column.HANDLE, Column.TITLE, Column.PRICE]
    if missing := [column for column in needed if column not in places]:
        raise MissingColumns(missing, line=line)
    return Heading(tuple(places.items()), len(fields), tuple(filter(None, ignored)))


def _plain(name: str) -> str:
    return name.strip().strip('"').lower()
