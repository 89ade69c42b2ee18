"""What may be written of products, variants and categories: inputs cleaned and bounded, no I/O."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from decimal import Decimal
from typing import Any

from domains.catalog.models import NewImage, VariantOption
from domains.kernel.errors import DomainError, InvalidInput
from domains.kernel.text.html import safe_html
from domains.kernel.text.validation import (
    LINE_LENGTH,
    NAME_LENGTH,
    TEXT_LENGTH,
    TooLong,
    casefold_text,
    label,
    normalize_key,
    optional_text,
    require_text,
)
from domains.kernel.validation import collect_errors
from domains.kernel.values.money import MAX_AMOUNT, UnitPrices
from domains.kernel.values.urls import optional_url

INPUT = ()
SKU_LENGTH = 100
UNIT_LENGTH = 30
ALT_TEXT_LENGTH = 512  # as Shopify has it
MAX_IMAGES = 250
MAX_TAGS = 250
MAX_OPTIONS = 3
MAX_DISPLAY_ORDER = 1_000_000

Path = Sequence[str]
Prices = UnitPrices | None
Clean = Callable[[Any, Path, Prices], Any]


def _name(value: Any, field: Path, _prices: Prices) -> str:
    return require_text(value or "", field=field)


def _line(value: Any, field: Path, _prices: Prices) -> str | None:
    return optional_text(value, field=field, max_length=NAME_LENGTH)


def _summary(value: Any, field: Path, _prices: Prices) -> str | None:
    return optional_text(value, field=field, max_length=LINE_LENGTH * 5)


def _html(value: Any, field: Path, _prices: Prices) -> str | None:
    text = optional_text(value, field=field, max_length=TEXT_LENGTH)
    # Cleaning may leave space at the ends, and writes more than it reads where it escapes.
    return optional_text(safe_html(text), field=field, max_length=TEXT_LENGTH) if text else None


def _flag(value: Any, field: Path, _prices: Prices) -> bool:
    if value is None:
        raise InvalidInput(f"{label(field)} is true or false.", field=field)
    return bool(value)


def _price(value: Any, field: Path, prices: Prices) -> Decimal:
    if value is None:
        raise InvalidInput(f"{label(field)} must be given.", field=field)
    return _known(prices).require(value, field=field)


def _optional_price(value: Any, field: Path, prices: Prices) -> Decimal | None:
    return None if value is None else _price(value, field, prices)


def _compare_at_price(value: Any, field: Path, prices: Prices) -> Decimal | None:
    """A product's price to compare with; 0 is none. A variant's 0 says that it has none where its product has."""
    return _optional_price(value, field, prices) or None


def _modifier(value: Any, field: Path, prices: Prices) -> Decimal:
    if value is None or not value.is_finite():
        raise InvalidInput(f"{label(field)} is an amount below {MAX_AMOUNT:f}.", field=field)
    return _known(prices).require(abs(value), field=field).copy_sign(value)


def _known(prices: Prices) -> UnitPrices:
    if prices is None:
        raise RuntimeError("A price is cleaned by what unit prices of the company are.")
    return prices


def _order(value: Any, field: Path, _prices: Prices) -> int:
    if value is None or not -MAX_DISPLAY_ORDER <= value <= MAX_DISPLAY_ORDER:
        raise InvalidInput(f"{label(field)} lies between -{MAX_DISPLAY_ORDER} and {MAX_DISPLAY_ORDER}.", field=field)
    return int(value)


def clean_sku(value: Any, field: Path, _prices: Prices = None) -> str:
    """A SKU in its one spelling: printable text without surrounding space, at most 100 characters."""
    sku = require_text(normalize_key(value or ""), field=field, max_length=SKU_LENGTH)
    if not sku.isprintable():
        raise InvalidInput("A SKU is made of printable characters.", field=field)
    return sku


def _optional_sku(value: Any, field: Path, _prices: Prices) -> str | None:
    return None if value is None else clean_sku(value, field)


def _url(value: Any, field: Path, _prices: Prices) -> str | None:
    return optional_url(value, field=field)


class Columns(dict[str, Any]):
    """The values of several columns that one field of an input fills."""


def _image_columns(value: Any, field: Path, _prices: Prices) -> Columns:
    """The URLs of pictures, each once, and the alt texts of those that have one. A bare URL has none."""
    given: Sequence[NewImage | str] = list(value or ())
    _require_few(given, field, MAX_IMAGES)
    alt_texts: dict[str, str | None] = {}
    with collect_errors() as errors:
        for index, image in enumerate(given):
            with errors:
                found = _image(image, (*field, str(index)))
                if found is not None:
                    alt_texts.setdefault(*found)
    return Columns(
        images=list(alt_texts), image_alt_texts={url: text for url, text in alt_texts.items() if text is not None}
    )


def _image_column(value: NewImage | None, field: Path, _prices: Prices) -> Columns:
    """The URL and the alt text of the one picture of a category."""
    url, alt_text = (value and _image(value, field)) or (None, None)
    return Columns(image_url=url, image_alt_text=alt_text)


def _image(image: NewImage | str, field: Path) -> tuple[str, str | None] | None:
    """A picture's URL and alt text; None for an empty URL."""
    if isinstance(image, str):
        url = optional_url(image, field=field)
        return None if url is None else (url, None)
    with collect_errors() as errors:
        with errors:
            url = optional_url(image.url, field=(*field, "url"))
        with errors:
            alt_text = clean_alt_text(image.alt_text, (*field, "alt_text"))
    return None if url is None else (url, alt_text)


