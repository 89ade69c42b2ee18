"""Which limits a change of stock crosses."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.inventory.alerts.crossings import LOW, OUT, OVERSTOCK, StockBefore, conditions, crossing
from domains.kernel.ids import new_id

UNITS = st.integers(0, 50)
STOCK = st.builds(
    lambda available, other, point, most: StockBefore(available, available + other, point, most),
    UNITS,
    UNITS,
    UNITS,
    st.none() | UNITS,
)


@pytest.mark.parametrize(
    ("available", "total", "point", "most", "held"),
    [
        (0, 0, 0, None, {LOW, OUT}),
        (1, 1, 0, None, set()),
        (3, 3, 3, None, {LOW}),
        (4, 4, 3, None, set()),
        (4, 10, 3, 10, set()),
        (4, 11, 3, 10, {OVERSTOCK}),
        (0, 11, 0, 10, {LOW, OUT, OVERSTOCK}),
        (5, 5, 0, 0, {OVERSTOCK}),
    ],
)
def test_conditions_follow_from_units_and_limits(
    available: int, total: int, point: int, most: int | None, held: set[str]
) -> None:
    assert conditions(StockBefore(available, total, point, most)) == held


@given(st.lists(STOCK, min_size=2, max_size=12))
def test_conditions_begin_and_end_in_turn(steps: list[StockBefore]) -> None:
    held = set(conditions(steps[0]))
    for before, after in pairwise(steps):
        made = crossing(new_id(), "A", before, after)
        assert made.begun.isdisjoint(held)
        assert made.ended <= held
        held = (held | made.begun) - made.ended
        assert held == conditions(after)
