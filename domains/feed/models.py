"""What a feed carries: products as a file gives them, and what an import is asked to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from domains.catalog.categories.attributes import AttributeValue
from domains.catalog.imports.models import Options
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
    "FormStatus",
    "ImportOptions",
    "ImportReport",
    "Reading",
    "RefusedProduct",
    "Row",
    "RowWarning",
    "SkippedProduct",
    "default_stock_of",
]
Cells = dict[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One record: the physical line it begins on, and its known cells that are not empty, by the file's columns."""

    line: int
    cells: Cells


class FormStatus(StrEnum):
    """What `Variant Status` may say: on sale, off sale, or a product that has no SKU to be stocked under."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    NO_SKU = "no sku"


class DuplicateSkus(StrEnum):
    """How an import treats a SKU that several variants of a file have: refuse them, or append their options."""

    REFUSE = "refuse"
    SUFFIX = "suffix"


UNTRACKED: Final = "untracked"
MOST_STOCK: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What an import does beyond the file: `default_stock` is for SKUs that are new and have no quantity in it.

    `default_untracked` lets such SKUs be sold without being counted.
    """

    strict: bool = False
    dry_run: bool = False
    duplicate_skus: DuplicateSkus = DuplicateSkus.REFUSE
    default_stock: int | None = None
    default_untracked: bool = False


def default_stock_of(text: str | None) -> tuple[int | None, bool]:
    """`default_stock` and `default_untracked` as an option says them: a number, or `untracked`. Raises ValueError."""
    if text is None or text.lower() == UNTRACKED:
        return None, text is not None
    if not (text.isascii() and text.isdecimal() and len(text) <= 10 and int(text) <= MOST_STOCK):
        raise ValueError(f"must be {UNTRACKED!r} or a whole number from 0 to {MOST_STOCK:,}")
    return int(text), False


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is read: prices such as `prices`, of the columns that are `given`, by the file's names for them.

    A sale counts when it runs on `today`; where that is None, whatever its days.
    """

    prices: UnitPrices
    given: frozenset[str]
    duplicate_skus: DuplicateSkus = DuplicateSkus.REFUSE
    today: date | None = None


@dataclass(frozen=True, slots=True)
class FeedVariant:
    """One variant in a file. `options` are (name, value) pairs in order; a `quantity` of None leaves the stock alone.

    `is_generated`: the file gives no SKU for it. A variant whose SKU is None is not stocked. `images` are
    all of its images, or its first alone where the file has no column for more. `unread` are the columns whose cells
    could not be read: they count as if the file did not have them.
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
    has_odd_options: bool = False
    unread: frozenset[str] = frozenset()

    @property
    def label(self) -> str:
        """What tells this variant from the product's others."""
        return " / ".join(value for _, value in self.options)


@dataclass(frozen=True, slots=True)
class FeedProduct:
    """One product as a file gives it; `line` is where its first row begins.

    A simple product has exactly one variant, without options, which is the product's own SKU; where `is_simple` is
    None the file has no options at all. `given` are the columns that the file has: what it does not have, or what
    could not be read, stays as it is. `titles` are the file's own names for columns, where they are others.

    A file without handles makes one of the product's name. Then the product is that which has one of the SKUs
    `known_by`, and without any, a new one whose slug is free.
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
    summary: str | None = None
    model: str | None = None
    is_featured: bool = False
    base_price: Decimal | None = None
    base_compare_at_price: Decimal | None = None
    attributes: tuple[AttributeValue, ...] = ()
    given: frozenset[str] = field(default=frozenset(Column), compare=False)
    warnings: tuple[RowWarning, ...] = field(default=(), compare=False)
    titles: Mapping[Column, str] | None = field(default=None, compare=False)
    known_by: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class RefusedProduct:
    """A product that a file does not give soundly, with the rows at fault; without a handle these are of none."""

    handle: str
    bad_rows: tuple[BadRow, ...]


@dataclass(frozen=True, slots=True)
class SkippedProduct:
    """A product of a kind that is not sold here; the warnings say which."""

    handle: str
    warnings: tuple[RowWarning, ...]


Entry = FeedProduct | RefusedProduct | SkippedProduct
