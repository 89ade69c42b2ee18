"""What carriers and staff say about parcels, for shipments, labels and returns."""

from datetime import datetime
from enum import StrEnum
from typing import Final


class TrackingStatus(StrEnum):
    """Where a parcel is, as its carrier says."""

    PRE_TRANSIT = "PRE_TRANSIT"
    PICKED_UP = "PICKED_UP"
    IN_TRANSIT = "IN_TRANSIT"
    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"
    AVAILABLE_FOR_PICKUP = "AVAILABLE_FOR_PICKUP"
    DELIVERED = "DELIVERED"
    RETURN_TO_SENDER = "RETURN_TO_SENDER"
    EXCEPTION = "EXCEPTION"
    LOST = "LOST"


class TrackingSource(StrEnum):
    """Who says it: the carrier unasked, the carrier when asked, or staff."""

    WEBHOOK = "WEBHOOK"
    POLL = "POLL"
    MANUAL = "MANUAL"


# Of what a carrier says at one time, the later of these counts. A delivery is final: a problem that is reported with
# it was solved by it. A parcel that is handed over to its sender is reported as delivered too, and came back.
RANKED: Final = (
    TrackingStatus.PRE_TRANSIT,
    TrackingStatus.PICKED_UP,
    TrackingStatus.IN_TRANSIT,
    TrackingStatus.OUT_FOR_DELIVERY,
    TrackingStatus.AVAILABLE_FOR_PICKUP,
    TrackingStatus.EXCEPTION,
    TrackingStatus.LOST,
    TrackingStatus.DELIVERED,
    TrackingStatus.RETURN_TO_SENDER,
)
MAX_EVENTS: Final = 250  # of one parcel


def rank(occurred_at: datetime, status: TrackingStatus) -> tuple[datetime, int]:
    """By what events of a parcel are ordered: the carrier's time, and at the same time how final their status is."""
    return occurred_at, RANKED.index(status)
