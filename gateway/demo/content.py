"""Reads the demo's files: categories with attributes, products with variants and stock, reviews, promotions."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from itertools import product as combinations
from typing import Any

from slugify import slugify

from domains.catalog.models import (
    AttributeType,
    AttributeValue,
    NewCategory,
    NewVariant,
    VariantOption,
)
from domains.promotion.models import DiscountType, NewPromotion, PromotionType
from domains.review.models import ReviewChanges

FOLDER = files("gateway.demo")


@dataclass(frozen=True, slots=True)
class DemoAttribute:
    """An attribute of a category; all of them are filterable."""

    name: str
    type: AttributeType
    unit: str | None
    is_required: bool
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoProduct:
    """A product; `sku` is its SKU if it has no variants. `stock` is None for an untracked product.

    `tax_class` and `profile` are the codes of its tax class and its shipping profile, None for the default ones.
    """

    values: Mapping[str, Any]
    attributes: tuple[AttributeValue, ...]
    sku: str
    variants: tuple[NewVariant, ...]
    stock: int | None
    tax_class: str | None
    profile: str | None

    def counts(self) -> Iterator[tuple[str, int]]:
        """Units of each SKU: fewer of some variants than of others, and none of every seventh."""
        skus = [variant.sku for variant in self.variants] or [self.sku]
        for index, sku in enumerate(skus):
            yield sku, (self.stock or 0) * (7 - index % 5) // 7 if index % 7 != 6 else 0


@dataclass(frozen=True, slots=True)
class DemoCategory:
    """A category with its attributes, products and subcategories."""

    category: NewCategory
    attributes: tuple[DemoAttribute, ...]
    products: tuple[DemoProduct, ...]
    children: tuple["DemoCategory", ...]

    @property
    def slug(self) -> str:
        """The slug of the category."""
        return self.category.slug or ""


@cache
def read_catalogue() -> tuple[DemoCategory, ...]:
    """The tree of categories, a file for each root."""
    folder = FOLDER / "catalogue"
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".toml"))
    roots = (tomllib.loads((folder / name).read_text("utf-8")) for name in names)
    return tuple(_category(root, place, ()) for place, root in enumerate(roots))


def read_reviews() -> tuple[list[str], list[ReviewChanges]]:
    """The names of the reviewers, and the reviews."""
    given = tomllib.loads((FOLDER / "reviews.toml").read_text("utf-8"))
    return given["customers"], given["review"]


@dataclass(frozen=True, slots=True)
class DemoPromotion:
    """A promotion, the slugs of its categories, and in how many days it starts and ends.

    Its rules name products by their slugs.
    """

    promotion: NewPromotion
    categories: list[str]
    rules: Sequence[Mapping[str, Any]]
    starts_in: int | None
    ends_in: int | None


def read_promotions() -> Iterator[DemoPromotion]:
    """The promotions, in the order of creation."""
    for given in tomllib.loads((FOLDER / "promotions.toml").read_text("utf-8"))["promotion"]:
        amounts = {name: Decimal(given[name]) for name in ("discount_value", "min_purchase_amount") if name in given}
        labels = {"type": PromotionType(given["type"]), "discount_type": DiscountType(given["discount_type"])}
        slugs, rules = given.pop("categories", []), given.pop("rules", [])
        starts, ends = given.pop("starts_in", None), given.pop("ends_in", None)
        yield DemoPromotion(given | amounts | labels, slugs, rules, starts, ends)


def _category(given: Mapping[str, Any], place: int, inherited: Sequence[DemoAttribute]) -> DemoCategory:
    own = tuple(_attribute(attribute) for attribute in given.get("attributes", ()))
    asked = {attribute.name: attribute for attribute in (*inherited, *own)}
    return DemoCategory(
        category=NewCategory(
            name=given["name"],
            slug=slugify(given["name"]),
            description=given["description"],
            icon=given.get("icon"),
            display_order=place,
            is_featured="icon" in given,
        ),
        attributes=own,
        products=tuple(_product(product, asked) for product in given.get("product", ())),
        children=tuple(
            _category(child, at, (*inherited, *own)) for at, child in enumerate(given.get("category", ()))
        ),
    )


def _attribute(given: Mapping[str, Any]) -> DemoAttribute:
    return DemoAttribute(
        name=given["name"],
        type=AttributeType(given["type"]),
        unit=given.get("unit"),
        is_required=given.get("required", False),
        options=tuple(given.get("options", ())),
    )


def _product(given: Mapping[str, Any], asked: Mapping[str, DemoAttribute]) -> DemoProduct:
    slug = slugify(given["name"])
    is_tracked = given.get("tracked", True)
    variants = tuple(_variants(slug, given, is_tracked=is_tracked))
    sizes = (Decimal(size) for size in given.get("size", ()))
    values = {
        "name": given["name"],
        "slug": slug,
        "brand": given["brand"],
        "description": given["text"],
        "long_description": given.get("more", f"<p>{given['text']}</p>"),
        "base_price": Decimal(given["price"]),
        "compare_at_price": Decimal(given["was"]) if "was" in given else None,
        "tags": given.get("tags", []),
        "is_featured": given.get("featured", False),
        "is_gift_card": given.get("gift_card", False),
        "is_tracked": is_tracked,
        "requires_shipping": not given.get("digital", False),
        "weight": None if variants else _weight(given),
        **dict(zip(("length", "width", "height"), sizes, strict=False)),
        "images": [f"/demo/images/{slug}.svg"],
        "sku": None if variants else slug.upper(),
    }
    attributes = tuple(_value(asked[name], value) for name, value in given.get("attributes", {}).items())
    codes = (given.get("tax_class"), given.get("profile"))
    return DemoProduct(values, attributes, slug.upper(), variants, given.get("stock"), *codes)


def _value(asked: DemoAttribute, text: str) -> AttributeValue:
    """`4.2 l` of an attribute in litres is the number 4.2 with its unit."""
    if asked.unit is None:
        return AttributeValue(asked.name, text)
    return AttributeValue(asked.name, text.removesuffix(asked.unit).strip(), asked.unit)


def _weight(given: Mapping[str, Any], values: Sequence[str] = ()) -> Decimal | None:
    """The kilograms of a product, or of its variant with these options' values; None for what weighs nothing."""
    of_values: Mapping[str, str] = given.get("weights", {})
    weight = next((of_values[value] for value in values if value in of_values), given.get("weight"))
    return None if weight is None else Decimal(weight)


def _variants(slug: str, given: Mapping[str, Any], *, is_tracked: bool) -> Iterator[NewVariant]:
    """A variant for each combination of the options' values, with the sum of their price modifiers."""
    options: Mapping[str, Mapping[str, str]] = given.get("options", {})
    if not options:
        return
    for chosen in combinations(*(values.items() for values in options.values())):
        pairs = list(zip(options, chosen, strict=True))
        yield NewVariant(
            sku="-".join([slug, *(slugify(value) for _, (value, _) in pairs)]).upper(),
            options=[VariantOption(name, value) for name, (value, _) in pairs],
            price_modifier=sum((Decimal(added) for _, (_, added) in pairs), Decimal(0)),
            is_tracked=is_tracked,
            weight=_weight(given, [value for _, (value, _) in pairs]),
        )
