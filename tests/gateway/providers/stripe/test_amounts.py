"""Amounts as Stripe writes them: each currency's rule, exactly, and refusals of what Stripe does not take."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.kernel.values.currencies import EXPONENTS
from domains.kernel.values.money import Money, minor_unit
from gateway.providers.stripe.amounts import PLACES, STEPS, AmountNotTaken, from_units, to_units


@pytest.mark.parametrize(
    ("amount", "currency", "units"),
    [
        ("19.90", "EUR", 1990),
        ("0.01", "USD", 1),
        ("500", "JPY", 500),
        ("12000", "VND", 12000),
        ("5", "ISK", 500),
        ("5", "UGX", 500),
        ("10.45", "HUF", 1045),
        ("10.45", "TWD", 1045),
        ("5.120", "KWD", 5120),
        ("5.12", "BHD", 5120),
        ("300.00", "MGA", 300),
        ("999999.99", "USD", 99999999),
    ],
)
def test_an_amount_is_a_whole_number_of_the_unit_of_its_currency(amount: str, currency: str, units: int) -> None:
    money = Money(Decimal(amount), currency)
    assert to_units(money) == units
    back = from_units(units, currency.lower())
    assert back == money
    assert back.amount.as_tuple().exponent == minor_unit(currency).as_tuple().exponent


@pytest.mark.parametrize(
    ("amount", "currency", "message"),
    [
        ("5.124", "KWD", "An amount in KWD must be a multiple of 0.01 with this payment method."),
        ("0.001", "TND", "An amount in TND must be a multiple of 0.01 with this payment method."),
        ("300.20", "MGA", "An amount in MGA must be a multiple of 1 with this payment method."),
        ("1", "LYD", "Payments in LYD are not possible with this payment method."),
        ("1", "KPW", "Payments in KPW are not possible with this payment method."),
        ("1.005", "EUR", "An amount in EUR must be a multiple of 0.01 with this payment method."),
    ],
)
def test_an_amount_that_stripe_does_not_take_is_refused(amount: str, currency: str, message: str) -> None:
    with pytest.raises(AmountNotTaken) as refused:
        to_units(Money(Decimal(amount), currency))
    assert str(refused.value) == message


def test_every_currency_of_stripe_is_one_of_iso_4217() -> None:
    assert set(PLACES) - set(EXPONENTS) == set()
    assert len(PLACES) == 140


@given(st.sampled_from(sorted(PLACES)), st.integers(0, 10**9))
def test_each_amount_of_stripe_is_converted_there_and_back(currency: str, steps: int) -> None:
    units = steps * STEPS.get(currency, 1)
    money = from_units(units, currency)
    assert (to_units(money), money.currency) == (units, currency)
    assert from_units(to_units(money), currency) == money


@given(st.sampled_from(sorted(PLACES)), st.integers(0, 10**9))
def test_an_amount_at_the_scale_of_its_currency_is_exact_or_refused(currency: str, minor_units: int) -> None:
    money = Money(minor_units * minor_unit(currency), currency)
    try:
        units = to_units(money)
    except AmountNotTaken:
        assert currency == "MGA" or EXPONENTS[currency] == 3
    else:
        assert from_units(units, currency) == money
