"""Amounts as Stripe writes them: whole numbers of a currency's unit, which is not always its minor unit."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from domains.kernel.values.currencies import exponent_of
from domains.kernel.values.money import Money, round_half_up

# By the decimals that Stripe writes. HUF and TWD have none in payouts only.
_CODES: Final[Mapping[int, str]] = {
    0: "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF",
    2: """
       AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CNY COP CRC CVE
       CZK DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR ISK JMD KES KGS KHR KYD
       KZT LAK LBP LKR LRD LSL MAD MDL MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP
       PKR PLN QAR RON RSD RUB SAR SBD SCR SEK SGD SHP SLE SOS SRD STN SVC SZL THB TJS TOP TRY TTD TWD TZS UAH UGX USD
       UYU UZS WST XCD XCG YER ZAR ZMW
       """,
    3: "BHD JOD KWD OMR TND",
}
PLACES: Final[Mapping[str, int]] = {code: places for places, codes in _CODES.items() for code in codes.split()}
# Amounts must be multiples of these: ISK and UGX have lost their decimals, which must be 00, and the last of three
# decimals must be 0.
STEPS: Final[Mapping[str, int]] = {"ISK": 100, "UGX": 100} | {
    code: 10 for code, places in PLACES.items() if places == 3
}


class AmountNotTaken(Exception):
    """Stripe does not take the currency, or not this amount of it. The message is for the buyer."""


def to_units(money: Money) -> int:
    """The amount as Stripe takes it. Raises AmountNotTaken."""
    if money.currency not in PLACES:
        raise AmountNotTaken(f"Payments in {money.currency} are not possible with this payment method.")
    places, step = PLACES[money.currency], STEPS.get(money.currency, 1)
    units = money.amount.scaleb(places)
    if units % step:
        multiple = Decimal(step).scaleb(-places).normalize()
        raise AmountNotTaken(
            f"An amount in {money.currency} must be a multiple of {multiple:f} with this payment method."
        )
    return int(units)


def from_units(units: int, currency: str) -> Money:
    """The money of an amount of Stripe, whose currency may be in small letters."""
    code = currency.upper()
    exact = Decimal(units).scaleb(-PLACES.get(code, exponent_of(code)))
    rounded = round_half_up(exact, code)
    return Money(rounded if rounded == exact else exact, code)
