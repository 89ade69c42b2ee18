"""What can be done with a stock take in each status; pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from domains.inventory.stock_takes.errors import StockTakeNotOpen
from domains.inventory.stock_takes.models import StockTakeStatus

OPEN: Final = StockTakeStatus.OPEN
COMPLETED: Final = StockTakeStatus.COMPLETED
CANCELLED: Final = StockTakeStatus.CANCELLED


class StockTakeAction(StrEnum):
    """What staff do with a stock take."""

    COUNT = "COUNT"
    COMPLETE = "COMPLETE"
    CANCEL = "CANCEL"


# The statuses in which an action is possible, and the status to which it leads.
TRANSITIONS: Final[Mapping[tuple[StockTakeStatus, StockTakeAction], StockTakeStatus]] = {
    (OPEN, StockTakeAction.COUNT): OPEN,
    (OPEN, StockTakeAction.COMPLETE): COMPLETED,
    (OPEN, StockTakeAction.CANCEL): CANCELLED,
}


def next_status(number: str, status: StockTakeStatus, action: StockTakeAction) -> StockTakeStatus:
    """The status after an action. Raises StockTakeNotOpen."""
    if (status, action) not in TRANSITIONS:
        raise StockTakeNotOpen(number, status)
    return TRANSITIONS[status, action]
