"""Validation of input ranges: an empty range is refused."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from domains.kernel.errors import RangeInverted

EndT = TypeVar("EndT", datetime, Decimal, int)


def require_range(low: EndT | None, high: EndT | None, *, field: Sequence[str]) -> None:
    """Raise RangeInverted, at the path of the upper end, for a range whose lower end is above it."""
    if low is not None and high is not None and low > high:
        raise RangeInverted(f"This range ends at {_format(high)} before it begins at {_format(low)}.", field=field)


def _format(end: datetime | Decimal | int) -> str:
    match end:
        case datetime():
            return end.isoformat()
        case Decimal():
            return f"{end:f}"
        case int():
            return str(end)
