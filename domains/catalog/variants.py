"""What makes a variant: its options, its colour and size, its name, its price; pure rules."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from domains.catalog import inputs
from domains.catalog.errors import PriceBelowZero
from domains.catalog.models import NewVariant
from domains.kernel.errors import AlreadyExists, InvalidInput
from domains.kernel.ids import new_id
from domains.kernel.money import MAX_AMOUNT, UnitPrices
from domains.kernel.text import NAME_LENGTH, caseless

COLOR = ("color", "colour")
SIZE = ("size",)
MOST_VARIANTS = 2_000
PATH = ("input", "variants")


class OptionsTaken(AlreadyExists):
    """Another variant of the product has the same options."""


def new_rows(
    product_id: UUID, product: Mapping[str, Any], given: Sequence[NewVariant], prices: UnitPrices
) -> list[Any]:
    """The rows of a new product's variants; `product` holds its columns.

    Raises InvalidInput, PriceBelowZero, OptionsTaken and what `inputs.cleaned` raises.
    """
    if len(given) > MOST_VARIANTS:
        raise InvalidInput(f"A product has at most {MOST_VARIANTS} variants.", path=PATH)
    rows = []
    for index, variant in enumerate(given):
        row = new_row(variant, product["name"], product["base_price"], prices, (*PATH, str(index)))
        order = index if variant.display_order is None else row["display_order"]
        rows.append({**row, "product_id": product_id, "display_order": order})
    require_distinct((row["options"] for row in rows), path=PATH)
    return rows


def new_row(
    given: NewVariant, product_name: str, base_price: Decimal, prices: UnitPrices, path: Sequence[str]
) -> Any:
    """The columns of one new variant, without its product's id. Raises what `new_rows` raises."""
    fields = inputs.fields_of(given)
    asked = {name: value for name, value in fields.items() if value is not None}
    values = completed(inputs.cleaned(inputs.VARIANT, asked, prices=prices, path=path), fallback_name=product_name)
    require_price(base_price, values["price_modifier"], (*path, "priceModifier"))
    return {"id": new_id(), **values}


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


def require_price(base_price: Decimal, modifier: Decimal, path: Sequence[str]) -> None:
    """Raise PriceBelowZero when a modifier takes away more than the product costs, InvalidInput beyond any amount."""
    price = base_price + modifier
    if price < 0:
        raise PriceBelowZero(f"{base_price} with a variant's modifier of {modifier} is less than nothing.", path=path)
    if price >= MAX_AMOUNT:
        raise InvalidInput(f"{base_price} with a variant's modifier of {modifier} is too much.", path=path)


def require_distinct(options: Iterable[Collection[Mapping[str, str]]], *, path: Sequence[str]) -> None:
    """Raise OptionsTaken when two variants of a product have the same options, by letter case or not."""
    seen: set[frozenset[tuple[str, str]]] = set()
    for chosen in options:
        key = frozenset((caseless(option["name"]), caseless(option["value"])) for option in chosen)
        if key and key in seen:
            raise OptionsTaken("Another variant of this product has the same options.", path=path)
        seen.add(key)


def _option(options: Iterable[Mapping[str, str]], names: Collection[str]) -> str | None:
    return next((option["value"] for option in options if caseless(option["name"]) in names), None)
