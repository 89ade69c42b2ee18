"""Amounts as PayPal writes them: decimal strings, in the currencies that PayPal takes."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from domains.kernel.values.currencies import exponent_of
from domains.kernel.values.money import Money

# The decimal places that PayPal takes in its currencies, which for HUF and TWD are fewer than the currency has.
PLACES: Final = {
    **dict.fromkeys(("AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "ILS", "MXN"), 2),
    **dict.fromkeys(("MYR", "NOK", "NZD", "PHP", "PLN", "SEK", "SGD", "THB", "USD"), 2),
    **dict.fromkeys(("HUF", "JPY", "TWD"), 0),
}
MAX_DIGITS: Final = 32  # of an amount, by PayPal's schema


class AmountNotSupported(ValueError):
    """PayPal cannot take this amount: its currency, or its decimals."""


def places_of(currency: str) -> int:
    """The decimal places that PayPal takes in a currency. Raises AmountNotSupported for one that it does not take."""
    if currency not in PLACES:
        raise AmountNotSupported(f"PayPal does not take payments in {currency}. Choose another way to pay.")
    return PLACES[currency]


def written(money: Money) -> dict[str, str]:
    """An amount for PayPal. Raises AmountNotSupported when it would have to be rounded."""
    places = places_of(money.currency)
    exact = money.amount.quantize(Decimal(1).scaleb(-places))
    if exact != money.amount:
        raise AmountNotSupported(
            f"PayPal takes at most {places} decimal places in {money.currency}. Choose another way to pay."
        )
    return {"currency_code": money.currency, "value": f"{exact:f}"}


def read(amount: Mapping[str, Any]) -> Money:
    """An amount of PayPal at the currency's scale. Raises ValueError or KeyError when it is not one."""
    currency, value = amount["currency_code"], amount["value"]
    if not (isinstance(currency, str) and isinstance(value, str) and len(value) <= MAX_DIGITS):
        raise ValueError("An amount of PayPal is not a text.")
    try:
        given = Decimal(value)
        exact = given.quantize(Decimal(1).scaleb(-exponent_of(currency)))
    except InvalidOperation:
        raise ValueError("An amount of PayPal is not a number.") from None
    if exact != given:
        raise ValueError("An amount of PayPal is finer than its currency.")
    return Money(exact, currency)
