"""Percentages of discounts."""

from collections.abc import Sequence
from decimal import Decimal

from domains.kernel.errors import OutOfRange, TooManyDecimals


def require_percentage(value: Decimal, *, field: Sequence[str]) -> Decimal:
    """A percentage above 0 and at most 100, with at most four decimals. Raises OutOfRange and TooManyDecimals."""
    if not value.is_finite() or not 0 < value <= 100:
        raise OutOfRange("A percentage is above 0 and at most 100.", field=field)
    if value != round(value, 4):
        raise TooManyDecimals("A percentage has at most four decimal places.", field=field)
    return value
