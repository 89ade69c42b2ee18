"""Attributes of WooCommerce: a product's own, and those that its variations are told apart by."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product as combinations
from math import prod
from typing import Final

from domains.catalog.categories.attributes import MAX_ATTRIBUTES, AttributeValue, require_values
from domains.catalog.imports.models import Options
from domains.catalog.models import VariantOption
from domains.catalog.validation import VARIANT
from domains.feed.csv.cells import BadCell, CellReader
from domains.feed.models import Cells
from domains.feed.woocommerce.texts import label, listed
from domains.kernel.errors import DomainError
from domains.kernel.text.validation import casefold_text

NAME: Final = re.compile("Attribute ([0-9]+) name")
OPTIONS: Final = "Attribute 1 value(s)"


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute as a row gives it; `column` is that of its values."""

    column: str
    name: str
    values: tuple[str, ...]
    is_shown: bool = True


def attributes_of(cells: Cells) -> list[Attribute]:
    """The attributes of a row, in the order of their columns' numbers; of two with one name the first."""
    numbers = [found[1] for found in map(NAME.fullmatch, cells) if found]
    found: dict[str, Attribute] = {}
    for number in sorted(numbers, key=int):
        name, column = label(cells[f"Attribute {number} name"]), f"Attribute {number} value(s)"
        values = tuple(dict.fromkeys(listed(cells.get(column, ""))))
        is_shown = cells.get(f"Attribute {number} visible", "1") != "0"
        found.setdefault(casefold_text(name), Attribute(column, name, values, is_shown))
    return list(found.values())


def shown_attributes(reader: CellReader, given: Iterable[Attribute]) -> tuple[AttributeValue, ...]:
    """A product's own attributes, several values as one text. One that cannot be held is left out with a warning."""
    kept: list[AttributeValue] = []
    for one in given:
        if not one.is_shown or len(kept) == MAX_ATTRIBUTES:
            why = f"more than {MAX_ATTRIBUTES} attributes" if one.is_shown else "hidden in the shop"
            reader.warn(one.column, f"The attribute {one.name!r} is {why}. It is ignored.")
        elif one.values:
            kept += reader.optional(one.column, partial(_clean, one)) or []
    return tuple(kept)


def _clean(one: Attribute, _text: str) -> list[AttributeValue]:
    return require_values({}, [AttributeValue(one.name, ", ".join(one.values))], field=(one.column,))


def axes_of(head: Iterable[Attribute], variations: Iterable[Sequence[Attribute]]) -> list[Attribute]:
    """The attributes that variations name, in the product's order, each with the values that the product lists."""
    named = {casefold_text(one.name): one for row in variations for one in row}
    first = {casefold_text(one.name): one for one in head}
    order = [*(key for key in first if key in named), *(key for key in named if key not in first)]
    return [first.get(key) or replace(named[key], values=()) for key in order]


@dataclass(frozen=True, slots=True)
class Choice:
    """The values that a variation stands for in one attribute: its own, or all of the product's (`is_any`)."""

    name: str
    values: tuple[str, ...]
    is_any: bool


def choices_of(given: Sequence[Attribute], axes: Sequence[Attribute]) -> list[Choice]:
    """What a variation stands for. Raises BadCell where it says no value and the product lists none either."""
    own = {casefold_text(one.name): one for one in given}
    chosen: list[Choice] = []
    for axis in axes:
        said = own.get(casefold_text(axis.name))
        values = (", ".join(said.values),) if said and said.values else axis.values
        if not values:
            column = said.column if said else axis.column
            raise BadCell(f"The variation says no value of {axis.name!r}, and its product lists none.", column)
        chosen.append(Choice(axis.name, values, is_any=not (said and said.values)))
    if not chosen:
        raise BadCell("The variation has no attribute that tells it from others.", OPTIONS)
    return chosen


def size_of(choices: Sequence[Choice]) -> int:
    """How many variants a variation stands for."""
    return prod(len(choice.values) for choice in choices)


def options_of(choices: Sequence[Choice]) -> list[Options]:
    """The options of each variant that a variation stands for. Raises BadCell."""
    return [_options(choices, values) for values in combinations(*(choice.values for choice in choices))]


def _options(choices: Sequence[Choice], values: Sequence[str]) -> Options:
    given = [VariantOption(choice.name, value) for choice, value in zip(choices, values, strict=True)]
    try:
        clean = VARIANT["options"](given, (OPTIONS,), None)
    except DomainError as error:
        raise BadCell(f"The attributes of the variation: {error.message}", OPTIONS) from error
    return tuple((one["name"], one["value"]) for one in clean)
