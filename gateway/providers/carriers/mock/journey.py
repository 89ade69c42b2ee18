"""The journey of a parcel of the MOCK carrier: what has happened to it by a time. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from domains.shipping.carriers.models import TrackingStatus
from domains.shipping.carriers.results import TrackingEvent
from gateway.providers.carriers.mock.prices import DAYS, FACTORS, Distance

# Each stage with the part of the whole time after which it is reached.
STAGES: Final = (
    (TrackingStatus.PRE_TRANSIT, 0.0, "The carrier has the data of the parcel."),
    (TrackingStatus.PICKED_UP, 0.1, "The carrier has picked the parcel up."),
    (TrackingStatus.IN_TRANSIT, 0.3, "The parcel has left the depot of its origin."),
    (TrackingStatus.OUT_FOR_DELIVERY, 0.9, "The parcel is in the delivery vehicle."),
    (TrackingStatus.DELIVERED, 1.0, "The parcel was delivered."),
)


def travel_time(service: str, distance: str) -> timedelta:
    """The time from the purchase of a label to the delivery of its parcel."""
    return timedelta(days=DAYS[Distance(distance)]) / FACTORS[service]


def events(service: str, distance: str, bought_at: datetime, now: datetime) -> Sequence[TrackingEvent]:
    """What has happened to a parcel by now, oldest first."""
    whole = travel_time(service, distance)
    reached = [(status, bought_at + whole * part, text) for status, part, text in STAGES]
    return [TrackingEvent(status, at, text) for status, at, text in reached if at <= now]
