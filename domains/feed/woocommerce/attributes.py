"""Attributes of WooCommerce: a product's own, and those that distinguish its variations."""

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
from domains.feed.woocommerce.texts import split_list, unescape_name
from domains.kernel.errors import DomainError
from domains.kernel.text.validation import casefold_text

NAME: Final = re.compile("Attribute ([0-9]+) name")
OPTIONS: Final = "Attribute 1 value(s)"


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a row; `column` is the column of its values."""

    column: str
    name: str
    values: tuple[str, ...]
    is_visible: bool = True


def attributes_of(cells: Cells) -> list[Attribute]:
    """The attributes of a row, in the order of their columns' numbers; of two with one name the first."""
    numbers = [match[1] for match in map(NAME.fullmatch, cells) if match]
    attributes: dict[str, Attribute] = {}
    for number in sorted(numbers, key=int):
        name, column = unescape_name(cells[f"Attribute {number} name"]), f"Attribute {number} value(s)"
        values = tuple(dict.fromkeys(split_list(cells.get(column, ""))))
        is_visible = cells.get(f"Attribute {number} visible", "1") != "0"
        attributes.setdefault(casefold_text(name), Attribute(column, name, values, is_visible))
    return list(attributes.values())


def product_attributes(reader: CellReader, attributes: Iterable[Attribute]) -> tuple[AttributeValue, ...]:
    """A product's own attributes, several values as one text. Hidden and excess ones are ignored with a warning."""
    values: list[AttributeValue] = []
    for attribute in attributes:
        if not attribute.is_visible or len(values) == MAX_ATTRIBUTES:
            reason = (
                f"is one of more than {MAX_ATTRIBUTES}" if attribute.is_visible else "is hidden on the product page"
            )
            reader.warn(attribute.column, f"The attribute {attribute.name!r} {reason}. It is ignored.")
        elif attribute.values:
            values += reader.optional(attribute.column, partial(_normalized, attribute)) or []
    return tuple(values)


def _normalized(attribute: Attribute, _text: str) -> list[AttributeValue]:
    value = AttributeValue(attribute.name, ", ".join(attribute.values))
    return require_values({}, [value], field=(attribute.column,))


def variation_attributes_of(
    attributes: Iterable[Attribute], variations: Iterable[Sequence[Attribute]]
) -> list[Attribute]:
    """The attributes that variations name, in the product's order, each with the values that the product lists."""
    of_variations = {casefold_text(attribute.name): attribute for row in variations for attribute in row}
    of_product = {casefold_text(attribute.name): attribute for attribute in attributes}
    order = [
        *(key for key in of_product if key in of_variations),
        *(key for key in of_variations if key not in of_product),
    ]
    return [of_product.get(key) or replace(of_variations[key], values=()) for key in order]


@dataclass(frozen=True, slots=True)
class Choice:
    """The values of one attribute that a variation covers: its own, or all of the product's (`is_any`)."""

    name: str
    values: tuple[str, ...]
    is_any: bool


def choices_of(attributes: Sequence[Attribute], variation_attributes: Sequence[Attribute]) -> list[Choice]:
    """The choices of a variation. Raises BadCell where neither it nor its product has a value of an attribute."""
    own = {casefold_text(attribute.name): attribute for attribute in attributes}
    choices: list[Choice] = []
    for attribute in variation_attributes:
        own_attribute = own.get(casefold_text(attribute.name))
        own_values = own_attribute.values if own_attribute else ()
        values = (", ".join(own_values),) if own_values else attribute.values
        if not values:
            column = (own_attribute or attribute).column
            raise BadCell(f"The variation has no value of {attribute.name!r}, and its product lists none.", column)
        choices.append(Choice(attribute.name, values, is_any=not own_values))
    if not choices:
        raise BadCell("The variation has no attribute that distinguishes it from others.", OPTIONS)
    return choices


def variant_count(choices: Sequence[Choice]) -> int:
    """The number of variants that a variation covers."""
    return prod(len(choice.values) for choice in choices)


def options_of(choices: Sequence[Choice]) -> list[Options]:
    """The options of each variant that a variation covers. Raises BadCell."""
    return [_options(choices, values) for values in combinations(*(choice.values for choice in choices))]


def _options(choices: Sequence[Choice], values: Sequence[str]) -> Options:
    options = [VariantOption(choice.name, value) for choice, value in zip(choices, values, strict=True)]
    try:
        normalized = VARIANT["options"](options, (OPTIONS,), None)
    except DomainError as error:
        raise BadCell(f"The attributes of the variation: {error.message}", OPTIONS) from error
    return tuple((option["name"], option["value"]) for option in normalized)
