"""The rules of variants: options, colour, size, name and price; pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias, TypedDict
from uuid import UUID

from domains.catalog import data, validation
from domains.catalog.errors import PriceBelowZero, SkuRepeated
from domains.catalog.models import NewVariant
from domains.kernel.errors import AlreadyExists, OutOfRange, TooMany
from domains.kernel.ids import new_id
from domains.kernel.text.validation import NAME_LENGTH, casefold_text, normalize_key
from domains.kernel.validation import collect_errors
from domains.kernel.values.money import MAX_AMOUNT, UnitPrices

COLOR = ("color", "colour")
SIZE = ("size",)
MAX_VARIANTS = 2_000
PATH = ("variants",)
OptionSet: TypeAlias = frozenset[tuple[str, str]]


class OptionsTaken(AlreadyExists):
    """Another variant of the product has the same options."""


def new_rows(
    product_id: UUID, product: data.ProductCreate | None, given: Sequence[NewVariant], prices: UnitPrices
) -> list[data.ProductVariantCreate]:
    """The rows of a new product's variants; `product` has its columns, and is None when they are invalid.

    Raises TooMany above MAX_VARIANTS; of all variants at once, SkuRepeated, PriceBelowZero, OutOfRange for too high a
    price, OptionsTaken and what `validation.normalize_fields` raises.
    """
    if len(given) > MAX_VARIANTS:
        raise TooMany(f"A product has at most {MAX_VARIANTS} variants.", field=PATH)
    rows: list[data.ProductVariantCreate] = []
    skus: set[str] = set()
    option_sets: set[OptionSet] = set()
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
                row: data.ProductVariantCreate = {
                    "display_order": index,
                    **values,
                    **complete_columns(values, fallback_name=product["name"] if product else ""),
                    "id": new_id(),
                    "product_id": product_id,
                }
                _require_new(row["options"], option_sets, field=(*field, "options"))
                if product:
                    row["is_tracked"] = variant.is_tracked and not product.get("is_gift_card", False)
                    require_price(product["base_price"], row["price_modifier"], (*field, "price_modifier"))
                rows.append(row)
    return rows


def new_values(given: NewVariant, prices: UnitPrices, field: Sequence[str]) -> data.ProductVariantCreate:
    """The normalized fields of a new variant. Raises, for all at once, what `validation.normalize_fields` raises."""
    present = {name: value for name, value in validation.fields_of(given).items() if value is not None}
    return validation.normalize_fields(
        data.ProductVariantCreate, validation.VARIANT_INPUT, present, prices=prices, field=field
    )


class DerivedColumns(TypedDict):
    """The columns of a variant that derive from each other."""

    options: list[dict[str, str]]
    color: str | None
    size: str | None
    name: str


def complete_columns(values: Mapping[str, Any], *, fallback_name: str) -> DerivedColumns:
    """The columns of a new variant that derive from each other.

    `color` and `size` derive from the options and vice versa; without a name it is made of the
    options' values.
    """
    options = list(values.get("options") or ())
    color = values.get("color") or _option(options, COLOR)
    size = values.get("size") or _option(options, SIZE)
    if not options:
        pairs = (("Color", color), ("Size", size))
        options = [{"name": name, "value": value} for name, value in pairs if value]
    name = values.get("name") or " / ".join(option["value"] for option in options) or fallback_name
    return {"options": options, "color": color, "size": size, "name": name[:NAME_LENGTH]}


def require_price(base_price: Decimal, modifier: Decimal, field: Sequence[str]) -> None:
    """Raise PriceBelowZero when the modifier makes the price negative, OutOfRange when it is too high."""
    price = base_price + modifier
    if price < 0:
        raise PriceBelowZero(
            f"{base_price} with a variant's modifier of {modifier} is a negative price.", field=field
        )
    if price >= MAX_AMOUNT:
        raise OutOfRange(f"{base_price} with a variant's modifier of {modifier} is too high a price.", field=field)


def require_distinct(options: Iterable[Collection[Mapping[str, str]]], *, field: Sequence[str]) -> None:
    """Raise OptionsTaken when two variants of a product have the same options; letter case is ignored."""
    seen: set[OptionSet] = set()
    for variant_options in options:
        _require_new(variant_options, seen, field=field)


def _require_new(options: Collection[Mapping[str, str]], seen: set[OptionSet], *, field: Sequence[str]) -> None:
    """Raise OptionsTaken when the same options were seen before, else add them to those seen."""
    option_set = frozenset((casefold_text(option["name"]), casefold_text(option["value"])) for option in options)
    if option_set and option_set in seen:
        raise OptionsTaken("Another variant of this product has the same options.", field=field)
    seen.add(option_set)


def _option(options: Iterable[Mapping[str, str]], names: Collection[str]) -> str | None:
    return next((option["value"] for option in options if casefold_text(option["name"]) in names), None)
