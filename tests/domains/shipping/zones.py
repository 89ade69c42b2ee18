"""Zones of tests."""

from decimal import Decimal
from typing import Any

from domains.kernel.database import Tx
from domains.kernel.pagination.pages import PageArgs
from domains.shipping.models import ShippingMethod, ShippingZoneType
from domains.shipping.service import ShippingService


async def flat_rate(
    shipping: ShippingService, tx: Tx, price: Decimal | str, free_from: Decimal | str | None = None
) -> ShippingMethod:
    """Ship everywhere at one price, free of charge for a subtotal from `free_from` on, in place of all zones."""
    for zone in (await shipping.zones.find_page(tx, PageArgs(first=100))).items:
        await shipping.zones.delete(tx, zone.id)
    zone = await shipping.zones.create(tx, {"name": "Everywhere", "type": ShippingZoneType.REST_OF_WORLD})
    threshold = None if free_from is None else Decimal(free_from)
    new: Any = {"zone_id": zone.id, "name": "Standard", "base_price": Decimal(price), "free_from": threshold}
    return await shipping.methods.create(tx, new)
