"""Money: rounding and allocation lose nothing, at every scale of a currency."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domains.kernel.errors import InvalidInput
from domains.kernel.values.money import MAX_AMOUNT, Money, allocate, minor_unit, require_amount, round_half_up

UNITS = {"JPY": Decimal(1), "EUR": Decimal("0.01"), "KWD": Decimal("0.001"), "CLF": Decimal("0.0001")}
currencies = st.sampled_from(sorted(UNITS))
amounts = st.decimals(min_value=0, max_value=MAX_AMOUNT - 1, places=4)
weights = st.lists(
    st.decimals(min_value=0, max_value=10**12, allow_nan=False, allow_infinity=False, places=4),
    min_size=1,
    max_size=40,
)


@pytest.mark.parametrize(("currency", "unit"), UNITS.items())
def test_minor_units_are_those_of_iso_4217(currency: str, unit: Decimal) -> None:
    assert minor_unit(currency) == unit


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("0.5", "JPY", "1"),
        ("1.5", "JPY", "2"),
        ("2.5", "JPY", "3"),
        ("0.005", "EUR", "0.01"),
        ("0.0049", "EUR", "0.00"),
        ("0.015", "EUR", "0.02"),
        ("0.0005", "KWD", "0.001"),
        ("0.0004", "KWD", "0.000"),
    ],
)
def test_halves_are_rounded_up_and_never_to_even(amount: str, currency: str, rounded: str) -> None:
    assert str(round_half_up(Decimal(amount), currency)) == rounded


@given(amount=amounts, currency=currencies)
def test_rounding_changes_an_amount_by_at_most_half_a_unit(amount: Decimal, currency: str) -> None:
    rounded = round_half_up(amount, currency)
    assert abs(rounded - amount) * 2 <= UNITS[currency]
    assert rounded % UNITS[currency] == 0
    assert round_half_up(rounded, currency) == rounded


@given(left=amounts, right=amounts, currency=currencies)
def test_subtraction_reverses_addition(left: Decimal, right: Decimal, currency: str) -> None:
    total = Money(left, currency) + Money(right, currency)
    assert total - Money(right, currency) == Money(left, currency)


def test_amounts_of_two_currencies_cannot_be_combined() -> None:
    with pytest.raises(ValueError, match="EUR cannot be added to JPY"):
        Money(Decimal(1), "JPY") + Money(Decimal(1), "EUR")
    with pytest.raises(ValueError, match="EUR cannot be added to JPY"):
        Money(Decimal(1), "JPY") - Money(Decimal(1), "EUR")


@given(units=st.integers(0, 10**14), currency=currencies)
def test_an_amount_at_the_currencys_scale_is_accepted_unchanged(units: int, currency: str) -> None:
    amount = units * UNITS[currency]
    assert require_amount(amount, currency) == amount


@given(amount=amounts, currency=currencies)
def test_an_amount_finer_than_the_minor_unit_is_refused(amount: Decimal, currency: str) -> None:
    assume(amount % UNITS[currency] != 0)
    with pytest.raises(InvalidInput, match="decimal places"):
        require_amount(amount, currency, field=("price",))


@pytest.mark.parametrize("amount", ["-0.01", "1e15", "1e999999", "NaN", "sNaN", "Infinity", "-Infinity"])
def test_an_amount_out_of_range_is_refused(amount: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        require_amount(Decimal(amount), "EUR", field=("price",))
    assert caught.value.field == ("price",)


def test_an_unknown_currency_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match="'EUX' is not a currency code"):
        minor_unit("EUX")


@given(units=st.integers(0, 10**17), weights=weights, currency=currencies)
def test_parts_add_up_to_the_whole(units: int, weights: list[Decimal], currency: str) -> None:
    assume(any(weights))
    total = units * UNITS[currency]
    parts = allocate(total, weights, currency)
    assert len(parts) == len(weights)
    assert sum(map(Fraction, parts), Fraction(0)) == Fraction(total)


@given(units=st.integers(0, 10**17), weights=weights, currency=currencies)
def test_a_part_differs_by_less_than_a_unit_from_its_exact_share(
    units: int, weights: list[Decimal], currency: str
) -> None:
    assume(any(weights))
    unit = Fraction(UNITS[currency])
    whole = sum(map(Fraction, weights), Fraction(0))
    for part, weight in zip(allocate(units * UNITS[currency], weights, currency), weights, strict=True):
        share = units * unit * Fraction(weight) / whole
        assert abs(Fraction(part) - share) < unit
        assert Fraction(part) % unit == 0


@given(units=st.integers(0, 10**9), weights=weights, currency=currencies)
def test_a_zero_weight_gets_zero_and_a_larger_weight_never_less(
    units: int, weights: list[Decimal], currency: str
) -> None:
    assume(any(weights))
    parts = allocate(units * UNITS[currency], weights, currency)
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)
    in_order = sorted(zip(weights, parts, strict=True))
    assert [part for _, part in in_order] == sorted(parts)


def test_ties_go_to_the_earlier_part() -> None:
    thirds = [Decimal(1)] * 3
    assert allocate(Decimal(1), thirds, "JPY") == [1, 0, 0]
    assert allocate(Decimal("0.02"), thirds, "EUR") == [Decimal("0.01"), Decimal("0.01"), 0]
    assert allocate(Decimal("0.005"), thirds, "KWD") == [Decimal("0.002"), Decimal("0.002"), Decimal("0.001")]


def test_weights_of_very_different_size_are_not_rounded() -> None:
    weights = [Decimal(10) ** 20, Decimal("1e-12")]
    assert allocate(Decimal("0.01"), weights, "EUR") == [Decimal("0.01"), 0]
    assert allocate(Decimal(0), [Decimal(0), Decimal(0)], "EUR") == [0, 0]
