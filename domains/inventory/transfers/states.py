"""What can be done with a stock transfer in each status, and the quantities of its lines; pure."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from domains.inventory.transfers.errors import (
    StockTransferNotCancellable,
    StockTransferNotEditable,
    StockTransferNotReceivable,
    StockTransferNotShippable,
    TransferRefusal,
)
from domains.inventory.transfers.models import StockTransferLine, StockTransferStatus


class TransferAction(StrEnum):
    """What staff do with a transfer."""

    EDIT = "EDIT"
    SHIP = "SHIP"
    RECEIVE = "RECEIVE"
    CANCEL = "CANCEL"


DRAFT: Final = StockTransferStatus.DRAFT
IN_TRANSIT: Final = StockTransferStatus.IN_TRANSIT
PARTIALLY_RECEIVED: Final = StockTransferStatus.PARTIALLY_RECEIVED
RECEIVED: Final = StockTransferStatus.RECEIVED
CANCELLED: Final = StockTransferStatus.CANCELLED
UNDER_WAY: Final = frozenset({IN_TRANSIT, PARTIALLY_RECEIVED})
OPEN: Final = UNDER_WAY | {DRAFT}
# The statuses in which an action is possible, and those to which it leads.
TRANSITIONS: Final[Mapping[tuple[StockTransferStatus, TransferAction], frozenset[StockTransferStatus]]] = {
    (DRAFT, TransferAction.EDIT): frozenset({DRAFT}),
    (DRAFT, TransferAction.SHIP): frozenset({IN_TRANSIT}),
    (DRAFT, TransferAction.CANCEL): frozenset({CANCELLED}),
    (IN_TRANSIT, TransferAction.RECEIVE): frozenset({PARTIALLY_RECEIVED, RECEIVED}),
    (IN_TRANSIT, TransferAction.CANCEL): frozenset({CANCELLED}),
    (PARTIALLY_RECEIVED, TransferAction.RECEIVE): frozenset({PARTIALLY_RECEIVED, RECEIVED}),
}
REFUSALS: Final[Mapping[TransferAction, type[TransferRefusal]]] = {
    TransferAction.EDIT: StockTransferNotEditable,
    TransferAction.SHIP: StockTransferNotShippable,
    TransferAction.RECEIVE: StockTransferNotReceivable,
    TransferAction.CANCEL: StockTransferNotCancellable,
}


def require_transition(number: str, status: StockTransferStatus, action: TransferAction) -> None:
    """Raise the refusal of the action unless it is possible in this status."""
    if (status, action) not in TRANSITIONS:
        raise REFUSALS[action](number, status)


def under_way(line: StockTransferLine) -> int:
    """The units of a line that left the source and have neither arrived nor been lost nor returned."""
    return line.shipped - line.received - line.lost - line.returned


def received_status(lines: Iterable[StockTransferLine]) -> StockTransferStatus:
    """The status after a receipt: RECEIVED once no units are under way."""
    return PARTIALLY_RECEIVED if any(under_way(line) for line in lines) else RECEIVED
