"""The forms of one product against each other, by the rules that the catalogue saves them by."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from domains.catalog.imports.models import Options, Unfit, key_of, require_options
from domains.feed.imports.reports import BadRow, RowFault, RowWarning
from domains.feed.imports.skus import made_up_sku
from domains.feed.models import DuplicateSkus, FeedVariant


@dataclass(slots=True)
class Notes:
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
    """The columns that are named when forms do not go together: what a row is of, its SKU, its options."""

    row: str
    sku: str
    options: str


def without_doubles(forms: Sequence[FeedVariant], notes: Notes, names: Names) -> list[FeedVariant]:
    """The forms, a row that says the same as an earlier one of the product taken only once."""
    kept: dict[tuple[Options, str | None], FeedVariant] = {}
    singles: list[FeedVariant] = []
    for form in forms:
        first = kept.setdefault((form.options, form.sku), form)
        if first is not form and replace(form, line=first.line) == first:
            notes.warn(form.line, names.row, f"The row is the same as line {first.line}; it is taken once.")
        else:
            singles.append(form)
    return singles


def told_apart(
    forms: Sequence[FeedVariant], notes: Notes, names: Names, duplicates: DuplicateSkus
) -> list[FeedVariant]:
    """The forms, each with a SKU of its own: that of an earlier row is refused, or gets the options behind it."""
    apart = list(forms)
    places: dict[str, list[int]] = {}
    for place, form in enumerate(apart):
        if form.sku is not None:
            places.setdefault(form.sku, []).append(place)
    for sku, shared in places.items():
        if len(shared) == 1:
            continue
        first = apart[shared[0]]
        is_refused = duplicates is DuplicateSkus.REFUSE and not first.is_made_up
        for place in shared:
            form = apart[place]
            if not is_refused:
                chosen = [value for _, value in form.options]
                apart[place] = replace(form, sku=made_up_sku(sku, chosen), is_made_up=True)
            elif form is not first:
                reason = f"The SKU {sku!r} is that of line {first.line}."
                notes.refuse(form.line, reason, names.sku, RowFault.DUPLICATE_SKU)
    return apart


def require_one_product(forms: Sequence[FeedVariant], notes: Notes, names: Names, *, is_simple: bool) -> None:
    """Refuse a form whose options are those of an earlier one."""
    try:
        require_options([form.options for form in forms], is_simple=is_simple)
    except Unfit as reason:
        form = forms[reason.place or 0]
        same = next(other for other in forms if key_of(other.options) == key_of(form.options))
        notes.refuse(form.line, f"The options are those of line {same.line}.", names.options)
