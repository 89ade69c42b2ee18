"""What a feed carries: products as a file gives them, and the report of an import."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from domains.catalog.models import Outcome, SavedProduct
from domains.feed.columns import Column

MAX_BAD_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was not imported: the physical line it begins on, its product's handle, and why."""

    line: int
    handle: str
    reason: str


@dataclass(frozen=True, slots=True)
class FeedVariant:
    """One SKU as a file gives it. `options` are (name, value) in order; `quantity` None leaves the stock alone.

    `is_made_up` tells that the file gives no SKU for it.
    """

    line: int
    sku: str
    is_made_up: bool
    options: tuple[tuple[str, str], ...]
    price: Decimal
    compare_at_price: Decimal | None
    is_tracked: bool
    quantity: int | None
    image: str | None

    @property
    def name(self) -> str:
        """What tells this variant from the product's others."""
        return " / ".join(value for _, value in self.options)


@dataclass(frozen=True, slots=True)
class FeedProduct:
    """One product as a file gives it; `line` is where its first row begins.

    A product without options has exactly one variant, without options, which is the product's own SKU. `given` are
    the columns that the file has: what it does not have stays as it is.
    """

    line: int
    handle: str
    title: str
    body: str | None
    summary: str | None
    vendor: str | None
    category: str
    tags: tuple[str, ...]
    is_published: bool
    images: tuple[str, ...]
    variants: tuple[FeedVariant, ...]
    given: frozenset[Column] = field(default=frozenset(Column), compare=False)

    @property
    def is_simple(self) -> bool:
        """Whether it is sold in one form only."""
        return not self.variants[0].options


@dataclass(slots=True)
class ImportReport:
    """What an import did, or with `dry_run` would do. `applied` is false when nothing was kept."""

    dry_run: bool = False
    strict: bool = False
    applied: bool = False
    rows: int = 0
    products_created: int = 0
    products_updated: int = 0
    products_unchanged: int = 0
    products_failed: int = 0
    variants: int = 0
    stock_changes: int = 0
    bad_row_count: int = 0
    bad_rows: list[BadRow] = field(default_factory=list)
    ignored_columns: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def rows_per_second(self) -> int:
        """Rows read per second of the whole import."""
        return round(self.rows / self.seconds) if self.seconds else 0

    def refuse(self, handle: str, bad_rows: Sequence[BadRow]) -> None:
        """Count a product that failed; of all bad rows the first MAX_BAD_ROWS are kept."""
        self.products_failed += bool(handle)
        self.bad_row_count += len(bad_rows)
        self.bad_rows.extend(bad_rows[: MAX_BAD_ROWS - len(self.bad_rows)])

    def count(self, product: FeedProduct, saved: SavedProduct) -> None:
        """Count what became of a product; one that the catalogue refused is reported with its first row."""
        match saved.outcome:
            case Outcome.REFUSED:
                self.refuse(product.handle, [BadRow(product.line, product.handle, saved.reason)])
                return
            case Outcome.CREATED:
                self.products_created += 1
            case Outcome.UPDATED:
                self.products_updated += 1
            case Outcome.UNCHANGED:
                self.products_unchanged += 1
        self.variants += len(product.variants)

    def add(self, part: "ImportReport") -> None:
        """Add what a part of the import did."""
        self.products_created += part.products_created
        self.products_updated += part.products_updated
        self.products_unchanged += part.products_unchanged
        self.products_failed += part.products_failed
        self.variants += part.variants
        self.stock_changes += part.stock_changes
        self.bad_row_count += part.bad_row_count
        self.bad_rows.extend(part.bad_rows[: MAX_BAD_ROWS - len(self.bad_rows)])
