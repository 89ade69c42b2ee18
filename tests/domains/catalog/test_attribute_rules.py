"""Attribute rules of categories and the values of products: pure rules."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.catalog.categories.attributes import (
    AttributeRule,
    AttributeValue,
    effective_rules,
    require_rule,
    require_values,
)
from domains.catalog.data import AttributeType
from domains.catalog.errors import AttributeInvalid, AttributeMissing
from domains.kernel.errors import InvalidInput
from domains.kernel.text.validation import Required, TooLong

PATH = ("attributes",)


def rule(
    type: AttributeType, name: str = "Size", *, required: bool = False, options: tuple[str, ...] = ()
) -> AttributeRule:
    return AttributeRule(name, type, required, is_filterable=True, options=options)


def answer(of: AttributeRule, value: str) -> str:
    (stored,) = require_values(effective_rules([[of]]), [AttributeValue(of.name, value)], field=PATH)
    return stored.value


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("1", "1"),
        ("1.50", "1.5"),
        ("-0.50", "-0.5"),
        ("-0", "0"),
        ("1e3", "1000"),
        ("007", "7"),
        (" 3 ", "3"),
        ("100", "100"),
    ],
)
def test_a_number_is_stored_without_superfluous_digits(given: str, stored: str) -> None:
    assert answer(rule(AttributeType.NUMBER), given) == stored


@pytest.mark.parametrize("given", ["x", "1,5", "NaN", "Infinity", "1e15", "0.0000000000001", "--1", "1e999999"])
def test_an_invalid_number_is_refused(given: str) -> None:
    with pytest.raises(AttributeInvalid):
        answer(rule(AttributeType.NUMBER), given)


@given(st.decimals(min_value=-(10**14), max_value=10**14, places=6, allow_nan=False))
def test_any_number_keeps_its_value(number: Decimal) -> None:
    assert Decimal(answer(rule(AttributeType.NUMBER), str(number))) == number


@pytest.mark.parametrize(("given", "stored"), [("true", "true"), ("YES", "true"), ("0", "false"), ("No", "false")])
def test_a_boolean_is_stored_as_true_or_false(given: str, stored: str) -> None:
    assert answer(rule(AttributeType.BOOLEAN), given) == stored


def test_an_invalid_boolean_is_refused() -> None:
    with pytest.raises(AttributeInvalid):
        answer(rule(AttributeType.BOOLEAN), "maybe")


def test_a_selection_is_stored_in_the_spelling_of_its_option() -> None:
    colours = rule(AttributeType.SELECT, options=("Red", "Rosé"))
    assert [answer(colours, value) for value in ("Red", "red", "ROSE\u0301")] == ["Red", "Red", "Rosé"]
    with pytest.raises(AttributeInvalid, match="Red, Rosé"):
        answer(colours, "rose")


def test_an_attribute_without_a_rule_is_stored_as_text() -> None:
    stored = require_values({}, [AttributeValue(" Origin ", " Peru ", " ")], field=PATH)
    assert stored == [AttributeValue("Origin", "Peru", None)]


def test_a_missing_required_attribute_is_refused() -> None:
    rules = effective_rules([[rule(AttributeType.TEXT, "Size", required=True)], [rule(AttributeType.TEXT, "Fit")]])
    with pytest.raises(AttributeMissing, match="Size"):
        require_values(rules, [AttributeValue("Fit", "Slim")], field=PATH)
    with pytest.raises(Required):
        require_values(rules, [AttributeValue("Size", "  ")], field=PATH)


def test_a_rule_of_the_nearer_category_overrides_the_same_name() -> None:
    rules = effective_rules([[rule(AttributeType.NUMBER, "Size", required=True)], [rule(AttributeType.TEXT, "SIZE")]])
    assert require_values(rules, [], field=PATH) == []
    assert require_values(rules, [AttributeValue("size", "big")], field=PATH) == [AttributeValue("SIZE", "big")]


def test_too_many_too_long_and_duplicate_attributes_are_refused() -> None:
    with pytest.raises(InvalidInput, match="at most 100"):
        require_values({}, [AttributeValue(str(number), "x") for number in range(101)], field=PATH)
    with pytest.raises(TooLong):
        require_values({}, [AttributeValue("Size", "x" * 501)], field=PATH)
    with pytest.raises(InvalidInput, match="twice"):
        require_values({}, [AttributeValue("Size", "1"), AttributeValue("SIZE", "2")], field=PATH)


def test_a_rule_is_normalized() -> None:
    asked = require_rule(rule(AttributeType.SELECT, " Size ", options=(" S ", "M")), field=())
    assert (asked.name, asked.options) == ("Size", ("S", "M"))
    with pytest.raises(InvalidInput, match="at most 200"):
        require_rule(rule(AttributeType.SELECT, options=tuple(map(str, range(201)))), field=())
