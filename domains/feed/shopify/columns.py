"""Shopify's product CSV: what its columns are called, and which rows are of one product."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from domains.catalog.slugs import slug_from_handle
from domains.feed.csv.columns import Column
from domains.feed.csv.dialects import Dialect
from domains.feed.models import BadRow, Row
from domains.kernel.errors import DomainError

SHOPIFY_NAMES: Final = {column.lower(): column for column in Column} | {
    # Shopify's template of 2024 calls the same columns by other names; its inventory file has still others.
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
}


class HandleGroups:
    """Rows are of one product when their handles make the same slug."""

    def __init__(self) -> None:
        self._last: tuple[str, tuple[str]] = ("", ("",))

    def names(self, row: Row | BadRow) -> Sequence[str]:
        """The slug of the row's handle, or nothing when it makes none; most rows have that of the row before."""
        raw = row.cells.get(Column.HANDLE, "") if isinstance(row, Row) else row.handle
        if raw != self._last[0]:
            self._last = raw, (slug_for(raw.lower()),)
        return self._last[1]

    def key(self, row: Row | BadRow) -> str:
        """The one name of the row's product."""
        return self.names(row)[0]


def slug_for(raw_handle: str) -> str:
    """The slug that a handle makes, or nothing when none can be made."""
    try:
        return slug_from_handle(raw_handle, field=(Column.HANDLE,)) if raw_handle else ""
    except DomainError:
        return ""


def _missing_columns(given: AbstractSet[str]) -> list[str]:
    """`Handle`, and what tells variants apart: `Variant SKU`, or else `Title` and `Variant Price`."""
    needed = [Column.HANDLE] if Column.SKU in given else [Column.HANDLE, Column.TITLE, Column.PRICE]
    return [column for column in needed if column not in given]


SHOPIFY: Final = Dialect(
    name="Shopify",
    names=SHOPIFY_NAMES,
    groups=HandleGroups,
    missing=_missing_columns,
    reference=lambda cells: cells.get(Column.HANDLE, ""),
)
