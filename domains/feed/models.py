"""What a feed carries: products as a file gives them, and the report of an import."""

from dataclasses import dataclass, field
from decimal import Decimal

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
    """One SKU as a file gives it. `options` are (name, value) in order; `quantity` None leaves the stock alone."""

    line: int
    sku: str
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

    def refuse(self, bad: BadRow) -> None:
        """Note a bad row; the first MAX_BAD_ROWS are kept, the others counted."""
        self.bad_row_count += 1
        if len(self.bad_rows) < MAX_BAD_ROWS:
            self.bad_rows.append(bad)
