"""Amounts are written as PayPal takes them, and read back exactly."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.kernel.values.currencies import EXPONENTS
from domains.kernel.values.money import Money, minor_unit
from gateway.providers.paypal.amounts import PLACES, AmountNotSupported, read, written


@given(st.sampled_from(sorted(PLACES)), st.integers(0, 10**14))
def test_every_amount_that_paypal_takes_is_read_back_exactly(currency: str, units: int) -> None:
    money = Money(Decimal(units).scaleb(-PLACES[currency]), currency)
    given_amount = written(money)
    assert read(given_amount) == money
    assert len(given_amount["value"].partition(".")[2]) == PLACES[currency]
    assert read(given_amount).amount.same_quantum(minor_unit(currency))


@pytest.mark.parametrize(
    ("amount", "currency", "value"),
    [
        ("19.9", "EUR", "19.90"),
        ("1E+3", "USD", "1000.00"),
        ("1000", "JPY", "1000"),
        ("1000.00", "HUF", "1000"),
        ("250.00", "TWD", "250"),
        ("0.01", "GBP", "0.01"),
    ],
)
def test_amounts_have_the_decimals_that_paypal_takes(amount: str, currency: str, value: str) -> None:
    assert written(Money(Decimal(amount), currency)) == {"currency_code": currency, "value": value}


@pytest.mark.parametrize(("amount", "currency"), [("10.50", "HUF"), ("0.5", "TWD"), ("1.001", "EUR"), ("0.1", "JPY")])
def test_an_amount_is_never_rounded(amount: str, currency: str) -> None:
    with pytest.raises(AmountNotSupported, match=currency):
        written(Money(Decimal(amount), currency))


def test_other_currencies_are_refused() -> None:
    for currency in set(EXPONENTS) - set(PLACES):
        with pytest.raises(AmountNotSupported, match=currency):
            written(Money(Decimal(1), currency))
    assert len(PLACES) == 24


@pytest.mark.parametrize(
    ("currency", "value"),
    [("EUR", "one"), ("EUR", "NaN"), ("EUR", "Infinity"), ("EUR", "1.001"), ("EUR", "1" * 33), ("EUR", 1), (1, "1")],
)
def test_an_amount_that_cannot_be_read_is_refused(currency: object, value: object) -> None:
    with pytest.raises(ValueError, match="amount of PayPal"):
        read({"currency_code": currency, "value": value})
