"""Compares rows of a file with each other and with stored rates, and finds what an import changes. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from operator import attrgetter
from typing import TypeAlias
from uuid import UUID

from domains.tax.models import TaxRate
from domains.tax.rate_files.parser import RowErrors
from domains.tax.rate_files.rows import RateRow, TaxKey, days
from domains.tax.validation import days_overlap

Stored: TypeAlias = Mapping[TaxKey, Sequence[TaxRate]]


@dataclass(slots=True)
class Changes:
    """What an import changes: rows without a stored rate, and stored rates that a row changes, by their id."""

    created: list[RateRow] = field(default_factory=list)
    updated: list[tuple[UUID, RateRow]] = field(default_factory=list)
    unchanged: int = 0


def sorted_rows(rows: Iterable[RateRow], errors: RowErrors) -> list[RateRow]:
    """The rows by tax, place and day. Rows that overlap another one of the file are collected as errors."""
    ordered = sorted(rows, key=lambda row: (row.key, row.valid_from, row.line))
    for earlier, later in pairwise(ordered):
        if earlier.key != later.key:
            continue
        first, second = sorted((earlier.line, later.line))
        if earlier.valid_from == later.valid_from:
            errors.add(f"The row has the same tax, class, place and first day as that of line {first}.", second)
        elif earlier.valid_until is None or earlier.valid_until >= later.valid_from:
            errors.add(
                f"The rate overlaps that of line {first}: of one tax, class and place only one is valid on a day.",
                second,
            )
    return ordered


def require_classes(rows: Iterable[RateRow], codes: Collection[str], errors: RowErrors) -> None:
    """Collect an error for each row of a class that does not exist."""
    for row in rows:
        if row.tax_class not in codes:
            errors.add(f"There is no tax class with the code {row.tax_class!r}. Create it first.", row.line)


def compared(ordered: Sequence[RateRow], stored: Stored, changes: Changes, errors: RowErrors) -> None:
    """Add what the rows change. Those that overlap a stored rate of another first day are collected as errors.

    A row with the first day of a stored rate states its rate and its end anew.
    """
    for key, rows in groupby(ordered, key=attrgetter("key")):
        of_key = list(rows)
        known = {rate.valid_from: rate for rate in stored.get(key, ())}
        for row in of_key:
            rate = known.pop(row.valid_from, None)
            if rate is None:
                changes.created.append(row)
            elif row.is_same(rate):
                changes.unchanged += 1
            else:
                changes.updated.append((rate.id, row))
        for row in of_key:
            for other in overlapping(row, known.values())[:1]:
                errors.add(
                    f"The rate overlaps the stored one of {other.rate.normalize():f} that is valid "
                    f"{days(other.valid_from, other.valid_until)}. Change the days of one of the two.",
                    row.line,
                )


def overlapping(row: RateRow, rates: Iterable[TaxRate]) -> list[TaxRate]:
    """The rates that share a day with a row."""
    of_row = (row.valid_from, row.valid_until)
    return [rate for rate in rates if days_overlap(of_row, (rate.valid_from, rate.valid_until))]
