"""Validation and normalization of the inputs of products, variants and categories; no I/O."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from domains.catalog.models import NewImage, VariantOption
from domains.catalog.products.measures import require_length, require_weight
from domains.kernel.errors import DomainError, DuplicateValue, InvalidInput, OutOfRange, TooMany
from domains.kernel.text.html import safe_html
from domains.kernel.text.validation import (
    LINE_LENGTH,
    NAME_LENGTH,
    TEXT_LENGTH,
    Required,
    casefold_text,
    label,
    normalize_key,
    optional_text,
    require_text,
)
from domains.kernel.validation import collect_errors
from domains.kernel.values.money import MAX_AMOUNT, UnitPrices
from domains.kernel.values.urls import optional_url

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

ColumnsT = TypeVar("ColumnsT")
ROOT = ()
SKU_LENGTH = 100
UNIT_LENGTH = 30
ALT_TEXT_LENGTH = 512  # as Shopify has it
MAX_IMAGES = 250
MAX_TAGS = 250
MAX_OPTIONS = 3
MAX_DISPLAY_ORDER = 1_000_000

Path = Sequence[str]
Prices = UnitPrices | None
Normalizer = Callable[[Any, Path, Prices], Any]


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
        raise Required(f"{label(field)} must be true or false, not null.", field=field)
    return bool(value)


def _price(value: Any, field: Path, prices: Prices) -> Decimal:
    if value is None:
        raise Required(f"{label(field)} must be given.", field=field)
    return _require_prices(prices).require(value, field=field)


def _optional_price(value: Any, field: Path, prices: Prices) -> Decimal | None:
    return None if value is None else _price(value, field, prices)


def _compare_at_price(value: Any, field: Path, prices: Prices) -> Decimal | None:
    """A product's compare-at price; 0 is none. A variant's 0 means none although its product has one."""
    return _optional_price(value, field, prices) or None


def _modifier(value: Any, field: Path, prices: Prices) -> Decimal:
    if value is None:
        raise Required(f"{label(field)} must not be null; 0 means the price of the product.", field=field)
    if not value.is_finite():
        raise OutOfRange(f"{label(field)} is an amount below {MAX_AMOUNT:f}.", field=field)
    return _require_prices(prices).require(abs(value), field=field).copy_sign(value)


def _require_prices(prices: Prices) -> UnitPrices:
    if prices is None:
        raise RuntimeError("Prices are validated by the rules of the company's unit prices.")
    return prices


def _order(value: Any, field: Path, _prices: Prices) -> int:
    if value is None:
        raise Required(f"{label(field)} must not be null.", field=field)
    if not -MAX_DISPLAY_ORDER <= value <= MAX_DISPLAY_ORDER:
        raise OutOfRange(f"{label(field)} must be between -{MAX_DISPLAY_ORDER} and {MAX_DISPLAY_ORDER}.", field=field)
    return int(value)


def _id(value: Any, _field: Path, _prices: Prices) -> Any:
    return value


def _weight(value: Any, field: Path, _prices: Prices) -> Decimal | None:
    return require_weight(value, field)


def _length(value: Any, field: Path, _prices: Prices) -> Decimal | None:
    return require_length(value, field)


def normalize_sku(value: Any, field: Path, _prices: Prices = None) -> str:
    """The normal form of a SKU: printable text without surrounding space, at most 100 characters."""
    sku = require_text(normalize_key(value or ""), field=field, max_length=SKU_LENGTH)
    if not sku.isprintable():
        raise InvalidInput("A SKU is made of printable characters.", field=field)
    return sku


def _optional_sku(value: Any, field: Path, _prices: Prices) -> str | None:
    return None if value is None else normalize_sku(value, field)


def _url(value: Any, field: Path, _prices: Prices) -> str | None:
    return optional_url(value, field=field)


class Columns(dict[str, Any]):
    """The values of several columns that one field of an input fills."""


def _image_columns(value: Any, field: Path, _prices: Prices) -> Columns:
    """The URLs of images, each once, and the alt texts of those that have one. A bare URL has none."""
    images: Sequence[NewImage | str] = list(value or ())
    _require_max(images, field, MAX_IMAGES)
    alt_texts: dict[str, str | None] = {}
    with collect_errors() as errors:
        for index, image in enumerate(images):
            with errors:
                url_and_text = _image(image, (*field, str(index)))
                if url_and_text is not None:
                    alt_texts.setdefault(*url_and_text)
    return Columns(
        images=list(alt_texts), image_alt_texts={url: text for url, text in alt_texts.items() if text is not None}
    )


def _image_column(value: NewImage | None, field: Path, _prices: Prices) -> Columns:
    """The URL and the alt text of a category's image."""
    url, alt_text = (value and _image(value, field)) or (None, None)
    return Columns(image_url=url, image_alt_text=alt_text)


def _image(image: NewImage | str, field: Path) -> tuple[str, str | None] | None:
    """An image's URL and alt text; None for an empty URL."""
    if isinstance(image, str):
        url = optional_url(image, field=field)
        return None if url is None else (url, None)
    with collect_errors() as errors:
        with errors:
            url = optional_url(image.url, field=(*field, "url"))
        with errors:
            alt_text = normalize_alt_text(image.alt_text, (*field, "alt_text"))
    return None if url is None else (url, alt_text)


