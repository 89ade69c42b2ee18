"""What bundles, volume discounts and buy X get Y take off, by example and against a search of all choices."""

from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.promotion.models import DiscountType, PromotionType
from domains.promotion.promotion_rules.application import explanation, reductions
from domains.promotion.promotion_rules.models import (
    RULE_TYPES,
    Bundle,
    BuyXGetY,
    Rule,
    Tier,
    UnitSelection,
    VolumeDiscount,
    VolumeScope,
    simple,
)
from domains.promotion.rules import DiscountRule, PricedLine
from tests.domains.pricing.quote_laws import NOW

CAMERA, LENS, BAG, SOCKS = (UUID(int=number) for number in range(1, 5))
RED, OPTICS = UUID(int=31), UUID(int=51)


def units(quantity: int, *product_ids: UUID) -> UnitSelection:
    return UnitSelection(quantity, frozenset(product_ids))


def line(number: int, product: UUID, price: str, quantity: int = 1) -> PricedLine:
    variant = RED if product == BAG else None
    categories = frozenset({OPTICS}) if product in {CAMERA, LENS} else frozenset[UUID]()
    return PricedLine(UUID(int=900 + number), product, variant, categories, quantity, Decimal(price))


def promotion(*rules: Rule, products: frozenset[UUID] = frozenset()) -> DiscountRule:
    return DiscountRule(
        id=UUID(int=1),
        name="P",
        type=PromotionType.SEASONAL,
        discount_type=RULE_TYPES[type(rules[0])] if rules else DiscountType.PERCENTAGE,
        currency="EUR",
        start_date=NOW,
        rules=rules,
        product_ids=products,
    )


def taken(discount: DiscountRule, *lines: PricedLine, currency: str = "EUR") -> list[tuple[str, str]]:
    left = [each.unit_price * each.quantity for each in lines]
    return [(f"{amount:.2f}", text) for amount, text in reductions(discount, lines, left, currency)]


def amounts(discount: DiscountRule, *lines: PricedLine) -> list[str]:
    return [amount for amount, _ in taken(discount, *lines)]


def test_a_bundle_of_any_three_has_a_price_for_each_whole_set() -> None:
    three = promotion(Bundle((units(3),), price=Decimal(25)))
    assert taken(three, line(1, SOCKS, "10.00", 7)) == [("10.00", "3 for 25.00 EUR: 2 sets")]
    assert taken(three, line(1, SOCKS, "10.00", 2)) == [("0.00", "")]


def test_a_bundle_contains_the_dearest_units_and_its_discount_is_allocated_to_their_lines() -> None:
    three = promotion(Bundle((units(3),), price=Decimal(25)))
    lines = [line(1, SOCKS, "1.00", 2), line(2, BAG, "20.00"), line(3, LENS, "10.00", 2)]
    assert amounts(three, *lines) == ["0.00", "7.50", "7.50"]


def test_a_bundle_with_a_price_has_only_sets_that_cost_less_with_it() -> None:
    three = promotion(Bundle((units(3),), price=Decimal(25)))
    lines = [line(1, SOCKS, "10.00", 3), line(2, BAG, "1.00", 3)]
    assert taken(three, *lines) == [("5.00", "3 for 25.00 EUR: 1 set"), ("0.00", "")]
    assert amounts(three, line(1, BAG, "1.00", 3)) == ["0.00"]


def test_a_bundle_of_several_items_needs_each_of_them() -> None:
    kit = promotion(Bundle((units(1, CAMERA), units(1, LENS), units(1, BAG)), percentage=Decimal(20)))
    lines = [line(1, CAMERA, "500.00", 2), line(2, LENS, "300.00"), line(3, BAG, "50.00", 3)]
    text = "Bundle of 3: 20 % off: 1 set"
    assert taken(kit, *lines) == [("100.00", text), ("60.00", text), ("10.00", text)]
    assert amounts(kit, *lines[:2]) == ["0.00", "0.00"]


