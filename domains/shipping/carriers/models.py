"""Carriers and shipping labels as the domain shows them, and the inputs of their changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import TypedDict
from uuid import UUID

from domains.kernel.values.secret import Secret
from domains.shipping.carriers.carrier import CarrierCredential
from domains.shipping.carriers.requests import Parcel
from domains.shipping.data import LabelStatus
from domains.shipping.data import ShippingLabelRow as ShippingLabel
from domains.shipping.parcel_events import TrackingStatus

__all__ = [
    "CarrierChanges",
    "CarrierFailure",
    "LabelStatus",
    "LiveMethod",
    "NewLabel",
    "ShippingCarrier",
    "ShippingLabel",
    "ShownCredential",
    "TrackingStatus",
]


class CarrierChanges(TypedDict, total=False):
    """The fields of a carrier that are given. Credentials that are not named stay; an empty text removes one."""

    name: str | None
    code: str | None
    adapter: str | None
    api_endpoint: str | None
    is_active: bool | None
    credentials: Mapping[str, Secret]


@dataclass(frozen=True, slots=True)
class ShownCredential:
    """A credential field of a carrier: whether it is set, and its value unless it is secret."""

    field: CarrierCredential
    is_set: bool
    value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingCarrier:
    """A carrier without its secrets. One whose adapter is not installed any more has no credentials.

    `is_available` says whether it prices parcels and sells labels now.
    """

    id: UUID
    name: str
    code: str
    adapter: str
    api_endpoint: str | None
    is_active: bool
    is_available: bool
    credentials: Sequence[ShownCredential]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class LiveMethod:
    """A shipping method whose price is the carrier's rate of a service."""

    method_id: UUID
    carrier_id: UUID
    service: str


class CarrierFailure(Enum):
    """Why a carrier has no price for a parcel: the value says it to the buyer."""

    INACTIVE = "The carrier is not available."
    NO_ANSWER = "The carrier did not answer in time."
    REFUSED = "The carrier does not take this parcel."
    NO_SERVICE = "The carrier does not offer this service to the destination."
    CURRENCY = "The carrier has no price in the currency of the shop."


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLabel:
    """A label to buy for an order: the service of the carrier, and the parcel.

    `tracking_number` and `cost`, in the company's currency, are of a label that was made elsewhere.
    """

    carrier_id: UUID
    service: str
    parcel: Parcel
    tracking_number: str | None = None
    cost: Decimal | None = None
