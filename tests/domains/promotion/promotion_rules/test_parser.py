"""Rules as they are given: contradictions and unknown, missing or excessive values are refused with their path."""

from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.errors import DomainError
from domains.kernel.validation import errors_of
from domains.promotion.models import DiscountType
from domains.promotion.promotion_rules.models import (
    Bundle,
    BuyXGetY,
    Tier,
    UnitSelection,
    VolumeDiscount,
    VolumeScope,
)
from domains.promotion.promotion_rules.parser import parsed
from domains.promotion.promotion_rules.stored import of_columns, to_columns
from tests.domains.pricing.random_rules import random_rules

BXGY, BUNDLE, VOLUME = DiscountType.BUY_X_GET_Y, DiscountType.BUNDLE, DiscountType.VOLUME_DISCOUNT
ONE, TWO = {"quantity": 1}, {"quantity": 2}
PAIR = {"items": [ONE, ONE]}
VOLUME_TIER = {"from_quantity": 2, "percentage": 5}
DEEP: Any = None
for _ in range(10_000):
    DEEP = [DEEP]


def refusals(given: Any, discount_type: DiscountType, currency: str = "EUR") -> list[str]:
    with pytest.raises(DomainError) as refused:
        parsed(given, discount_type, currency)
    return [f"{error.code} {'.'.join(error.field)}" for error in errors_of(refused.value)]


def buy_one(name: str, value: Any) -> dict[str, Any]:
    return {"buy_x_get_y": {"buy": ONE, "get": ONE, name: value}}


def pair_of(product_ids: Any) -> dict[str, Any]:
    return {"bundle": {"items": [{**TWO, "product_ids": product_ids}], "price": 5}}


def tiers(*given: dict[str, Any]) -> dict[str, Any]:
    return {"volume_discount": {"tiers": list(given)}}


@pytest.mark.parametrize(
    ("discount_type", "rule", "refusal"),
    [
        (BXGY, {}, "REQUIRED"),
        (BXGY, {"buy_x_get_y": {"buy": ONE}}, "REQUIRED buy_x_get_y.get"),
        (BXGY, {"buy_x_get_y": {"buy": ONE, "get": {"quantity": 0}}}, "OUT_OF_RANGE buy_x_get_y.get.quantity"),
        (BXGY, {"buy_x_get_y": {"buy": {}, "get": ONE}}, "REQUIRED buy_x_get_y.buy.quantity"),
        (BXGY, buy_one("percentage", 101), "OUT_OF_RANGE buy_x_get_y.percentage"),
        (BXGY, buy_one("percentage", 1.5), "INVALID buy_x_get_y.percentage"),
        (
            BXGY,
            buy_one("percentage", "sNaN"),
            "OUT_OF_RANGE buy_x_get_y.percentage",
        ),
        (
            BXGY,
            buy_one("times_per_order", 0),
            "OUT_OF_RANGE buy_x_get_y.times_per_order",
        ),
        (BXGY, buy_one("priority", True), "INVALID buy_x_get_y.priority"),
        (BXGY, buy_one("free", True), "INVALID buy_x_get_y.free"),
        (BXGY, {"bundle": PAIR}, "NOT_APPLICABLE bundle"),
        (BUNDLE, {"bundle": {**PAIR}}, "REQUIRED bundle.price"),
        (BUNDLE, {"bundle": {**PAIR, "price": 5, "percentage": 5}}, "NOT_APPLICABLE bundle.percentage"),
        (BUNDLE, {"bundle": {**PAIR, "price": -1}}, "OUT_OF_RANGE bundle.price"),
        (BUNDLE, {"bundle": {**PAIR, "price": "1.001"}}, "TOO_MANY_DECIMALS bundle.price"),
        (BUNDLE, {"bundle": {**PAIR, "price": "five"}}, "INVALID bundle.price"),
        (BUNDLE, {"bundle": {**PAIR, "amount_off": 0}}, "OUT_OF_RANGE bundle.amount_off"),
        (BUNDLE, {"bundle": {"items": [], "price": 5}}, "REQUIRED bundle.items"),
        (BUNDLE, {"bundle": {"items": [ONE], "price": 5}}, "OUT_OF_RANGE bundle.items"),
        (BUNDLE, {"bundle": {"items": [{"quantity": 999}, ONE], "price": 5}}, "OUT_OF_RANGE bundle.items"),
        (BUNDLE, {"bundle": {"items": [ONE] * 9, "price": 5}}, "TOO_MANY bundle.items"),
        (BUNDLE, {"bundle": {"items": {"0": ONE}, "price": 5}}, "INVALID bundle.items"),
        (BUNDLE, {"bundle": {"items": [TWO, DEEP], "price": 5}}, "INVALID bundle.items.1"),
        (
            BUNDLE,
            pair_of(["x"]),
            "INVALID bundle.items.0.product_ids.0",
        ),
        (
            BUNDLE,
            pair_of("x"),
            "INVALID bundle.items.0.product_ids",
        ),
        (
            BUNDLE,
            pair_of([UUID(int=1)] * 251),
            "TOO_MANY bundle.items.0.product_ids",
        ),
        (VOLUME, {"volume_discount": {}}, "REQUIRED volume_discount.tiers"),
        (VOLUME, tiers({"from_quantity": 2}), "REQUIRED volume_discount.tiers.0.percentage"),
        (VOLUME, tiers({"from_quantity": 0, "percentage": 5}), "OUT_OF_RANGE volume_discount.tiers.0.from_quantity"),
        (
            VOLUME,
            tiers({"from_quantity": 2, "percentage": 5, "unit_price": 5}),
            "NOT_APPLICABLE volume_discount.tiers.0.unit_price",
        ),
        (
            VOLUME,
            tiers({"from_quantity": 9, "percentage": 5}, {"from_quantity": 9, "percentage": 6}),
            "INVALID volume_discount.tiers.1.from_quantity",
        ),
        (
            VOLUME,
            tiers({"from_quantity": 9, "percentage": 5}, {"from_quantity": 2, "percentage": 6}),
            "INVALID volume_discount.tiers.1.from_quantity",
        ),
        (
            VOLUME,
            tiers({"from_quantity": 2, "percentage": 5}, {"from_quantity": 9, "percentage": 5}),
            "INVALID volume_discount.tiers.1.percentage",
        ),
        (
            VOLUME,
            tiers({"from_quantity": 2, "unit_price": 5}, {"from_quantity": 9, "unit_price": 6}),
            "INVALID volume_discount.tiers.1.unit_price",
        ),
        (
            VOLUME,
            tiers({"from_quantity": 2, "percentage": 5}, {"from_quantity": 9, "unit_price": 6}),
            "INVALID volume_discount.tiers.1.percentage",
        ),
        (
            VOLUME,
            {"volume_discount": {"tiers": [VOLUME_TIER], "scope": "CART"}},
            "INVALID volume_discount.scope",
        ),
    ],
)
def test_a_rule_that_contradicts_itself_is_refused(discount_type: DiscountType, rule: Any, refusal: str) -> None:
    code, _, path = refusal.partition(" ")
    assert refusals([rule], discount_type) == [f"{code} rules.0.{path}".rstrip(".")]


