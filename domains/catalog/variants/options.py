"""What makes a variant: its options, its colour and size, its name, its price; pure rules."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import UUID

from domains.catalog import validation
from domains.catalog.errors import PriceBelowZero, SkuRepeated
from domains.catalog.models import NewVariant
from domains.kernel.errors import AlreadyExists, InvalidInput
from domains.kernel.ids import new_id
from domains.kernel.text.validation import NAME_LENGTH, casefold_text, normalize_key
from domains.kernel.validation import collect_errors
from domains.kernel.values.money import MAX_AMOUNT, UnitPrices

COLOR = ("color", "colour")
SIZE = ("size",)
MAX_VARIANTS = 2_000
PATH = ("variants",)
Choice: TypeAlias = frozenset[tuple[str, str]]


class OptionsTaken(AlreadyExists):
    """Another variant of the product has the same options."""


def new_rows(
    product_id: UUID, product: Mapping[str, Any], given: Sequence[NewVariant], prices: UnitPrices
) -> list[Any]:
    """The rows of a new product's variants; `product` holds its columns, nothing where they are not right.

    Raises, of all variants at once, SkuRepeated, InvalidInput, PriceBelowZero, OptionsTaken and what
    `validation.cleaned` raises.
    """
    if len(given) > MAX_VARIANTS:
        raise InvalidInput(f"A product has at most {MAX_VARIANTS} variants.", field=PATH)
    rows: list[Any] = []
    skus: set[str] = set()
    choices: set[Choice] = set()
    with collect_errors() as errors:
        for index, variant in enumerate(given):
            field = (*PATH, str(index))
            with errors:
                sku = normalize_key(variant.sku)
                if sku in skus:
                    raise SkuRepeated(sku, field=(*field, "sku"))
                skus |= {sku} - {""}
            with errors:
                values = new_values(variant, prices, field)
                row: Any = {"id": new_id(), "product_id": product_id, "display_order": index}
                row |= completed(values, fallback_name=product.get("name", ""))
                _require_new(row["options"], choices, field=(*field, "options"))
                if product:
                    require_price(product["base_price"], row["price_modifier"], (*field, "price_modifier"))
                rows.append(row)
    return rows


def new_values(given: NewVariant, prices: UnitPrices, field: Sequence[str]) -> dict[str, Any]:
    """The fields that a new variant has, cleaned. Raises, of all at once, what `validation.cleaned` raises."""
    asked = {name: value for name, value in validation.fields_of(given).items() if value is not None}
    values: dict[str, Any] = validation.cleaned(validation.VARIANT_INPUT, asked, prices=prices, field=field)
    return values


def completed(values: Mapping[str, Any], *, fallback_name: str) -> dict[str, Any]:
    """A new variant's columns with what follows from the others.

    `color` and `size` are two of the options, whichever of both was given; the name, unless given, is made of the
    options' values.
    """
    options = list(values.get("options") or ())
    color = values.get("color") or _option(options, COLOR)
    size = values.get("size") or _option(options, SIZE)
    if not options:
        pairs = (("Color", color), ("Size", size))
        options = [{"name": name, "value": value} for name, value in pairs if value]
    name = values.get("name") or " / ".join(option["value"] for option in options) or fallback_name
    return {**values, "options": options, "color": color, "size": size, "name": name[:NAME_LENGTH]}


def require_price(base_price: Decimal, modifier: Decimal, field: Sequence[str]) -> None:
    """Raise PriceBelowZero when a modifier takes away more than the product costs, InvalidInput beyond any amount."""
    price = base_price + modifier
    if price < 0:
        raise PriceBelowZero(
            f"{base_price} with a variant's modifier of {modifier} is less than nothing.", field=field
        )
    if price >= MAX_AMOUNT:
        raise InvalidInput(f"{base_price} with a variant's modifier of {modifier} is too much.", field=field)


def require_distinct(options: Iterable[Collection[Mapping[str, str]]], *, field: Sequence[str]) -> None:
    """Raise OptionsTaken when two variants of a product have the same options, by letter case or not."""
    seen: set[Choice] = set()
    for chosen in options:
        _require_new(chosen, seen, field=field)


def _require_new(options: Collection[Mapping[str, str]], seen: set[Choice], *, field: Sequence[str]) -> None:
    """Raise OptionsTaken when the same options were seen before; from now on they were."""
    choice = frozenset((casefold_text(option["name"]), casefold_text(option["value"])) for option in options)
    if choice and choice in seen:
        raise OptionsTaken("Another variant of this product has the same options.", field=field)
    seen.add(choice)


def _option(options: Iterable[Mapping[str, str]], names: Collection[str]) -> str | None:
    return next((option["value"] for option in options if casefold_text(option["name"]) in names), None)
