"""The answers of carriers: prices, labels, and where parcels are."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domains.kernel.values.money import Money
from domains.shipping.parcel_events import TrackingStatus


class CarrierOutcome(StrEnum):
    """The outcome of a request to a carrier. UNKNOWN: no answer; it may or may not have been carried out."""

    APPROVED = "APPROVED"
    REFUSED = "REFUSED"
    UNKNOWN = "UNKNOWN"


class CarrierRefusal(Exception):
    """A carrier does not price a parcel; the text is the carrier's reason."""


@dataclass(frozen=True, slots=True)
class CarrierRate:
    """The price of a service of a carrier; the days are working days from its pick-up, None when it names none."""

    service: str
    price: Money
    days: int | None = None


@dataclass(frozen=True, slots=True)
class BoughtLabel:
    """A label as its carrier sold it."""

    tracking_number: str
    cost: Money


@dataclass(frozen=True, slots=True)
class Purchase:
    """The outcome of a purchase: a label with APPROVED, a reason with REFUSED.

    `is_voided` says that the label was bought and voided since.
    """

    outcome: CarrierOutcome
    label: BoughtLabel | None = None
    reason: str | None = None
    is_voided: bool = False


@dataclass(frozen=True, slots=True)
class Voiding:
    """The outcome of a void: APPROVED when the label can no longer be used; a reason with REFUSED."""

    outcome: CarrierOutcome
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class TrackingEvent:
    """Something that happened to a parcel, at the carrier's time."""

    status: TrackingStatus
    occurred_at: datetime
    description: str
    location: str | None = None


@dataclass(frozen=True, slots=True)
class TrackingUpdate:
    """An event of a webhook, about the parcel with this tracking number."""

    tracking_number: str
    event: TrackingEvent
