"""What can be done with a purchase order in each status, and the quantities of its lines; pure."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from domains.inventory.purchase_orders.errors import (
    PurchaseOrderNotCancellable,
    PurchaseOrderNotPlaceable,
    PurchaseOrderNotReceivable,
    PurchaseOrderRefusal,
)
from domains.inventory.purchase_orders.models import PurchaseOrderLine, PurchaseOrderStatus

DRAFT: Final = PurchaseOrderStatus.DRAFT
ORDERED: Final = PurchaseOrderStatus.ORDERED
PARTIALLY_RECEIVED: Final = PurchaseOrderStatus.PARTIALLY_RECEIVED
RECEIVED: Final = PurchaseOrderStatus.RECEIVED
CANCELLED: Final = PurchaseOrderStatus.CANCELLED


class PurchaseAction(StrEnum):
    """What staff do with a purchase order."""

    PLACE = "PLACE"
    RECEIVE = "RECEIVE"
    CANCEL = "CANCEL"


# The statuses in which an action is possible, and those to which it leads.
TRANSITIONS: Final[Mapping[tuple[PurchaseOrderStatus, PurchaseAction], frozenset[PurchaseOrderStatus]]] = {
    (DRAFT, PurchaseAction.PLACE): frozenset({ORDERED}),
    (DRAFT, PurchaseAction.CANCEL): frozenset({CANCELLED}),
    (ORDERED, PurchaseAction.RECEIVE): frozenset({PARTIALLY_RECEIVED, RECEIVED}),
    (ORDERED, PurchaseAction.CANCEL): frozenset({CANCELLED}),
    (PARTIALLY_RECEIVED, PurchaseAction.RECEIVE): frozenset({PARTIALLY_RECEIVED, RECEIVED}),
    (PARTIALLY_RECEIVED, PurchaseAction.CANCEL): frozenset({CANCELLED}),
}
REFUSALS: Final[Mapping[PurchaseAction, type[PurchaseOrderRefusal]]] = {
    PurchaseAction.PLACE: PurchaseOrderNotPlaceable,
    PurchaseAction.RECEIVE: PurchaseOrderNotReceivable,
    PurchaseAction.CANCEL: PurchaseOrderNotCancellable,
}


def require_transition(number: str, status: PurchaseOrderStatus, action: PurchaseAction) -> None:
    """Raise the refusal of the action unless it is possible in this status."""
    if (status, action) not in TRANSITIONS:
        raise REFUSALS[action](number, status)


def received_status(lines: Iterable[PurchaseOrderLine]) -> PurchaseOrderStatus:
    """The status after a delivery: RECEIVED once no units are expected."""
    return RECEIVED if all(line.received == line.quantity for line in lines) else PARTIALLY_RECEIVED
