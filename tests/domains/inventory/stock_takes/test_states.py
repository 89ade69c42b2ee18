"""What can be done with a stock take in each status."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.inventory.stock_takes.errors import StockTakeNotOpen
from domains.inventory.stock_takes.models import CountedUnits, StockTakeStatus
from domains.inventory.stock_takes.states import StockTakeAction, next_status
from domains.kernel.ids import new_id

AFTER = {
    StockTakeAction.COUNT: StockTakeStatus.OPEN,
    StockTakeAction.COMPLETE: StockTakeStatus.COMPLETED,
    StockTakeAction.CANCEL: StockTakeStatus.CANCELLED,
}


@pytest.mark.parametrize("action", StockTakeAction)
@pytest.mark.parametrize("status", StockTakeStatus)
def test_only_an_open_stock_take_is_counted_completed_or_cancelled(
    status: StockTakeStatus, action: StockTakeAction
) -> None:
    if status is StockTakeStatus.OPEN:
        assert next_status("ST-1001", status, action) is AFTER[action]
        return
    with pytest.raises(StockTakeNotOpen, match=f"ST-1001 is {status}"):
        next_status("ST-1001", status, action)


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(-(10**9), 10**9))
def test_the_difference_is_the_same_whatever_moves_after_the_count(expected: int, counted: int, moved: int) -> None:
    count = CountedUnits(new_id(), expected, counted)
    assert expected + moved + count.difference == counted + moved
