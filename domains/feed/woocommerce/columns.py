"""WooCommerce's product CSV: its column names, and which rows are of one product.

Source: `WC_Product_CSV_Exporter` of WooCommerce 3.1 to 10, and the schema in its documentation.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import Final

from domains.feed.csv.columns import OPTION_COLUMNS, Column
from domains.feed.csv.dialects import Dialect
from domains.feed.models import BadRow, Cells, Row
from domains.feed.woocommerce.texts import product_types, without_formula_quote


class WooColumn(StrEnum):
    """A column that is imported."""

    ID = "ID"
    TYPE = "Type"
    SKU = "SKU"
    NAME = "Name"
    PUBLISHED = "Published"
    FEATURED = "Is featured?"
    VISIBILITY = "Visibility in catalog"
    SHORT_DESCRIPTION = "Short description"
    DESCRIPTION = "Description"
    SALE_STARTS = "Date sale price starts"
    SALE_ENDS = "Date sale price ends"
    IN_STOCK = "In stock?"
    STOCK = "Stock"
    BACKORDERS = "Backorders allowed?"
    SALE_PRICE = "Sale price"
    REGULAR_PRICE = "Regular price"
    CATEGORIES = "Categories"
    TAGS = "Tags"
    IMAGES = "Images"
    PARENT = "Parent"
    POSITION = "Position"
    BRANDS = "Brands"


UNSUPPORTED: Final = {
    "GTIN, UPC, EAN, or ISBN": "",
    "Tax status": "taxable",
    "Tax class": "",
    "Low stock amount": "",
    "Sold individually?": "0",
    "Allow customer reviews?": "1",
    "Purchase note": "",
    "Shipping class": "",
    "Download limit": "-1",
    "Download expiry days": "-1",
    "Grouped products": "",
    "Upsells": "",
    "Cross-sells": "",
    "External URL": "",
    "Button text": "",
    "Cost of goods": "",
}
"""Columns that are not imported, with the default that they have for most products; other values are reported."""
MEASURE: Final = re.compile(r"(?:weight|length|width|height) \([^()]{0,20}\)", re.IGNORECASE)
NUMBERED: Final = re.compile(rf"attribute [0-9]{{1,4}} (?:name|value\(s\)|visible|global|default)|{MEASURE.pattern}")
DISTINCTIVE: Final = frozenset(
    {
        *("is featured?", "visibility in catalog", "short description", "in stock?", "backorders allowed?"),
        *("sale price", "regular price", "date sale price starts", "attribute 1 name", "attribute 1 value(s)"),
        *("grouped products", "cross-sells", "sold individually?", "allow customer reviews?"),
    }
)
COLUMN_MAPPING: Final[Mapping[str, tuple[Column, ...]]] = {
    WooColumn.NAME: (Column.TITLE,),
    WooColumn.DESCRIPTION: (Column.BODY,),
    WooColumn.SHORT_DESCRIPTION: (Column.SUMMARY,),
    WooColumn.BRANDS: (Column.VENDOR,),
    WooColumn.CATEGORIES: (Column.TYPE,),
    WooColumn.TAGS: (Column.TAGS,),
    WooColumn.PUBLISHED: (Column.PUBLISHED, Column.VARIANT_STATUS),
    WooColumn.VISIBILITY: (Column.STATUS,),
    WooColumn.FEATURED: (Column.FEATURED,),
    WooColumn.IMAGES: (Column.IMAGE, Column.VARIANT_IMAGE),
    WooColumn.SKU: (Column.SKU,),
    WooColumn.REGULAR_PRICE: (Column.PRICE,),
    WooColumn.SALE_PRICE: (Column.COMPARE_AT_PRICE,),
    WooColumn.STOCK: (Column.QUANTITY, Column.TRACKER),
    WooColumn.IN_STOCK: (Column.QUANTITY, Column.TRACKER),
    "Attribute 1 name": (Column.ATTRIBUTES, *OPTION_COLUMNS),
}
"""The columns of `csv.columns` that each column sets."""
TITLES: Final[Mapping[Column, str]] = {
    **{column: woo for woo, columns in COLUMN_MAPPING.items() for column in columns},
    Column.QUANTITY: WooColumn.STOCK,
    Column.OPTION1_VALUE: "Attribute 1 value(s)",
    Column.HANDLE: WooColumn.ID,
}


class ParentGroups:
    """A variation is of the product that its `Parent` names: by SKU, or as `id:44` where the product has no SKU.

    Variations of a product that has both may name either, but all the same one.
    """

    def __init__(self) -> None:
        self._referenced_ids: set[int] = set()

    def names(self, row: Row | BadRow) -> Sequence[str]:
        """The name of a variation's parent; of any other row its own, by SKU and by id."""
        parent = _parent(row)
        if parent is not None:
            if parent.startswith("id:"):
                self._referenced_ids.add(hash(parent))
            return (parent,)
        return _own(row)

    def key(self, row: Row | BadRow) -> str:
        """The name of the row's product: its id where a variation refers to it by id, else its first name."""
        parent = _parent(row)
        if parent is not None:
            return parent
        own = _own(row)
        return next((name for name in own if hash(name) in self._referenced_ids), own[0])


