"""Quotes by example: each type of discount, tax, shipping, and combinations of promotions."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.pricing.models import Quote
from domains.promotion.models import DiscountType, PromotionType
from domains.promotion.promotion_rules.models import simple
from domains.promotion.rules import Buyer, DiscountRule, PricedLine
from tests.domains.pricing.quote_laws import NOW
from tests.domains.pricing.sale_terms import SaleTerms

EUR = SaleTerms()
SHIRTS, CLOTHES = UUID(int=51), UUID(int=50)


def line(number: int, price: str, quantity: int = 1, *categories: UUID) -> PricedLine:
    return PricedLine(UUID(int=number), UUID(int=100 + number), None, frozenset(categories), quantity, Decimal(price))


def promotion(number: int = 1, kind: DiscountType = DiscountType.PERCENTAGE, value: str = "10", **terms: Any) -> Any:
    base = DiscountRule(
        id=UUID(int=number),
        name=f"P{number}",
        code=f"C{number}",
        type=PromotionType.SEASONAL,
        discount_type=kind,
        currency="EUR",
        start_date=NOW - timedelta(days=1),
        discount_value=Decimal(value),
    )
    return replace(base, **terms)


def free(number: int, buy: int, get: int, **terms: Any) -> Any:
    return promotion(number, DiscountType.BUY_X_GET_Y, "0", rules=(simple(buy, get),), **terms)


def total(
    lines: list[PricedLine], *promotions: DiscountRule, terms: SaleTerms = EUR, buyer: Buyer | None = None
) -> Quote:
    return terms.quote(lines, promotions, buyer or Buyer(), NOW)


def discounts(totals: Quote) -> list[str]:
    return [f"{each.discount:.2f}" for each in totals.lines]


def reasons(totals: Quote) -> list[str]:
    return [refusal.reason for refusal in totals.refused]


def test_an_empty_cart_costs_nothing_and_has_no_shipping() -> None:
    totals = total([], promotion(), terms=replace(EUR, flat_shipping=Decimal(5)))
    assert (totals.lines, totals.adjustments) == ((), ())
    assert totals.total == totals.shipping.total == 0
    assert reasons(totals) == ["Nothing in the cart is part of this promotion."]


def test_the_explanation_of_a_discount_names_its_maximum() -> None:
    shipping = promotion(1, DiscountType.FREE_SHIPPING, "0", maximum_discount=Decimal(3))
    terms = replace(EUR, flat_shipping=Decimal(5))

    totals = total([line(1, "100.00")], shipping, promotion(2, maximum_discount=Decimal(4)), terms=terms)

    assert [(each.amount, each.explanation) for each in totals.adjustments] == [
        (Decimal(3), "Free shipping, at most 3.00 EUR in all"),
        (Decimal(4), "10 % off, at most 4.00 EUR in all"),
    ]
    assert totals.lines[0].adjustments == totals.adjustments[1:]


def test_gift_cards_are_neither_shipped_nor_taxed_nor_discounted() -> None:
    terms = replace(EUR, flat_shipping=Decimal(5), tax_rate=Decimal("0.2"), prices_include_tax=False)
    card = replace(line(1, "50.00", 2), is_gift_card=True)

    totals = total([card], promotion(), terms=terms)

    assert totals.subtotal == totals.total == 100
    assert totals.tax == totals.shipping.total == 0
    assert reasons(totals) == ["Nothing in the cart is part of this promotion."]


def test_gift_cards_count_for_no_threshold() -> None:
    terms = replace(EUR, flat_shipping=Decimal(5), free_shipping_threshold=Decimal(60))
    lines = [replace(line(1, "50.00"), is_gift_card=True), line(2, "20.00")]

    totals = total(lines, promotion(min_purchase_amount=Decimal(30)), promotion(2), terms=terms)

    assert discounts(totals) == ["0.00", "2.00"]
    assert (totals.shipping.total, totals.total) == (Decimal(5), Decimal("73.00"))
    assert reasons(totals) == ["It needs a purchase of at least 30.00 EUR."]


def test_a_percentage_of_the_cart_is_rounded_once_and_allocated() -> None:
    totals = total([line(1, "0.05"), line(2, "0.05"), line(3, "0.05")], promotion())
    assert totals.discount == Decimal("0.02")
    assert discounts(totals) == ["0.01", "0.01", "0.00"]


def test_a_percentage_of_some_products_is_rounded_per_line() -> None:
    lines = [line(1, "0.05"), line(2, "0.05"), line(3, "9.00")]
    totals = total(lines, promotion(product_ids=frozenset({lines[0].product_id, lines[1].product_id})))
    assert discounts(totals) == ["0.01", "0.01", "0.00"]


def test_a_fixed_amount_is_allocated_by_largest_remainder() -> None:
    totals = total([line(1, "1"), line(2, "1"), line(3, "1")], promotion(1, DiscountType.FIXED_AMOUNT, "1"))
    assert discounts(totals) == ["0.34", "0.33", "0.33"]
    assert totals.lines[0].adjustments[0].explanation == "1.00 EUR off, shared among 3 lines"
    assert totals.adjustments[0].explanation == "1.00 EUR off"


def test_a_fixed_amount_does_not_exceed_the_subtotal() -> None:
    totals = total([line(1, "3.50", 2)], promotion(1, DiscountType.FIXED_AMOUNT, "50"))
    assert totals.discount == 7
    assert totals.total == 0


@pytest.mark.parametrize(
    ("quantity", "expected"), [(1, "0.00"), (2, "0.00"), (3, "10.00"), (5, "10.00"), (6, "20.00")]
)
def test_one_of_each_three_units_is_free(quantity: int, expected: str) -> None:
    assert discounts(total([line(1, "10.00", quantity)], free(1, 2, 1))) == [expected]


def test_units_beyond_the_bought_ones_of_an_incomplete_set_are_free() -> None:
    assert discounts(total([line(1, "10.00", 3)], free(1, 2, 2))) == ["10.00"]


def test_the_cheapest_units_are_free() -> None:
    totals = total([line(1, "30.00", 2), line(2, "5.00", 1), line(3, "20.00", 3)], free(1, 2, 1))
    assert discounts(totals) == ["0.00", "5.00", "20.00"]
    assert totals.lines[2].adjustments[0].explanation == "Buy 2, get 1 free: 1 free"


def test_free_shipping_discounts_the_shipping_cost() -> None:
    terms = replace(EUR, flat_shipping=Decimal("4.9"))
    totals = total([line(1, "10.00")], promotion(1, DiscountType.FREE_SHIPPING, "0"), terms=terms)
    assert (totals.shipping.total, totals.shipping.discount, totals.total) == (
        Decimal(0),
        Decimal("4.90"),
        Decimal(10),
    )
    assert [(each.amount, each.explanation) for each in totals.adjustments] == [(Decimal("4.90"), "Free shipping")]


def test_free_shipping_is_not_redeemed_where_shipping_is_free() -> None:
    terms = replace(EUR, flat_shipping=Decimal(5), free_shipping_threshold=Decimal(10))
    totals = total([line(1, "10.00")], promotion(1, DiscountType.FREE_SHIPPING, "0"), terms=terms)
    assert (totals.adjustments, reasons(totals)) == ((), ["There is no amount left that it could reduce."])


def test_a_discount_does_not_restore_shipping_costs() -> None:
    terms = replace(EUR, flat_shipping=Decimal(5), free_shipping_threshold=Decimal(10))
    assert total([line(1, "10.00")], promotion(), terms=terms).total == 9
    assert total([line(1, "9.99")], terms=terms).total == Decimal("14.99")


def test_tax_is_computed_after_discounts_and_rounded_half_up() -> None:
    rate = Decimal("0.19")
    included = total([line(1, "119.00")], promotion(), terms=replace(EUR, tax_rate=rate))
    assert (included.tax, included.total) == (Decimal("17.10"), Decimal("107.10"))
    excluded = total([line(1, "100.00")], promotion(), terms=replace(EUR, tax_rate=rate, prices_include_tax=False))
    assert (excluded.tax, excluded.total) == (Decimal("17.10"), Decimal("107.10"))
    half = total([line(1, "0.50")], terms=replace(EUR, tax_rate=Decimal("0.01"), prices_include_tax=False))
    assert half.tax == Decimal("0.01")


def test_a_category_includes_its_subcategories() -> None:
    lines = [line(1, "10.00", 1, SHIRTS, CLOTHES), line(2, "10.00", 1, CLOTHES), line(3, "10.00")]
    assert discounts(total(lines, promotion(category_ids=frozenset({CLOTHES})))) == ["1.00", "1.00", "0.00"]
    assert discounts(total(lines, promotion(category_ids=frozenset({SHIRTS})))) == ["1.00", "0.00", "0.00"]


def test_higher_priority_applies_first_and_the_next_to_the_remaining_amount() -> None:
    fixed = promotion(2, DiscountType.FIXED_AMOUNT, "10", priority=1)
    totals = total([line(1, "100.00")], promotion(), fixed)
    assert [(each.name, each.amount) for each in totals.adjustments] == [("P2", Decimal(10)), ("P1", Decimal(9))]


def test_an_exclusive_promotion_applies_alone_when_it_is_cheaper() -> None:
    totals = total([line(1, "100.00")], promotion(1), promotion(2, value="30", is_exclusive=True), promotion(3))
    assert [each.name for each in totals.adjustments] == ["P2"]
    assert reasons(totals) == ["It cannot be combined with 'P2', which gives the lower total."] * 2


def test_an_exclusive_promotion_yields_to_others_that_are_cheaper_together() -> None:
    exclusive = promotion(2, value="15", is_exclusive=True, priority=9)
    totals = total([line(1, "100.00")], promotion(1), exclusive, promotion(3))
    assert (totals.total, [each.name for each in totals.adjustments]) == (Decimal(81), ["P1", "P3"])
    assert reasons(totals) == ["It cannot be combined with the other discounts, which give the lower total."]


def test_of_two_exclusive_promotions_the_cheaper_applies() -> None:
    first, second = promotion(1, is_exclusive=True, priority=9), promotion(2, value="20", is_exclusive=True)
    assert [each.name for each in total([line(1, "10.00")], first, second).adjustments] == ["P2"]
    same = promotion(2, is_exclusive=True)
    assert [each.name for each in total([line(1, "10.00")], first, same).adjustments] == ["P1"]


def test_an_inapplicable_automatic_promotion_is_not_reported() -> None:
    assert total([line(1, "1.00")], promotion(is_automatic=True, is_active=False)).refused == ()


@pytest.mark.parametrize(
    ("terms", "buyer", "reason"),
    [
        ({"is_active": False}, Buyer(), "It is not active."),
        ({"start_date": NOW + timedelta(seconds=1)}, Buyer(), "It has not begun yet."),
        ({"end_date": NOW}, Buyer(), "It has ended."),
        ({"max_usage_count": 2, "current_usage_count": 2}, Buyer(), "It has been used the maximum number of times."),
        ({"max_usage_per_user": 1}, Buyer(uses={UUID(int=1): 1}), "You have used it already."),
        ({"max_usage_per_user": 2}, Buyer(uses={UUID(int=1): 2}), "You have used it 2 times already."),
        ({"type": PromotionType.WELCOME}, Buyer(paid_orders=1), "It is for a first order."),
        ({"type": PromotionType.WELCOME}, Buyer(uses={UUID(int=1): 1}), "You have used it already."),
        (
            {"type": PromotionType.LOYALTY, "required_orders": 3},
            Buyer(UUID(int=7), paid_orders=2),
            "It is for customers with 3 paid orders or more.",
        ),
        (
            {"type": PromotionType.LOYALTY, "required_orders": 3},
            Buyer(mailbox="a@example.com", paid_orders=2),
            "It is for customers with 3 paid orders or more.",
        ),
        ({"type": PromotionType.LOYALTY, "required_orders": 3}, Buyer(), "Confirm your e-mail address to use it."),
        ({"type": PromotionType.WELCOME}, Buyer(paid_orders=2, unconfirmed_orders=1), "It is for a first order."),
        ({"type": PromotionType.WELCOME}, Buyer(spent={UUID(int=1): "It is spent."}), "It is spent."),
        ({"min_purchase_amount": Decimal("10.0001")}, Buyer(), "It needs a purchase of at least 10.00 EUR."),
        ({"currency": "USD"}, Buyer(), "It is in USD, not in EUR."),
        ({"product_ids": frozenset({UUID(int=9)})}, Buyer(), "Nothing in the cart is part of this promotion."),
    ],
)
def test_an_inapplicable_code_is_refused_with_its_reason(terms: dict[str, Any], buyer: Buyer, reason: str) -> None:
    totals = total([line(1, "10.00")], promotion(1, **terms), buyer=buyer)
    assert totals.adjustments == ()
    assert totals.discount == 0
    assert [(each.code, each.reason) for each in totals.refused] == [("C1", reason)]


def test_a_promotion_applies_from_its_start_until_its_end() -> None:
    just = promotion(1, start_date=NOW, end_date=NOW + timedelta(microseconds=1), min_purchase_amount=Decimal(10))
    assert total([line(1, "10.00")], just).discount == 1


def test_loyalty_counts_paid_orders() -> None:
    loyal = promotion(1, type=PromotionType.LOYALTY, required_orders=3)
    assert total([line(1, "10.00")], loyal, buyer=Buyer(paid_orders=3)).discount == 1
