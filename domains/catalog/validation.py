"""What may be written of products, variants, categories and reviews: inputs cleaned and bounded, no I/O."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from decimal import Decimal
from typing import Any

from domains.catalog.models import VariantOption
from domains.kernel.errors import DomainError, InvalidInput
from domains.kernel.text.html import safe_html
from domains.kernel.text.validation import (
    LINE_LENGTH,
    NAME_LENGTH,
    TEXT_LENGTH,
    TooLong,
    camel,
    caseless,
    key,
    optional_text,
    require_text,
)
from domains.kernel.validation import all_problems
from domains.kernel.values.money import MAX_AMOUNT, UnitPrices
from domains.kernel.values.urls import optional_url

INPUT = ("input",)
SKU_LENGTH = 100
UNIT_LENGTH = 30
MOST_IMAGES = 250
MOST_TAGS = 250
MOST_OPTIONS = 3
MOST_ORDER = 1_000_000

Path = Sequence[str]
Prices = UnitPrices | None
Clean = Callable[[Any, Path, Prices], Any]


def _name(value: Any, path: Path, _prices: Prices) -> str:
    return require_text(value or "", path=path)


def _line(value: Any, path: Path, _prices: Prices) -> str | None:
    return optional_text(value, path=path, most=NAME_LENGTH)


def _summary(value: Any, path: Path, _prices: Prices) -> str | None:
    return optional_text(value, path=path, most=LINE_LENGTH * 5)


def _html(value: Any, path: Path, _prices: Prices) -> str | None:
    text = optional_text(value, path=path, most=TEXT_LENGTH)
    # Cleaning may leave space at the ends, and writes more than it reads where it escapes.
    return optional_text(safe_html(text), path=path, most=TEXT_LENGTH) if text else None


def _flag(value: Any, path: Path, _prices: Prices) -> bool:
    if value is None:
        raise InvalidInput(f"`{path[-1]}` is true or false.", path=path)
    return bool(value)


def _price(value: Any, path: Path, prices: Prices) -> Decimal:
    if value is None:
        raise InvalidInput(f"`{path[-1]}` must be given.", path=path)
    return _known(prices).require(value, path=path)


def _optional_price(value: Any, path: Path, prices: Prices) -> Decimal | None:
    return None if value is None else _price(value, path, prices)


def _strike_price(value: Any, path: Path, prices: Prices) -> Decimal | None:
    """A product's price to compare with; 0 is none. A variant's 0 says that it has none where its product has."""
    return _optional_price(value, path, prices) or None


def _modifier(value: Any, path: Path, prices: Prices) -> Decimal:
    if value is None or not value.is_finite():
        raise InvalidInput(f"`{path[-1]}` is an amount below {MAX_AMOUNT:f}.", path=path)
    return _known(prices).require(abs(value), path=path).copy_sign(value)


def _known(prices: Prices) -> UnitPrices:
    if prices is None:
        raise RuntimeError("A price is cleaned by what unit prices of the company are.")
    return prices


def _order(value: Any, path: Path, _prices: Prices) -> int:
    if value is None or not -MOST_ORDER <= value <= MOST_ORDER:
        raise InvalidInput(f"`{path[-1]}` lies between -{MOST_ORDER} and {MOST_ORDER}.", path=path)
    return int(value)


def clean_sku(value: Any, path: Path, _prices: Prices = None) -> str:
    """A SKU in its one spelling: printable text without surrounding space, at most 100 characters."""
    sku = require_text(key(value or ""), path=path, most=SKU_LENGTH)
    if not sku.isprintable():
        raise InvalidInput("A SKU is made of printable characters.", path=path)
    return sku


def _optional_sku(value: Any, path: Path, _prices: Prices) -> str | None:
    return None if value is None else clean_sku(value, path)


def _url(value: Any, path: Path, _prices: Prices) -> str | None:
    return optional_url(value, path=path)


def _images(value: Any, path: Path, _prices: Prices) -> list[str]:
    return list(dict.fromkeys(_list_of(_url, list(enumerate(value or ())), path, MOST_IMAGES)))


def _tags(value: Any, path: Path, _prices: Prices) -> list[str]:
    """Tags, each once; a comma parts two, as in every file of products."""
    parts = [(index, part) for index, tag in enumerate(value or ()) for part in tag.split(",") if part.strip()]
    return distinct(_list_of(_line, parts, path, MOST_TAGS))


def distinct(texts: Iterable[str]) -> list[str]:
    """The texts, of those that differ in case alone the first."""
    found: dict[str, str] = {}
    for text in texts:
        found.setdefault(caseless(text), text)
    return list(found.values())


def _list_of(clean: Clean, given: Sequence[tuple[int, Any]], path: Path, most: int) -> list[str]:
    """The values of a list, each cleaned; they come with the place of the item that they stand in."""
    if len(given) > most:
        raise TooLong(f"`{path[-1]}` holds at most {most}; there are {len(given)}.", path=path)
    values = []
    with all_problems() as each:
        for index, value in given:
            with each:
                values.append(clean(value, (*path, str(index)), None))
    return [value for value in values if value is not None]


def _options(value: Any, path: Path, _prices: Prices) -> list[dict[str, str]]:
    given: Sequence[VariantOption] = list(value or ())
    if len(given) > MOST_OPTIONS:
        raise InvalidInput(f"A variant has at most {MOST_OPTIONS} options.", path=path)
    cleaned: list[dict[str, str]] = [{} for _ in given]
    names: set[str] = set()
    with all_problems() as each:
        for index, option in enumerate(given):
            where = (*path, str(index))
            with each:
                name = require_text(option.name, path=(*where, "name"), most=NAME_LENGTH)
                if caseless(name) in names:
                    raise InvalidInput("Each option of a variant has a name of its own.", path=(*where, "name"))
                names.add(caseless(name))
                cleaned[index]["name"] = name
            with each:
                cleaned[index]["value"] = require_text(option.value, path=(*where, "value"), most=NAME_LENGTH)
    return cleaned


def _stars(value: Any, path: Path, _prices: Prices) -> int:
    if value is None or not 1 <= value <= 5:
        raise InvalidInput("A rating is a whole number from 1 to 5.", path=path)
    return int(value)


PRODUCT: Mapping[str, Clean] = {
    "name": _name,
    "description": _summary,
    "long_description": _html,
    "base_price": _price,
    "compare_at_price": _strike_price,
    "images": _images,
    "brand": _line,
    "model": _line,
    "tags": _tags,
    "sku": _optional_sku,
    "is_tracked": _flag,
    "is_active": _flag,
    "is_featured": _flag,
}
VARIANT: Mapping[str, Clean] = {
    "sku": clean_sku,
    "name": _name,
    "options": _options,
    "color": _line,
    "size": _line,
    "price_modifier": _modifier,
    "compare_at_price": _optional_price,
    "images": _images,
    "is_tracked": _flag,
    "is_active": _flag,
    "display_order": _order,
}
PRICES = {"base_price", "compare_at_price", "price_modifier"}
CATEGORY: Mapping[str, Clean] = {
    "name": _name,
    "description": _summary,
    "image_url": _url,
    "icon": _line,
    "display_order": _order,
    "is_active": _flag,
    "is_featured": _flag,
}
REVIEW: Mapping[str, Clean] = {"rating": _stars, "title": _line, "comment": _summary}


def cleaned(
    rules: Mapping[str, Clean], given: Mapping[str, Any], *, prices: Prices = None, path: Path = INPUT
) -> Any:
    """The given fields that the rules know, each cleaned by its rule, as a dict of columns.

    Paths are spelled as the API spells them. Raises Required, TooLong and InvalidInput, of all fields at once.
    """
    values = {}
    with all_problems() as each:
        for name, value in given.items():
            if name in rules:
                with each:
                    values[name] = rules[name](value, (*path, camel(name)), prices)
    return values


def says(rules: Mapping[str, Clean], name: str, stored: Any, value: Any, *, prices: Prices = None) -> bool:
    """Whether a stored value says what a cleaned one says: it is the same, or cleaning makes the same of it.

    What was stored before a rule was made may not be in its form.
    """
    if stored == value:
        return True
    try:
        return name in rules and bool(rules[name](stored, (name,), prices) == value)
    except DomainError:
        return False


def clean_unit(value: str | None) -> str | None:
    """The unit of an attribute, such as `cm`."""
    return optional_text(value, path=("input", "unit"), most=UNIT_LENGTH)


def fields_of(given: Any) -> dict[str, Any]:
    """The fields of an input's dataclass, nested ones as they are."""
    return {field.name: getattr(given, field.name) for field in fields(given)}
