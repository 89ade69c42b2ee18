"""The weight and the dimensions of a unit of a product: kilograms and centimetres; pure."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from domains.kernel.errors import OutOfRange, TooManyDecimals
from domains.kernel.text.validation import label

MAX_WEIGHT: Final = 100_000  # kg
MAX_LENGTH: Final = 100_000  # cm
WEIGHT_DECIMALS: Final = 3
GRAM: Final = Decimal(1).scaleb(-WEIGHT_DECIMALS)  # in kilograms
LENGTH_DECIMALS: Final = 1
MEASURES: Final = ("weight", "length", "width", "height")
"""The columns of weight and dimensions, of products and of variants."""


def require_weight(value: Decimal | None, field: Sequence[str] = ("weight",)) -> Decimal | None:
    """The weight in kilograms, at three decimals; None for an unknown one.

    Raises OutOfRange unless it is from 0 to 100,000 kg, TooManyDecimals below a gram.
    """
    if value is None:
        return None
    if not value.is_finite() or not 0 <= value <= MAX_WEIGHT:
        raise OutOfRange(f"{label(field)} is in kilograms, from 0 to {MAX_WEIGHT:,}.", field=field)
    return _exactly(value, WEIGHT_DECIMALS, field, "kilograms")


def require_length(value: Decimal | None, field: Sequence[str]) -> Decimal | None:
    """A length in centimetres, at one decimal; None for an unknown one.

    Raises OutOfRange unless it is above 0 and at most 100,000 cm, TooManyDecimals below a millimetre.
    """
    if value is None:
        return None
    if not value.is_finite() or not 0 < value <= MAX_LENGTH:
        raise OutOfRange(f"{label(field)} is in centimetres, above 0 and at most {MAX_LENGTH:,}.", field=field)
    return _exactly(value, LENGTH_DECIMALS, field, "centimetres")


def _exactly(value: Decimal, places: int, field: Sequence[str], unit: str) -> Decimal:
    exact = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    if exact != value:
        decimals = "1 decimal" if places == 1 else f"{places} decimals"
        raise TooManyDecimals(f"{label(field)} is in {unit}, with at most {decimals}.", field=field)
    return exact
