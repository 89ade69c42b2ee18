"""The shipping of the demo: profiles, zones with their methods, and the MOCK carrier."""

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Tx
from domains.shipping.models import (
    ShippingMethodChanges,
    ShippingMethodType,
    ShippingPricing,
    ShippingRateInput,
    ShippingServiceType,
    ShippingZoneType,
)
from domains.shipping.service import ShippingService
from gateway.demo.content import FOLDER

CARRIER: Final = "MOCK"
AMOUNTS: Final = ("base_price", "price_per_kg", "price_per_item", "free_from", "max_weight")
PLACES: Final = ("countries", "states", "postal_codes")


def read_shipping() -> Mapping[str, Any]:
    """The profiles and the zones."""
    return tomllib.loads((FOLDER / "shipping.toml").read_text("utf-8"))


async def add_profiles(shipping: ShippingService, tx: Tx) -> Mapping[str, UUID]:
    """Create the profiles; their ids by code."""
    ids = {}
    for given in read_shipping()["profile"]:
        profile = await shipping.profiles.create(
            tx, {"name": given["name"], "is_default": given.get("default", False)}
        )
        ids[given["code"]] = profile.id
    return ids


async def add_zones(
    shipping: ShippingService, tx: Tx, profiles: Mapping[str, UUID], warehouses: Mapping[str, UUID]
) -> None:
    """Create the zones with their methods, and the carrier of one of these."""
    carrier = await shipping.carriers.create(tx, {"name": "Parcels of the demo", "code": CARRIER, "adapter": CARRIER})
    for given in read_shipping()["zone"]:
        new: Any = {name: given[name] for name in PLACES if name in given}
        new |= {"name": given["name"], "type": ShippingZoneType(given["type"])}
        zone = await shipping.zones.create(tx, new)
        for position, method in enumerate(given["method"]):
            asked = _method(method, profiles, carrier.id if method.get("carrier") else None)
            if "pickup" in method:
                asked["pickup_warehouse_id"] = warehouses[method["pickup"]]
            await shipping.methods.create(tx, {**asked, "zone_id": zone.id, "position": position})


def _method(given: Mapping[str, Any], profiles: Mapping[str, UUID], carrier_id: UUID | None) -> ShippingMethodChanges:
    """A method without its zone."""
    least, most = given["days"]
    new: Any = {
        "name": given["name"],
        "description": given.get("description"),
        "type": ShippingMethodType(given.get("type", ShippingMethodType.DELIVERY)),
        "service_type": ShippingServiceType(given.get("service", ShippingServiceType.STANDARD)),
        "min_days": least,
        "max_days": most,
        "profile_ids": [profiles[code] for code in given.get("profiles", ())],
        "rates": [_band(band) for band in given.get("bands", ())],
        **{name: Decimal(given[name]) for name in AMOUNTS if name in given},
    }
    if carrier_id is not None:
        new |= {"carrier_id": carrier_id, "pricing": ShippingPricing.CARRIER}
    method: ShippingMethodChanges = new
    return method


def _band(given: Mapping[str, str]) -> ShippingRateInput:
    """A band of weights."""
    return {
        "min_weight": Decimal(given["from"]) if "from" in given else None,
        "max_weight": Decimal(given["to"]),
        "rate": Decimal(given["rate"]),
    }
