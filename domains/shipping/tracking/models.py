"""The events of shipments, and the latest of them at the carrier's time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domains.shipping.data import ShipmentTrackingRow as ShipmentTracking
from domains.shipping.parcel_events import TrackingSource, TrackingStatus, rank

__all__ = ["NewTrackingEvent", "ShipmentTracking", "TrackingSource", "TrackingStatus", "latest", "rank_of"]

# The clock of a carrier may be ahead of ours; an event further in the future would hide all that follow.
MAX_AHEAD: Final = timedelta(hours=1)
# Staff may enter a shipment after its parcel has left. Carriers use tracking numbers again after months.
MAX_BEFORE: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTrackingEvent:
    """An event that staff enter; the time is the present one by default."""

    status: TrackingStatus
    timestamp: datetime | None = None
    location: str | None = None
    description: str | None = None


def rank_of(event: ShipmentTracking) -> tuple[datetime, int]:
    """By what events are ordered: see `parcel_events.rank`."""
    return rank(event.timestamp, event.status)


def latest(events: Iterable[ShipmentTracking]) -> ShipmentTracking | None:
    """The event that says where a parcel is; None without any. Pure: the order in which they arrived is nothing."""
    return max(events, key=rank_of, default=None)


def is_plausible(created_at: datetime, timestamp: datetime, now: datetime) -> bool:
    """Whether an event of this time can be one of a parcel whose shipment was created at that time."""
    return created_at - MAX_BEFORE <= timestamp <= now + MAX_AHEAD
