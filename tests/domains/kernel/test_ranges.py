"""Ranges: an empty range is refused."""

from contextlib import nullcontext as does_not_raise
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from domains.kernel.errors import InvalidInput
from domains.kernel.values.ranges import require_range

EARLY, LATE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("low", "high"), [(None, None), (5, None), (None, 5), (5, 5), (4, 5), (Decimal(4), Decimal(5)), (EARLY, LATE)]
)
def test_a_valid_range_is_accepted(low: Any, high: Any) -> None:
    with does_not_raise() as passed:
        require_range(low, high, field=("filter", "high"))
    assert passed is None


@pytest.mark.parametrize(
    ("low", "high", "message"),
    [
        (5, 4, "This range ends at 4 before it begins at 5."),
        (Decimal("1E+2"), Decimal("4.50"), "This range ends at 4.50 before it begins at 100."),
        (
            LATE,
            EARLY,
            "This range ends at 2026-01-01T00:00:00+00:00 before it begins at 2026-02-01T00:00:00+00:00.",
        ),
    ],
)
def test_an_empty_range_is_refused(low: Any, high: Any, message: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        require_range(low, high, field=("filter", "high"))
    assert (refused.value.message, refused.value.field) == (message, ("filter", "high"))
