"""Products of files, and the options of imports."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from domains.catalog.categories.attributes import AttributeValue
from domains.catalog.imports.models import NO_TEXTS, Options
from domains.feed.csv.columns import Column
from domains.feed.imports.reports import BadRow, ImportReport, RowWarning
from domains.kernel.values.money import UnitPrices

__all__ = [
    "BadRow",
    "Cells",
    "DuplicateSkus",
    "Entry",
    "FeedProduct",
    "FeedVariant",
    "ImportOptions",
    "ImportReport",
    "ReadOptions",
    "RefusedProduct",
    "Row",
    "RowWarning",
    "SkippedProduct",
    "VariantStatus",
    "default_stock_of",
]
Cells = dict[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One record: the physical line it begins on, and its known cells that are not empty, by the file's columns."""

    line: int
    cells: Cells


class VariantStatus(StrEnum):
    """The values of `Variant Status`: active, inactive, or a product without a SKU."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    NO_SKU = "no sku"


class DuplicateSkus(StrEnum):
    """How an import treats a SKU that several variants of a file have: refuse them, or append their options."""

    REFUSE = "refuse"
    SUFFIX = "suffix"


UNTRACKED: Final = "untracked"
MAX_STOCK: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """Options of an import: `default_stock` is for SKUs that are new and have no quantity in it.

    `default_untracked` makes such SKUs untracked.
    """

    strict: bool = False
    dry_run: bool = False
    duplicate_skus: DuplicateSkus = DuplicateSkus.REFUSE
    default_stock: int | None = None
    default_untracked: bool = False


def default_stock_of(text: str | None) -> tuple[int | None, bool]:
    """`default_stock` and `default_untracked` of an option's text: a number, or `untracked`. Raises ValueError."""
    if text is None or text.lower() == UNTRACKED:
        return None, text is not None
    if not (text.isascii() and text.isdecimal() and len(text) <= 10 and int(text) <= MAX_STOCK):
        raise ValueError(f"must be {UNTRACKED!r} or a whole number from 0 to {MAX_STOCK:,}")
    return int(text), False


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How a file is read: the rules of prices, and the columns of the file.

    A sale counts if it runs on `today`; if that is None, always.
    """

    prices: UnitPrices
    columns: frozenset[str]
    duplicate_skus: DuplicateSkus = DuplicateSkus.REFUSE
    today: date | None = None


@dataclass(frozen=True, slots=True)
class FeedVariant:
    """One variant in a file. `options` are (name, value) pairs in order; a `quantity` of None leaves the stock alone.

    `is_generated`: the file gives no SKU for it. A variant whose SKU is None is not stocked. `images` are
    all of its images, or its first alone where the file has no column for more. `unread` are the columns whose cells
    could not be read: they count as if the file did not have them. `weight` is in kilograms; 0 is an unknown one.
    """

    line: int
    sku: str | None
    is_generated: bool
    options: Options
    price: Decimal | None
    compare_at_price: Decimal | None
    is_tracked: bool
    quantity: int | None
    images: tuple[str, ...] = ()
    is_active: bool = True
    name: str | None = None
    color: str | None = None
    size: str | None = None
    fallback_sku: str | None = None
    has_json_options: bool = False
    weight: Decimal | None = None
    requires_shipping: bool | None = None
    unread: frozenset[str] = frozenset()

    @property
    def label(self) -> str:
        """The option values, which distinguish the variant from others of the product."""
        return " / ".join(value for _, value in self.options)


@dataclass(frozen=True, slots=True)
class FeedProduct:
    """One product of a file; `line` is the first line of its first row.

    A simple product has exactly one variant, without options, which is the product's own SKU; where `is_simple` is
    None the file has no options at all. `columns` are those that the file has: fields without a column, or with an
    invalid cell, do not change. `titles` are the file's own names for columns, where they differ.

    `is_gift_card` is None where the file does not say it.

    A file without handles makes one of the product's name. Then the product is that which has one of the SKUs
    `matching_skus`, and without any, a new one whose slug is free.
    """

    line: int
    handle: str
    title: str | None
    body: str | None
    vendor: str | None
    category: str | None
    tags: tuple[str, ...]
    is_published: bool
    images: tuple[str, ...]
    variants: tuple[FeedVariant, ...]
    is_simple: bool | None = None
    image_alt_texts: Mapping[str, str] = field(default_factory=lambda: NO_TEXTS)
    summary: str | None = None
    model: str | None = None
    is_featured: bool = False
    is_gift_card: bool | None = None
    base_price: Decimal | None = None
    base_compare_at_price: Decimal | None = None
    attributes: tuple[AttributeValue, ...] = ()
    columns: frozenset[str] = field(default=frozenset(Column), compare=False)
    warnings: tuple[RowWarning, ...] = field(default=(), compare=False)
    titles: Mapping[Column, str] | None = field(default=None, compare=False)
    matching_skus: tuple[str, ...] = field(default=(), compare=False)

    @property
    def requires_shipping(self) -> bool | None:
        """Whether any of its variants is shipped; None where the file does not say it."""
        said = {variant.requires_shipping for variant in self.variants} - {None}
        return True in said if said else None


@dataclass(frozen=True, slots=True)
class RefusedProduct:
    """An invalid product of a file, with its bad rows; the handle is empty for rows without a product."""

    handle: str
    bad_rows: tuple[BadRow, ...]


@dataclass(frozen=True, slots=True)
class SkippedProduct:
    """A product of an unsupported type; the warnings name it."""

    handle: str
    warnings: tuple[RowWarning, ...]


Entry = FeedProduct | RefusedProduct | SkippedProduct