def test_a_bundle_takes_an_amount_off_each_set_and_at_most_what_it_costs() -> None:
    pair = promotion(Bundle((units(2),), amount_off=Decimal(3)))
    assert taken(pair, line(1, SOCKS, "5.00", 5)) == [("6.00", "2: 3.00 EUR off: 2 sets")]
    assert amounts(pair, line(1, SOCKS, "0.50", 2)) == ["1.00"]


def test_a_bundle_applies_at_most_its_number_of_times() -> None:
    once = promotion(Bundle((units(2),), price=Decimal(1), times_per_order=1))
    assert taken(once, line(1, SOCKS, "5.00", 5)) == [("9.00", "2 for 1.00 EUR: 1 set")]


def test_a_variant_or_a_category_can_be_an_item() -> None:
    optics = UnitSelection(1, category_ids=frozenset({OPTICS}))
    kit = promotion(Bundle((optics, UnitSelection(1, variant_ids=frozenset({RED}))), price=Decimal(100)))
    lines = [line(1, CAMERA, "90.00"), line(2, LENS, "110.00"), line(3, BAG, "40.00")]
    assert amounts(kit, *lines) == ["0.00", "36.67", "13.33"]


def test_a_unit_that_fits_two_items_fills_the_one_that_completes_the_set() -> None:
    optics = UnitSelection(1, category_ids=frozenset({OPTICS}))
    kit = promotion(Bundle((optics, units(1, CAMERA)), price=Decimal(10)))
    assert amounts(kit, line(1, CAMERA, "20.00"), line(2, LENS, "15.00")) == ["14.29", "10.71"]
    assert amounts(kit, line(1, LENS, "20.00", 2)) == ["0.00"]


def test_a_volume_discount_applies_the_highest_tier_to_all_units_of_a_line() -> None:
    tiers = (Tier(10, percentage=Decimal(5)), Tier(50, percentage=Decimal(10)))
    discount = promotion(VolumeDiscount(tiers))
    assert taken(discount, line(1, SOCKS, "2.00", 9)) == [("0.00", "")]
    assert taken(discount, line(1, SOCKS, "2.00", 10)) == [("1.00", "from 10: 5 % off")]
    assert taken(discount, line(1, SOCKS, "2.00", 50)) == [("10.00", "from 50: 10 % off")]
    assert explanation(discount.rules, "EUR") == "from 10: 5 % off, from 50: 10 % off"


def test_a_volume_discount_can_count_all_covered_lines_together() -> None:
    tiers = (Tier(3, unit_price=Decimal("4.0050")),)
    discount = promotion(VolumeDiscount(tiers, VolumeScope.ALL), products=frozenset({SOCKS, LENS}))
    lines = [line(1, SOCKS, "5.00", 2), line(2, LENS, "3.00"), line(3, BAG, "9.00", 9)]
    assert taken(discount, *lines) == [("1.99", "from 3: 4.005 EUR each"), ("0.00", ""), ("0.00", "")]


def test_an_amount_off_each_unit_may_be_finer_than_can_be_paid() -> None:
    discount = promotion(VolumeDiscount((Tier(2, amount_off_per_unit=Decimal("0.0125")),)))
    assert taken(discount, line(1, SOCKS, "1.00", 2)) == [("0.03", "from 2: 0.0125 EUR off each")]
    assert amounts(discount, line(1, SOCKS, "0.01", 2)) == ["0.02"]


def test_who_buys_one_product_gets_another_for_less() -> None:
    discount = promotion(BuyXGetY(units(1, CAMERA), units(1, BAG), Decimal(50)))
    text = "Buy 1, get 1 at 50 % off: 2 at 50 % off"
    assert taken(discount, line(1, CAMERA, "500.00", 2), line(2, BAG, "9.99", 3)) == [("0.00", ""), ("9.99", text)]
    assert amounts(discount, line(1, BAG, "9.99", 3)) == ["0.00"]


