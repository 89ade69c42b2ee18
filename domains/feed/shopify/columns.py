"""Shopify's product CSV: its column names, and which rows are of one product."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from domains.catalog.slugs import slug_from_handle
from domains.feed.csv.columns import Column
from domains.feed.csv.dialects import Dialect
from domains.feed.models import BadRow, Row
from domains.kernel.errors import DomainError

SHOPIFY_NAMES: Final = {column.lower(): column for column in Column} | {
    # Shopify's template of 2024 has other names for the same columns, and its inventory file others again.
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
    "weight value (grams)": Column.GRAMS,
    "weight unit for display": Column.WEIGHT_UNIT,
    "requires shipping": Column.REQUIRES_SHIPPING,
    "compare-at price": Column.COMPARE_AT_PRICE,
    "product image url": Column.IMAGE,
    "variant image url": Column.VARIANT_IMAGE,
}


class HandleGroups:
    """Rows are of one product when their handles have the same slug."""

    def __init__(self) -> None:
        self._last: tuple[str, tuple[str]] = ("", ("",))

    def names(self, row: Row | BadRow) -> Sequence[str]:
        """The slug of the row's handle, empty without a valid one; most rows have that of the row before."""
        raw = row.cells.get(Column.HANDLE, "") if isinstance(row, Row) else row.handle
        if raw != self._last[0]:
            self._last = raw, (slug_for(raw.lower()),)
        return self._last[1]

    def key(self, row: Row | BadRow) -> str:
        """The one name of the row's product."""
        return self.names(row)[0]


def slug_for(raw_handle: str) -> str:
    """The slug of a handle; empty when the handle is not valid."""
    try:
        return slug_from_handle(raw_handle, field=(Column.HANDLE,)) if raw_handle else ""
    except DomainError:
        return ""


def _missing_columns(columns: AbstractSet[str]) -> list[str]:
    """`Handle`, and what identifies variants: `Variant SKU`, or else `Title` and `Variant Price`."""
    needed = [Column.HANDLE] if Column.SKU in columns else [Column.HANDLE, Column.TITLE, Column.PRICE]
    return [column for column in needed if column not in columns]


SHOPIFY: Final = Dialect(
    name="Shopify",
    names=SHOPIFY_NAMES,
    groups=HandleGroups,
    missing=_missing_columns,
    reference=lambda cells: cells.get(Column.HANDLE, ""),
)
