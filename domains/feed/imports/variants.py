"""Validation of a product's variants against each other, by the rules of the catalogue."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from domains.catalog.imports.models import DraftRefused, Options, options_key, require_options
from domains.feed.imports.reports import BadRow, RowFault, RowWarning
from domains.feed.imports.skus import generated_sku
from domains.feed.models import DuplicateSkus, FeedVariant


@dataclass(slots=True)
class RowProblems:
    """The bad rows and warnings of one product of a file."""

    handle: str
    bad_rows: list[BadRow] = field(default_factory=list)
    warnings: list[RowWarning] = field(default_factory=list)

    def refuse(self, line: int, reason: str, column: str | None = None, code: RowFault = RowFault.INVALID) -> None:
        """Add a bad row, which refuses the product."""
        self.bad_rows.append(BadRow(line, self.handle, reason, column, code))

    def warn(self, line: int, column: str | None, reason: str) -> None:
        """Add a warning: a cell is read as another value or ignored."""
        self.warnings.append(RowWarning(line, self.handle, reason, column))


@dataclass(frozen=True, slots=True)
class ReportColumns:
    """The columns that reports of conflicting variants name: the product, the SKU, the options."""

    row: str
    sku: str
    options: str


def without_duplicates(
    variants: Sequence[FeedVariant], problems: RowProblems, names: ReportColumns
) -> list[FeedVariant]:
    """The variants without rows that repeat an earlier one of the product."""
    kept: dict[tuple[Options, str | None], FeedVariant] = {}
    distinct: list[FeedVariant] = []
    for variant in variants:
        first = kept.setdefault((variant.options, variant.sku), variant)
        if first is not variant and replace(variant, line=first.line) == first:
            problems.warn(variant.line, names.row, f"The row is the same as line {first.line}; it is imported once.")
        else:
            distinct.append(variant)
    return distinct


def with_distinct_skus(
    variants: Sequence[FeedVariant], problems: RowProblems, names: ReportColumns, duplicates: DuplicateSkus
) -> list[FeedVariant]:
    """The variants with distinct SKUs: a repeated SKU is refused, or the options are appended to it."""
    result = list(variants)
    indexes: dict[str, list[int]] = {}
    for index, variant in enumerate(result):
        if variant.sku is not None:
            indexes.setdefault(variant.sku, []).append(index)
    for sku, shared in indexes.items():
        if len(shared) == 1:
            continue
        first = result[shared[0]]
        is_refused = duplicates is DuplicateSkus.REFUSE and not first.is_generated
        for index in shared:
            variant = result[index]
            if not is_refused:
                option_values = [value for _, value in variant.options]
                result[index] = replace(variant, sku=generated_sku(sku, option_values), is_generated=True)
            elif variant is not first:
                reason = f"The SKU {sku!r} is that of line {first.line}."
                problems.refuse(variant.line, reason, names.sku, RowFault.DUPLICATE_SKU)
    return result


def warn_of_mixed_shipping(variants: Sequence[FeedVariant], problems: RowProblems, column: str) -> None:
    """Warn of each variant that is not shipped where another one is: a product is shipped as a whole."""
    shipped = next((variant for variant in variants if variant.requires_shipping), None)
    for variant in variants:
        if shipped is not None and variant.requires_shipping is False:
            reason = f"`{column}` is FALSE here and TRUE on line {shipped.line}; the product is imported as shipped."
            problems.warn(variant.line, column, reason)


def require_one_product(
    variants: Sequence[FeedVariant], problems: RowProblems, names: ReportColumns, *, is_simple: bool
) -> None:
    """Refuse a variant whose options are those of an earlier one."""
    try:
        require_options([variant.options for variant in variants], is_simple=is_simple)
    except DraftRefused as reason:
        variant = variants[reason.variant_index or 0]
        same = next(other for other in variants if options_key(other.options) == options_key(variant.options))
        problems.refuse(variant.line, f"The options are those of line {same.line}.", names.options)
