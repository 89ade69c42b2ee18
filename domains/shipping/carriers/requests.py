"""The requests to carriers: addresses, parcels, and the labels to buy."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from domains.kernel.values.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelAddress:
    """An address of a parcel; `country` is an ISO 3166-1 alpha-2 code. Prices need country and postal code alone."""

    country: str
    province: str | None = None
    postal_code: str | None = None
    city: str | None = None
    line_1: str | None = None
    line_2: str | None = None
    name: str | None = None
    company: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Parcel:
    """A parcel: its weight in kg and its sides in cm, all three or none."""

    weight: Decimal
    length: Decimal | None = None
    width: Decimal | None = None
    height: Decimal | None = None


@dataclass(frozen=True, slots=True)
class RateRequest:
    """A parcel to price, in a currency if the carrier has it."""

    origin: ParcelAddress
    destination: ParcelAddress
    parcel: Parcel
    currency: str


@dataclass(frozen=True, slots=True)
class TypedLabel:
    """A label that was made elsewhere, as staff type it."""

    tracking_number: str
    cost: Money


@dataclass(frozen=True, slots=True)
class LabelRequest:
    """A label to buy; `reference` is our id of it, `typed` is given to an adapter that takes typed labels only."""

    reference: UUID
    service: str
    origin: ParcelAddress
    destination: ParcelAddress
    parcel: Parcel
    currency: str
    typed: TypedLabel | None = None