def columns_of(names: Iterable[str]) -> frozenset[str]:
    """The columns of `csv.columns` that these columns set."""
    return frozenset(column for name in names for column in COLUMN_MAPPING.get(name, ()))


def is_variation(cells: Cells) -> bool:
    """Whether a row is a variation: by its `Type`, or where that is empty, by its `Parent`."""
    types = product_types(cells.get(WooColumn.TYPE, ""))
    return any(product_type.endswith("variation") for product_type in types) if types else WooColumn.PARENT in cells


def reference(cells: Cells) -> str:
    """The name of a row's product: its parent's SKU, else its own SKU, else `id:44`, else its name."""
    for column in (WooColumn.PARENT, WooColumn.SKU):
        if column in cells:
            return cells[column]
    return f"id:{cells[WooColumn.ID]}" if WooColumn.ID in cells else cells.get(WooColumn.NAME, "")


def is_translated(headings: Sequence[str]) -> bool:
    """Whether headings are those of an export from WordPress in another language than English.

    In every language the first is `ID`, and several are questions (`Is featured?`, `In stock?`).
    """
    plain = [heading.strip().strip('"') for heading in headings]
    questions = sum(heading.endswith(("?", "\uff1f", "\u061f", "\u037e", ";")) for heading in plain)
    return bool(plain) and plain[0].upper() == "ID" and questions >= 3


def _parent(row: Row | BadRow) -> str | None:
    if isinstance(row, BadRow):
        return row.handle
    return row.cells.get(WooColumn.PARENT, "") if is_variation(row.cells) else None


def _own(row: Row | BadRow) -> Sequence[str]:
    cells = {} if isinstance(row, BadRow) else row.cells
    names = (cells.get(WooColumn.SKU), f"id:{cells[WooColumn.ID]}" if WooColumn.ID in cells else None)
    return [name for name in names if name] or [f"name:{cells.get(WooColumn.NAME, '')}"]


def _missing_columns(columns: AbstractSet[str]) -> list[str]:
    """The name and the price, and what identifies products: their ids, or else SKUs."""
    known = [] if WooColumn.SKU in columns else [WooColumn.ID]
    return [column for column in (*known, WooColumn.NAME, WooColumn.REGULAR_PRICE) if column not in columns]


WOOCOMMERCE: Final = Dialect(
    name="WooCommerce",
    names={column.lower(): column for column in (*WooColumn, *UNSUPPORTED)}
    | {"visibility in catalogue": WooColumn.VISIBILITY},
    groups=ParentGroups,
    missing=_missing_columns,
    reference=reference,
    numbered=NUMBERED,
    distinctive=DISTINCTIVE,
    is_unsupported=lambda column: column in UNSUPPORTED or MEASURE.fullmatch(column) is not None,
    decode=without_formula_quote,
)