def test_units_that_can_be_bought_and_got_are_not_both() -> None:
    discount = promotion(BuyXGetY(units(1, CAMERA, LENS), units(1, LENS)))
    assert amounts(discount, line(1, LENS, "10.00", 3)) == ["10.00"]
    assert amounts(discount, line(1, CAMERA, "99.00"), line(2, LENS, "10.00", 3)) == ["0.00", "20.00"]


def test_a_number_of_times_bounds_the_free_units() -> None:
    discount = promotion(BuyXGetY(units(1), units(1), times_per_order=2))
    assert amounts(discount, line(1, SOCKS, "1.00", 20)) == ["2.00"]


def test_a_unit_is_used_by_one_rule_only() -> None:
    rules = (Bundle((units(3),), price=Decimal(20)), Bundle((units(2),), price=Decimal(15)))
    text = "3 for 20.00 EUR: 1 set; 2 for 15.00 EUR: 1 set"
    assert taken(promotion(*rules), line(1, SOCKS, "10.00", 5)) == [("15.00", text)]


def test_currencies_keep_their_scale() -> None:
    discount = promotion(Bundle((units(2),), percentage=Decimal("33.3333")))
    assert taken(discount, line(1, SOCKS, "5", 2), currency="JPY")[0][0] == "3.00"
    assert reductions(discount, [line(1, SOCKS, "0.005", 2)], [Decimal("0.010")], "KWD")[0][0] == Decimal("0.003")


SOME = st.sampled_from([(CAMERA,), (LENS,), (BAG,), (CAMERA, LENS), (LENS, BAG), (CAMERA, LENS, BAG), ()])


@given(
    st.lists(st.tuples(st.sampled_from([CAMERA, LENS, BAG]), st.integers(1, 9)), min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(1, 2), SOME), min_size=1, max_size=3),
    st.integers(0, 20),
)
def test_no_choice_of_sets_costs_less_than_that_of_a_bundle(
    sold: list[tuple[UUID, int]], items: list[tuple[int, tuple[UUID, ...]]], price: int
) -> None:
    """Every choice of units is tried for every number of sets; a bundle with a price finds the highest discount."""
    bundle = Bundle(tuple(units(number, *products) for number, products in items), price=Decimal(price))
    lines = [line(index, product, str(cost)) for index, (product, cost) in enumerate(sold)]
    found = sum(
        amount for amount, _ in reductions(promotion(bundle), lines, [each.unit_price for each in lines], "EUR")
    )
    places = [products for number, products in items for _ in range(number)]
    best = Fraction(0)
    for sets in range(1, len(lines) // len(places) + 1):
        for chosen in combinations(range(len(lines)), sets * len(places)):
            if _fills([sold[index][0] for index in chosen], places * sets):
                best = max(best, Fraction(sum(sold[index][1] for index in chosen) - sets * price))
    assert found == best


def _fills(products: list[UUID], places: list[tuple[UUID, ...]]) -> bool:
    """Whether each product has a place of its own that it fits."""
    if not products:
        return True
    first, *rest = products
    options = {place for place in places if not place or first in place}
    return any(_fills(rest, _without(places, place)) for place in options)


def _without(places: list[tuple[UUID, ...]], place: tuple[UUID, ...]) -> list[tuple[UUID, ...]]:
    index = places.index(place)
    return places[:index] + places[index + 1 :]


@pytest.mark.parametrize(("buy", "get"), [(1, 1), (2, 1), (2, 2), (3, 2)])
@given(quantity=st.integers(1, 60))
def test_a_simple_rule_frees_units_as_two_columns_did(buy: int, get: int, quantity: int) -> None:
    sets, rest = divmod(quantity, buy + get)
    free = sets * get + max(0, rest - buy)
    assert amounts(promotion(simple(buy, get)), line(1, SOCKS, "1.00", quantity)) == [f"{free:.2f}"]
