"""The columns of Shopify's product CSV that an import reads and an export writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from domains.feed.errors import MissingColumns, UnreadableFile

MAX_COLUMNS = 1_000


class Column(StrEnum):
    """A column that means something here, by its name in Shopify's product export, in its order."""

    HANDLE = "Handle"
    TITLE = "Title"
    BODY = "Body (HTML)"
    VENDOR = "Vendor"
    TYPE = "Type"
    TAGS = "Tags"
    PUBLISHED = "Published"
    OPTION1_NAME = "Option1 Name"
    OPTION1_VALUE = "Option1 Value"
    OPTION2_NAME = "Option2 Name"
    OPTION2_VALUE = "Option2 Value"
    OPTION3_NAME = "Option3 Name"
    OPTION3_VALUE = "Option3 Value"
    SKU = "Variant SKU"
    TRACKER = "Variant Inventory Tracker"
    QUANTITY = "Variant Inventory Qty"
    PRICE = "Variant Price"
    COMPARE_AT_PRICE = "Variant Compare At Price"
    IMAGE = "Image Src"
    IMAGE_POSITION = "Image Position"
    VARIANT_IMAGE = "Variant Image"
    STATUS = "Status"


OPTIONS = (
    (Column.OPTION1_NAME, Column.OPTION1_VALUE),
    (Column.OPTION2_NAME, Column.OPTION2_VALUE),
    (Column.OPTION3_NAME, Column.OPTION3_VALUE),
)
REQUIRED = (Column.HANDLE, Column.TITLE, Column.PRICE)

# Shopify's template of 2024 calls the same columns by other names.
OTHER_NAMES = {
    "url handle": Column.HANDLE,
    "description": Column.BODY,
    "published on online store": Column.PUBLISHED,
    "sku": Column.SKU,
    "inventory tracker": Column.TRACKER,
    "inventory quantity": Column.QUANTITY,
    "price": Column.PRICE,
    "compare-at price": Column.COMPARE_AT_PRICE,
    "product image url": Column.IMAGE,
    "variant image url": Column.VARIANT_IMAGE,
}
NAMES = {column.lower(): column for column in Column} | OTHER_NAMES


@dataclass(frozen=True, slots=True)
class Heading:
    """Where the known columns stand, how many fields a row has, and what is not read."""

    places: tuple[tuple[Column, int], ...]
    width: int
    ignored: tuple[str, ...]

    def cells(self, fields: Sequence[str]) -> dict[Column, str]:
        """The row's known cells that are not empty, without surrounding space."""
        return {column: text for column, place in self.places if (text := fields[place].strip())}

    def handle(self, fields: Sequence[str]) -> str:
        """The row's handle as far as it can be told, for a report."""
        place = dict(self.places)[Column.HANDLE]
        return fields[place].strip() if place < len(fields) else ""


def read_heading(fields: Sequence[str]) -> Heading:
    """Find the known columns by name, in any order and letter case.

    Raises MissingColumns without the required ones, UnreadableFile for a column that stands there twice.
    """
    if len(fields) > MAX_COLUMNS:
        raise UnreadableFile(f"The heading has {len(fields):,} columns; at most {MAX_COLUMNS:,} are read.", line=1)
    places: dict[Column, int] = {}
    ignored: list[str] = []
    for place, name in enumerate(fields):
        column = NAMES.get(name.strip().lower())
        if column is None:
            ignored.append(name.strip())
        elif column in places:
            raise UnreadableFile(f"The column `{column}` stands there twice.", line=1)
        else:
            places[column] = place
    if missing := [column for column in REQUIRED if column not in places]:
        raise MissingColumns(missing, advice=_advice(fields))
    return Heading(tuple(places.items()), len(fields), tuple(filter(None, ignored)))


def _advice(fields: Sequence[str]) -> str:
    if len(fields) == 1 and any(mark in fields[0] for mark in ";\t|"):
        return " The fields must be separated by commas."
    return " The first line must hold the column names of Shopify's product export."