def _images(value: Any, field: Path, _prices: Prices) -> list[str]:
    return list(dict.fromkeys(_list_of(_url, list(enumerate(value or ())), field, MAX_IMAGES)))


def _tags(value: Any, field: Path, _prices: Prices) -> list[str]:
    """Tags, each once; a comma separates two, as in product files."""
    parts = [(index, part) for index, tag in enumerate(value or ()) for part in tag.split(",") if part.strip()]
    return deduplicate(_list_of(_line, parts, field, MAX_TAGS))


def deduplicate(texts: Iterable[str]) -> list[str]:
    """The texts; of those that differ in case only, the first."""
    by_casefold: dict[str, str] = {}
    for text in texts:
        by_casefold.setdefault(casefold_text(text), text)
    return list(by_casefold.values())


def _list_of(normalize: Normalizer, items: Sequence[tuple[int, Any]], field: Path, maximum: int) -> list[str]:
    """The normalized values of a list; each is given with the index of its item."""
    _require_max(items, field, maximum)
    values = []
    with collect_errors() as errors:
        for index, value in items:
            with errors:
                values.append(normalize(value, (*field, str(index)), None))
    return [value for value in values if value is not None]


def _require_max(items: Sequence[Any], field: Path, maximum: int) -> None:
    if len(items) > maximum:
        raise TooMany(f"{label(field)} has at most {maximum} items; there are {len(items)}.", field=field)


def _options(value: Any, field: Path, _prices: Prices) -> list[dict[str, str]]:
    given: Sequence[VariantOption] = list(value or ())
    if len(given) > MAX_OPTIONS:
        raise TooMany(f"A variant has at most {MAX_OPTIONS} options.", field=field)
    cleaned: list[dict[str, str]] = [{} for _ in given]
    names: set[str] = set()
    with collect_errors() as errors:
        for index, option in enumerate(given):
            where = (*field, str(index))
            with errors:
                name = require_text(option.name, field=(*where, "name"), max_length=NAME_LENGTH)
                if casefold_text(name) in names:
                    raise DuplicateValue("Each option of a variant has a name of its own.", field=(*where, "name"))
                names.add(casefold_text(name))
                cleaned[index]["name"] = name
            with errors:
                cleaned[index]["value"] = require_text(option.value, field=(*where, "value"), max_length=NAME_LENGTH)
    return cleaned


_MEASURES: Mapping[str, Normalizer] = {"weight": _weight, "length": _length, "width": _length, "height": _length}
PRODUCT: Mapping[str, Normalizer] = {
    **_MEASURES,
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
    "is_gift_card": _flag,
    "requires_shipping": _flag,
    "tax_class_id": _id,
    "shipping_profile_id": _id,
}
VARIANT: Mapping[str, Normalizer] = {
    **_MEASURES,
    "sku": normalize_sku,
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
# Inputs give images with alt texts; a file has a column of URLs only.
PRODUCT_INPUT: Mapping[str, Normalizer] = {**PRODUCT, "images": _image_columns}
VARIANT_INPUT: Mapping[str, Normalizer] = {**VARIANT, "images": _image_columns}
PRICES = {"base_price", "compare_at_price", "price_modifier"}
CATEGORY: Mapping[str, Normalizer] = {
    "name": _name,
    "description": _summary,
    "image": _image_column,
    "icon": _line,
    "display_order": _order,
    "is_active": _flag,
    "is_featured": _flag,
}


def normalize_fields(
    columns: type[ColumnsT],
    rules: Mapping[str, Normalizer],
    given: Mapping[str, object],
    *,
    prices: Prices = None,
    field: Path = ROOT,
) -> ColumnsT:
    """The normalized values of the fields that have a rule, as columns of a row to which the caller adds the others.

    Raises Required, TooLong, InvalidInput, OutOfRange, TooManyDecimals, TooMany and DuplicateValue, of all fields at
    once.
    """
    values: dict[str, Any] = {}
    with collect_errors() as errors:
        for name, value in given.items():
            if name in rules:
                with errors:
                    normal = rules[name](value, (*field, name), prices)
                    values |= normal if isinstance(normal, Columns) else {name: normal}
    return columns(**values)


def is_equivalent(
    rules: Mapping[str, Normalizer], name: str, stored: Any, value: Any, *, prices: Prices = None
) -> bool:
    """Whether a stored value equals a normalized one, as it is or in its own normal form.

    Values that were stored before a rule existed may not have its normal form.
    """
    if stored == value:
        return True
    try:
        return name in rules and bool(rules[name](stored, (name,), prices) == value)
    except DomainError:
        return False


def normalize_alt_text(value: str | None, field: Path = ("alt_text",)) -> str | None:
    """The normal form of an image's alt text."""
    return optional_text(value, field=field, max_length=ALT_TEXT_LENGTH)


def normalize_unit(value: str | None) -> str | None:
    """The normal form of an attribute's unit, such as `cm`."""
    return optional_text(value, field=("unit",), max_length=UNIT_LENGTH)


def fields_of(given: "DataclassInstance") -> dict[str, Any]:
    """The fields of an input's dataclass, nested ones as they are."""
    return {field.name: getattr(given, field.name) for field in fields(given)}
