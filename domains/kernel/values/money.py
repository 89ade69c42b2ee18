"""Money: an amount with its currency, rounding to the minor unit, and allocation without a remainder."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from math import lcm
from typing import Self

from domains.kernel.errors import OutOfRange, TooManyDecimals
from domains.kernel.values.currencies import exponent_of

MAX_AMOUNT = Decimal(10) ** 15
MAX_DECIMALS = 4  # of a stored amount


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount of one currency (ISO 4217 code)."""

    amount: Decimal
    currency: str

    def __add__(self, other: Self) -> "Money":
        """The sum; raises ValueError when the currencies differ."""
        return Money(self.amount + self._require_same_currency(other).amount, self.currency)

    def __sub__(self, other: Self) -> "Money":
        """The difference; raises ValueError when the currencies differ."""
        return Money(self.amount - self._require_same_currency(other).amount, self.currency)

    def rounded(self) -> "Money":
        """This amount at the currency's minor unit, half up."""
        return Money(round_half_up(self.amount, self.currency), self.currency)

    def shown(self) -> Decimal:
        """The amount for display: at the currency's minor unit, or exactly when it has more decimals."""
        rounded = round_half_up(self.amount, self.currency)
        return rounded if rounded == self.amount else self.amount.normalize()

    def _require_same_currency(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"{other.currency} cannot be added to {self.currency}")
        return other


@cache
def minor_unit(currency: str) -> Decimal:
    """The smallest amount of a currency: 0.01 EUR, 1 JPY, 0.001 KWD."""
    return Decimal(1).scaleb(-exponent_of(currency))


def round_half_up(amount: Decimal, currency: str) -> Decimal:
    """An amount rounded half up to the currency's minor unit."""
    return amount.quantize(minor_unit(currency), rounding=ROUND_HALF_UP)


def require_amount(amount: Decimal, currency: str, *, field: Sequence[str] = ()) -> Decimal:
    """The amount, at the currency's scale.

    Raises OutOfRange when it is negative, not a number or above 10^15, TooManyDecimals when it is finer than the
    currency's minor unit.
    """
    return _at_scale(amount, currency, exponent_of(currency), field)


@dataclass(frozen=True, slots=True)
class UnitPrices:
    """The rule of a company's unit prices: their currency and highest number of decimals."""

    currency: str
    decimals: int

    @classmethod
    def of(cls, currency: str, decimals: int | None) -> Self:
        """The rule for this currency and setting, with at least the decimals of the currency."""
        currency_decimals = exponent_of(currency)
        return cls(currency, currency_decimals if decimals is None else max(currency_decimals, decimals))

    def require(self, amount: Decimal, *, field: Sequence[str] = ()) -> Decimal:
        """The price. Raises as `require_amount`, but with the decimals of this rule."""
        return _at_scale(amount, self.currency, self.decimals, field)


def _at_scale(amount: Decimal, currency: str, places: int, field: Sequence[str]) -> Decimal:
    if not amount.is_finite() or amount < 0 or amount >= MAX_AMOUNT:
        raise OutOfRange(f"An amount must be between 0 and {MAX_AMOUNT:f}.", field=field)
    exact = amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    if exact != amount:
        raise TooManyDecimals(f"An amount in {currency} has at most {places} decimal places.", field=field)
    return exact


def allocate(total: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Split a total over weights by largest remainder: the parts add up to the total exactly.

    `total` is at the currency's scale and not negative; weights are not negative and not all zero (a zero total
    may have any). Ties go to the earlier part.
    """
    if total == 0:
        return [Decimal(0)] * len(weights)
    unit = minor_unit(currency)
    units = int(total / unit)
    ratios = [weight.as_integer_ratio() for weight in weights]
    common_denominator = lcm(*(denominator for _, denominator in ratios))
    integer_weights = [numerator * (common_denominator // denominator) for numerator, denominator in ratios]
    total_weight = sum(integer_weights)
    shares = [divmod(units * weight, total_weight) for weight in integer_weights]
    parts = [part for part, _ in shares]
    by_remainder = sorted(range(len(parts)), key=lambda i: (-shares[i][1], i))
    for index in by_remainder[: units - sum(parts)]:
        parts[index] += 1
    return [part * unit for part in parts]