def _images(value: Any, field: Path, _prices: Prices) -> list[str]:
    return list(dict.fromkeys(_list_of(_url, list(enumerate(value or ())), field, MAX_IMAGES)))


def _tags(value: Any, field: Path, _prices: Prices) -> list[str]:
    """Tags, each once; a comma parts two, as in every file of products."""
    parts = [(index, part) for index, tag in enumerate(value or ()) for part in tag.split(",") if part.strip()]
    return distinct(_list_of(_line, parts, field, MAX_TAGS))


def distinct(texts: Iterable[str]) -> list[str]:
    """The texts, of those that differ in case alone the first."""
    found: dict[str, str] = {}
    for text in texts:
        found.setdefault(casefold_text(text), text)
    return list(found.values())


def _list_of(clean: Clean, given: Sequence[tuple[int, Any]], field: Path, most: int) -> list[str]:
    """The values of a list, each cleaned; they come with the place of the item that they stand in."""
    _require_few(given, field, most)
    values = []
    with collect_errors() as errors:
        for index, value in given:
            with errors:
                values.append(clean(value, (*field, str(index)), None))
    return [value for value in values if value is not None]


def _require_few(given: Sequence[Any], field: Path, most: int) -> None:
    if len(given) > most:
        raise TooLong(f"{label(field)} holds at most {most}; there are {len(given)}.", field=field)


def _options(value: Any, field: Path, _prices: Prices) -> list[dict[str, str]]:
    given: Sequence[VariantOption] = list(value or ())
    if len(given) > MAX_OPTIONS:
        raise InvalidInput(f"A variant has at most {MAX_OPTIONS} options.", field=field)
    cleaned: list[dict[str, str]] = [{} for _ in given]
    names: set[str] = set()
    with collect_errors() as errors:
        for index, option in enumerate(given):
            where = (*field, str(index))
            with errors:
                name = require_text(option.name, field=(*where, "name"), max_length=NAME_LENGTH)
                if casefold_text(name) in names:
                    raise InvalidInput("Each option of a variant has a name of its own.", field=(*where, "name"))
                names.add(casefold_text(name))
                cleaned[index]["name"] = name
            with errors:
                cleaned[index]["value"] = require_text(option.value, field=(*where, "value"), max_length=NAME_LENGTH)
    return cleaned


PRODUCT: Mapping[str, Clean] = {
    "name": _name,
    "description": _summary,
    "long_description": _html,
    "base_price": _price,
    "compare_at_price": _compare_at_price,
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
# As inputs give pictures: with their alt texts, where a file has a column for the URLs alone.
PRODUCT_INPUT: Mapping[str, Clean] = {**PRODUCT, "images": _image_columns}
VARIANT_INPUT: Mapping[str, Clean] = {**VARIANT, "images": _image_columns}
PRICES = {"base_price", "compare_at_price", "price_modifier"}
CATEGORY: Mapping[str, Clean] = {
    "name": _name,
    "description": _summary,
    "image": _image_column,
    "icon": _line,
    "display_order": _order,
    "is_active": _flag,
    "is_featured": _flag,
}


def cleaned(
    rules: Mapping[str, Clean], given: Mapping[str, Any], *, prices: Prices = None, field: Path = INPUT
) -> Any:
    """The given fields that the rules know, each cleaned by its rule, as a dict of columns.

    Paths are spelled as the API spells them. Raises Required, TooLong and InvalidInput, of all fields at once.
    """
    values: dict[str, Any] = {}
    with collect_errors() as errors:
        for name, value in given.items():
            if name in rules:
                with errors:
                    clean = rules[name](value, (*field, name), prices)
                    values |= clean if isinstance(clean, Columns) else {name: clean}
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


def clean_alt_text(value: str | None, field: Path = ("alt_text",)) -> str | None:
    """What an image shows, in words."""
    return optional_text(value, field=field, max_length=ALT_TEXT_LENGTH)


def clean_unit(value: str | None) -> str | None:
    """The unit of an attribute, such as `cm`."""
    return optional_text(value, field=("unit",), max_length=UNIT_LENGTH)


def fields_of(given: Any) -> dict[str, Any]:
    """The fields of an input's dataclass, nested ones as they are."""
    return {field.name: getattr(given, field.name) for field in fields(given)}
