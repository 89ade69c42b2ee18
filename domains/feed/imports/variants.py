"""The variants of one product against each other, by the rules that the catalogue saves them by."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from domains.catalog.imports.models import DraftRefused, Options, options_key, require_options
from domains.feed.imports.reports import BadRow, RowFault, RowWarning
from domains.feed.imports.skus import generated_sku
from domains.feed.models import DuplicateSkus, FeedVariant


@dataclass(slots=True)
class RowProblems:
    """What is wrong with one product of a file, and what was taken otherwise than it stands there."""

    handle: str
    bad_rows: list[BadRow] = field(default_factory=list)
    warnings: list[RowWarning] = field(default_factory=list)

    def refuse(self, line: int, reason: str, column: str | None = None, code: RowFault = RowFault.INVALID) -> None:
        """Note that a row is bad: the product fails."""
        self.bad_rows.append(BadRow(line, self.handle, reason, column, code))

    def warn(self, line: int, column: str | None, reason: str) -> None:
        """Note that a cell is taken otherwise than it stands there."""
        self.warnings.append(RowWarning(line, self.handle, reason, column))


@dataclass(frozen=True, slots=True)
class Names:
    """The columns that are named when variants do not go together: what a row is of, its SKU, its options."""

    row: str
    sku: str
    options: str


def without_duplicates(variants: Sequence[FeedVariant], problems: RowProblems, names: Names) -> list[FeedVariant]:
    """The variants, a row that says the same as an earlier one of the product taken only once."""
    kept: dict[tuple[Options, str | None], FeedVariant] = {}
    singles: list[FeedVariant] = []
    for variant in variants:
        first = kept.setdefault((variant.options, variant.sku), variant)
        if first is not variant and replace(variant, line=first.line) == first:
            problems.warn(variant.line, names.row, f"The row is the same as line {first.line}; it is taken once.")
        else:
            singles.append(variant)
    return singles


def with_distinct_skus(
    variants: Sequence[FeedVariant], problems: RowProblems, names: Names, duplicates: DuplicateSkus
) -> list[FeedVariant]:
    """The variants, each with a SKU of its own: that of an earlier row is refused, or gets the options behind it."""
    apart = list(variants)
    places: dict[str, list[int]] = {}
    for place, variant in enumerate(apart):
        if variant.sku is not None:
            places.setdefault(variant.sku, []).append(place)
    for sku, shared in places.items():
        if len(shared) == 1:
            continue
        first = apart[shared[0]]
        is_refused = duplicates is DuplicateSkus.REFUSE and not first.is_generated
        for place in shared:
            variant = apart[place]
            if not is_refused:
                chosen = [value for _, value in variant.options]
                apart[place] = replace(variant, sku=generated_sku(sku, chosen), is_generated=True)
            elif variant is not first:
                reason = f"The SKU {sku!r} is that of line {first.line}."
                problems.refuse(variant.line, reason, names.sku, RowFault.DUPLICATE_SKU)
    return apart


def require_one_product(
    variants: Sequence[FeedVariant], problems: RowProblems, names: Names, *, is_simple: bool
) -> None:
    """Refuse a variant whose options are those of an earlier one."""
    try:
        require_options([variant.options for variant in variants], is_simple=is_simple)
    except DraftRefused as reason:
        variant = variants[reason.variant_index or 0]
        same = next(other for other in variants if options_key(other.options) == options_key(variant.options))
        problems.refuse(variant.line, f"The options are those of line {same.line}.", names.options)
