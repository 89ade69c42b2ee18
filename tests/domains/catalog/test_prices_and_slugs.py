"""Prices, slugs and options: pure rules."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.catalog.errors import PriceBelowZero
from domains.catalog.products.prices import price_of, range_of
from domains.catalog.slugs import LENGTH, generate_slug, normalize_slug, require_slug, slug_candidates
from domains.catalog.variants.options import OptionsTaken, complete_columns, require_distinct, require_price
from domains.kernel.errors import InvalidInput
from domains.kernel.values.money import MAX_AMOUNT, Money


@dataclass(frozen=True)
class Product:
    base_price: Decimal
    compare_at_price: Decimal | None = None
    currency: str = "EUR"


@dataclass(frozen=True)
class Variant:
    price_modifier: Decimal
    compare_at_price: Decimal | None = None


def euros(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


@pytest.mark.parametrize(
    ("product", "variant", "amount", "compare_at"),
    [
        (Product(Decimal(10)), None, "10", None),
        (Product(Decimal(10), Decimal(12)), None, "10", "12"),
        (Product(Decimal(10), Decimal(10)), None, "10", None),
        (Product(Decimal(10), Decimal(8)), None, "10", None),
        (Product(Decimal(10), Decimal(12)), Variant(Decimal(2)), "12", "14"),
        (Product(Decimal(10), Decimal(12)), Variant(Decimal(-3), Decimal(9)), "7", "9"),
        (Product(Decimal(10)), Variant(Decimal(0), Decimal(5)), "10", None),
    ],
)
def test_a_variant_price_is_the_base_price_plus_the_modifier(
    product: Product, variant: Variant | None, amount: str, compare_at: str | None
) -> None:
    price = price_of(product, variant)
    assert (price.amount, price.compare_at) == (euros(amount), euros(compare_at) if compare_at else None)


def test_a_price_range_covers_the_variants_on_sale() -> None:
    own = euros("10")
    assert (range_of(own, []).lowest, range_of(own, []).highest) == (own, own)
    spread = range_of(own, [euros("12"), euros("7"), euros("9")])
    assert (spread.lowest, spread.highest) == (euros("7"), euros("12"))


def test_a_modifier_cannot_make_the_price_negative() -> None:
    require_price(Decimal(5), Decimal(-5), ())
    with pytest.raises(PriceBelowZero) as raised:
        require_price(Decimal(5), Decimal("-5.01"), ("price_modifier",))
    assert raised.value.field == ("price_modifier",)
    with pytest.raises(InvalidInput, match="too high a price"):
        require_price(MAX_AMOUNT / 2, MAX_AMOUNT / 2, ())


@given(st.text(max_size=500))
def test_any_name_yields_a_valid_slug(name: str) -> None:
    slug = generate_slug(name, fallback="product")
    assert require_slug(slug, field=()) == slug
    assert len(f"{slug}-{10**9}") <= LENGTH


def test_slug_candidates_are_numbered_consecutively() -> None:
    tried = [slug for batch in islice(slug_candidates("shirt"), 3) for slug in batch]
    assert tried == ["shirt", *(f"shirt-{number}" for number in range(2, 1001))]


@pytest.mark.parametrize(
    ("given_", "slug"),
    [
        ("T-Shirt_2", "t-shirt_2"),
        ("किताब", "किताब"),
        ("กระเป๋า", "กระเป๋า"),
        ("cafe\u0301", "café"),
        ("CAFÉ", "café"),
        ("İpek", "ipek"),
        ("i\u0307pek", "ipek"),
        ("陶瓷-杯子", "陶瓷-杯子"),
        ("نیم\u200cبوت", "نیمبوت"),
        (" a\u200b\n", "a"),
        ("-a--b-", "-a--b-"),
        ("a" * 255, "a" * 255),
    ],
)
def test_a_slug_of_any_script_is_normalized(given_: str, slug: str) -> None:
    assert require_slug(given_, field=("slug",)) == slug
    assert require_slug(slug, field=("slug",)) == normalize_slug(given_) == slug


@pytest.mark.parametrize(
    "slug", ["a" * 256, "a b", "", "-", "_", "a/b", "a.b", "\u0301a", "🎁", "a\x00", "a'b", "a%20"]
)
def test_a_malformed_slug_is_refused(slug: str) -> None:
    with pytest.raises(Exception, match="slug"):
        require_slug(slug, field=("slug",))


def test_options_determine_the_name_colour_and_size_of_a_variant() -> None:
    options = [{"name": "Colour", "value": "Red"}, {"name": "SIZE", "value": "L"}]
    made = complete_columns({"options": options}, fallback_name="Shirt")
    assert (made["name"], made["color"], made["size"]) == ("Red / L", "Red", "L")
    plain = complete_columns({"color": "Red", "size": None}, fallback_name="Shirt")
    assert (plain["name"], plain["options"]) == ("Red", [{"name": "Color", "value": "Red"}])
    bare = complete_columns({}, fallback_name="Shirt")
    assert (bare["name"], bare["options"], bare["color"]) == ("Shirt", [], None)


def test_two_variants_with_the_same_options_are_refused() -> None:
    red = [{"name": "Color", "value": "Red"}]
    require_distinct([red, [{"name": "Color", "value": "Blue"}], [], []], field=())
    with pytest.raises(OptionsTaken):
        require_distinct([red, [{"name": "color", "value": "RED"}]], field=())
