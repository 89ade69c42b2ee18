"""The shipping of the demo: one zone of the whole world."""

from decimal import Decimal
from typing import Final

from domains.kernel.database import Tx
from domains.shipping.models import NewShippingMethod, ShippingZoneType
from domains.shipping.service import ShippingService

PRICE: Final = Decimal("4.90")


async def add_shipping(shipping: ShippingService, tx: Tx) -> None:
    """Create the zone with its method."""
    zone = await shipping.zones.create(tx, {"name": "Everywhere", "type": ShippingZoneType.REST_OF_WORLD})
    new: NewShippingMethod = {
        "zone_id": zone.id,
        "name": "Standard",
        "base_price": PRICE,
        "min_days": 2,
        "max_days": 4,
    }
    await shipping.methods.create(tx, new)
