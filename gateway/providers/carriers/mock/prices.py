"""The prices of the MOCK carrier: by service, weight and distance. Pure."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Final

from domains.kernel.values.money import Money
from domains.shipping.carriers.requests import Parcel, ParcelAddress
from domains.shipping.carriers.results import CarrierRate

MAX_WEIGHT: Final = Decimal(30)
MAX_SIDE: Final = Decimal(200)
MAX_GIRTH: Final = Decimal(300)  # cm: the longest side and twice the others
VOLUME_PER_KG: Final = Decimal(5_000)  # cubic cm that cost as much as a kg


class Distance(StrEnum):
    """How far a parcel travels."""

    NATIONAL = "NATIONAL"
    INTERNATIONAL = "INTERNATIONAL"


BASE: Final = {Distance.NATIONAL: Decimal("4.50"), Distance.INTERNATIONAL: Decimal("12.00")}
PER_KG: Final = {Distance.NATIONAL: Decimal("0.60"), Distance.INTERNATIONAL: Decimal("3.20")}
DAYS: Final = {Distance.NATIONAL: 2, Distance.INTERNATIONAL: 6}
# Each service with what multiplies the price and divides the days. OVERNIGHT is national only.
FACTORS: Final[Mapping[str, int]] = {"STANDARD": 1, "EXPRESS": 2, "OVERNIGHT": 4}


def distance(origin: ParcelAddress, destination: ParcelAddress) -> Distance:
    """How far it is from an address to another one."""
    return Distance.NATIONAL if origin.country == destination.country else Distance.INTERNATIONAL


def refusal(parcel: Parcel) -> str | None:
    """Why the carrier does not take a parcel; None when it does."""
    if parcel.weight > MAX_WEIGHT:
        return f"The parcel is heavier than {MAX_WEIGHT} kg."
    sides = sorted(side for side in (parcel.length, parcel.width, parcel.height) if side is not None)
    if sides and (sides[-1] > MAX_SIDE or sides[-1] + 2 * sum(sides[:-1], Decimal(0)) > MAX_GIRTH):
        return f"The parcel is longer than {MAX_SIDE} cm, or longer and wider than {MAX_GIRTH} cm together."
    return None


def rate(service: str, far: Distance, parcel: Parcel, currency: str) -> CarrierRate | None:
    """The price of a service for a parcel that the carrier takes; None for a service that it does not offer there."""
    factor = FACTORS.get(service)
    if factor is None or (service == "OVERNIGHT" and far is not Distance.NATIONAL):
        return None
    volume = (parcel.length or Decimal(0)) * (parcel.width or Decimal(0)) * (parcel.height or Decimal(0))
    weight = max(parcel.weight, volume / VOLUME_PER_KG)
    price = Money((BASE[far] + PER_KG[far] * weight) * factor, currency).rounded()
    return CarrierRate(service, price, max(1, DAYS[far] // factor))
