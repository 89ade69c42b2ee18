"""The report of an import: counts of products, bad rows, and hints for the user."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from domains.catalog.imports.models import Outcome
from domains.feed.csv.columns import Column

MAX_BAD_ROWS = 1_000


class RowFault(StrEnum):
    """Why a row is wrong: an invalid cell, a duplicate SKU, or a conflict with stored data."""

    INVALID = "INVALID"
    DUPLICATE_SKU = "DUPLICATE_SKU"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was not imported: the physical line it begins on, its product's handle, the column, and why."""

    line: int
    handle: str
    reason: str
    column: str | None = None
    code: RowFault = RowFault.INVALID


@dataclass(frozen=True, slots=True)
class RowWarning:
    """A cell that was changed or left out; the rest of its row was imported."""

    line: int
    handle: str
    reason: str
    column: str | None = None


@dataclass(slots=True)
class ImportReport:
    """What an import did, or with `dry_run` would do. `applied` is false when nothing was saved.

    `format` is the dialect of the file, such as `Shopify`. All bad rows and warnings are counted, and the first
    MAX_BAD_ROWS of each are kept. `hints` tell the user what to do.
    """

    format: str = "Shopify"
    dry_run: bool = False
    strict: bool = False
    applied: bool = False
    rows: int = 0
    products_created: int = 0
    products_updated: int = 0
    products_unchanged: int = 0
    products_failed: int = 0
    products_skipped: int = 0
    variants: int = 0
    stock_rows: int = 0
    stock_changes: int = 0
    new_without_stock: int = 0
    duplicate_skus: int = 0
    bad_row_count: int = 0
    bad_rows: list[BadRow] = field(default_factory=list)
    warning_count: int = 0
    warnings: list[RowWarning] = field(default_factory=list)
    ignored_columns: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def rows_per_second(self) -> int:
        """Rows read per second of the whole import."""
        return round(self.rows / self.seconds) if self.seconds else 0

    def refuse(self, handle: str, bad_rows: Sequence[BadRow]) -> None:
        """Count a product that failed."""
        self.products_failed += bool(handle)
        self.add_bad_rows(bad_rows)

    def add_bad_rows(self, bad_rows: Sequence[BadRow]) -> None:
        """Count rows that are bad."""
        self.bad_row_count += len(bad_rows)
        self.duplicate_skus += sum(bad.code is RowFault.DUPLICATE_SKU for bad in bad_rows)
        self.bad_rows.extend(bad_rows[: MAX_BAD_ROWS - len(self.bad_rows)])

    def warn(self, warnings: Sequence[RowWarning]) -> None:
        """Count warnings."""
        self.warning_count += len(warnings)
        self.warnings.extend(warnings[: MAX_BAD_ROWS - len(self.warnings)])

    def count(self, outcome: Outcome, variants: int) -> None:
        """Count the outcome of a product that was not refused."""
        match outcome:
            case Outcome.CREATED:
                self.products_created += 1
            case Outcome.UPDATED:
                self.products_updated += 1
            case _:
                self.products_unchanged += 1
        self.variants += variants

    def add(self, part: "ImportReport") -> None:
        """Add the report of a part of the import."""
        self.products_created += part.products_created
        self.products_updated += part.products_updated
        self.products_unchanged += part.products_unchanged
        self.products_failed += part.products_failed
        self.products_skipped += part.products_skipped
        self.variants += part.variants
        self.stock_rows += part.stock_rows
        self.stock_changes += part.stock_changes
        self.new_without_stock += part.new_without_stock
        self.duplicate_skus += part.duplicate_skus
        self.bad_row_count += part.bad_row_count
        self.bad_rows.extend(part.bad_rows[: MAX_BAD_ROWS - len(self.bad_rows)])
        self.warning_count += part.warning_count
        self.warnings.extend(part.warnings[: MAX_BAD_ROWS - len(self.warnings)])

    def skip(self, warnings: Sequence[RowWarning]) -> None:
        """Count a product of an unsupported type."""
        self.products_skipped += 1
        self.warn(warnings)

    def close(self, quantity: str = Column.QUANTITY) -> None:
        """Set the hints; `quantity` is the file's column of stock."""
        hints = []
        if self.duplicate_skus:
            hints.append(
                f"{self.duplicate_skus:,} rows have a SKU that is already used. Give each variant a SKU of its own, "
                "or import with `--duplicate-skus=suffix` (over HTTP `?duplicateSkus=suffix`): the options are "
                "then appended to a SKU that is already used."
            )
        if self.new_without_stock:
            hints.append(
                f"{self.new_without_stock:,} SKUs are new, and the file gives no quantity for them "
                f"(`{quantity}`): they have no stock and cannot be bought. Set their stock, or import the "
                "file again with `--default-stock=10` (over HTTP `?defaultStock=10`), which is for SKUs that were "
                "never stocked. `--default-stock=untracked` lets new SKUs be sold without being counted."
            )
        self.hints = tuple(hints)
