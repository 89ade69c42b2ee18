"""Carriers and shipping labels as the domain shows them, and the inputs of their changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, TypedDict
from uuid import UUID

from domains.kernel.values.secret import Secret
from domains.shipping.carriers.carrier import CarrierCredential
from domains.shipping.data import CarrierRow as ShippingCarrier
from domains.shipping.data import LabelStatus, TrackingStatus
from domains.shipping.data import ShippingLabelRow as ShippingLabel

__all__ = [
    "CarrierChanges",
    "CarrierFailure",
    "CarrierView",
    "LabelStatus",
    "LiveMethod",
    "NewLabel",
    "ShippingCarrier",
    "ShippingLabel",
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


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierView:
    """A carrier without its secrets: which credentials are set, and the values of those that are not secret."""

    carrier: ShippingCarrier
    fields: Sequence[CarrierCredential] = ()
    set_names: frozenset[str] = frozenset()

    def shown(self, credential: CarrierCredential) -> str | None:
        """The value of a credential; None for a secret one, and for one that is not set."""
        values: Mapping[str, Any] = self.carrier.configuration
        return None if credential.is_secret else values.get(credential.name)


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
    """A label to buy for an order: the service of the carrier, and the parcel in kg and cm.

    `tracking_number` and `cost`, in the company's currency, are of a label that was made elsewhere.
    """

    carrier_id: UUID
    service: str
    weight: Decimal
    length: Decimal | None = None
    width: Decimal | None = None
    height: Decimal | None = None
    tracking_number: str | None = None
    cost: Decimal | None = None