def test_rules_are_a_short_list_of_objects() -> None:
    assert refusals([], BUNDLE) == ["REQUIRED rules"]
    assert refusals("bundle", BUNDLE) == ["INVALID rules"]
    assert refusals(["bundle"], BUNDLE) == ["INVALID rules.0"]
    assert refusals([{"bundle": PAIR}] * 11, BUNDLE) == ["TOO_MANY rules"]


def test_all_errors_are_reported_at_once() -> None:
    wrong = {"bundle": {"items": [{"quantity": 0}, {"quantity": "2"}], "times_per_order": 0}}
    assert refusals([wrong, {"bundle": {**PAIR, "percentage": 0}}], BUNDLE) == [
        "OUT_OF_RANGE rules.0.bundle.items.0.quantity",
        "INVALID rules.0.bundle.items.1.quantity",
        "REQUIRED rules.0.bundle.price",
        "OUT_OF_RANGE rules.0.bundle.times_per_order",
        "OUT_OF_RANGE rules.1.bundle.percentage",
    ]


def test_rules_are_read_in_the_order_in_which_they_apply() -> None:
    product = UUID(int=7)
    first = {"buy": {"quantity": 1, "product_ids": [str(product)]}, "get": TWO, "percentage": "50", "priority": -1}
    assert parsed([{"buy_x_get_y": first}, {"buy_x_get_y": {"buy": ONE, "get": ONE}}], BXGY, "EUR") == (
        BuyXGetY(UnitSelection(1), UnitSelection(1)),
        BuyXGetY(UnitSelection(1, frozenset({product})), UnitSelection(2), Decimal(50), priority=-1),
    )
    assert parsed([{"bundle": {**PAIR, "price": "5", "percentage": None}}], BUNDLE, "EUR") == (
        Bundle((UnitSelection(1), UnitSelection(1)), price=Decimal("5.00")),
    )
    volume = {"volume_discount": {"tiers": [{"from_quantity": 2, "unit_price": "4.9950"}], "scope": "ALL"}}
    assert parsed([volume], VOLUME, "EUR") == (
        VolumeDiscount((Tier(2, unit_price=Decimal("4.9950")),), VolumeScope.ALL),
    )


@pytest.mark.parametrize("discount_type", [BXGY, BUNDLE, VOLUME])
def test_a_stored_rule_is_the_rule(discount_type: DiscountType) -> None:
    for seed in range(200):
        for rule in random_rules(Random(seed), discount_type, "EUR"):  # noqa: S311 - nothing here is secret
            assert of_columns(*to_columns(rule), rule.priority) == rule
