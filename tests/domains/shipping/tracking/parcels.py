"""A shop whose carrier has parcels of orders, and what the carrier says of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.events import Envelope
from domains.kernel.ids import new_id
from domains.kernel.values.secret import Secret
from domains.order.models import Order
from domains.shipping.carriers.results import TrackingEvent, TrackingUpdate
from domains.shipping.shipments.models import Shipment
from domains.shipping.tracking.models import NewTrackingEvent, TrackingStatus
from gateway.providers.carriers.mock.webhooks import HEADER, event_of
from gateway.providers.webhook_signature import sign
from tests.domains.order.fulfilment.shipped_orders import paid_order, ship
from tests.domains.order.storefront import Storefront
from tests.domains.shipping.carriers.depot import SECRET

HOUR = timedelta(hours=1)


@dataclass
class Parcels:
    """Orders whose shipments the MOCK carrier has, without labels. Each operation commits."""

    shop: Storefront
    clerk: Actor
    buyer: Actor
    carrier_id: UUID

    @classmethod
    async def opened(cls, shop: Storefront) -> "Parcels":
        """A shop with 50 units of A and B, and the carrier."""
        await shop.stock("A", 50)
        await shop.stock("B", 50)
        new: Any = {
            "name": "Mock",
            "code": "mock",
            "adapter": "MOCK",
            "credentials": {"webhook_secret": Secret(SECRET)},
        }
        carrier = await shop.run(lambda tx: shop.services.shipping.carriers.create(tx, new))
        return cls(shop, await shop.staff(), await shop.customer(), carrier.id)

    async def sent(self, *wanted: tuple[str, int], number: str = "MOCK0001", **given: Any) -> tuple[Order, Shipment]:
        """A paid order with a shipment of all its units, dispatched unless told otherwise."""
        order = await paid_order(self.shop, self.buyer, *(wanted or (("A", 2),)))
        return order, await self.ship(order, number=number, **given)

    async def ship(self, order: Order, wanted: Any = None, number: str = "MOCK0001", **given: Any) -> Shipment:
        """A shipment with the carrier."""
        details = {"carrier_id": self.carrier_id, "tracking_number": number}
        return await ship(self.shop, self.clerk, order, wanted, details=details, **given)

    async def told(self, number: str, status: TrackingStatus, at: datetime, location: str | None = None) -> int:
        """A signed webhook about a parcel; how many parcels had news."""
        body = event_of(TrackingUpdate(number, TrackingEvent(status, at, "It moved.", location)))
        headers = {HEADER: sign(body, Secret(SECRET), self.shop.clock.now())}
        tracking = self.shop.services.shipping.tracking
        return await tracking.receive(self.shop.database, self.shop.system, "mock", body, headers)

    async def entered(self, shipment: Shipment, status: TrackingStatus, **given: Any) -> Shipment:
        """An event that staff enter."""
        following, new = (
            self.shop.services.order.shipment_tracking.following,
            NewTrackingEvent(status=status, **given),
        )
        made: Shipment = await self.shop.run(lambda tx: following.add(tx, self.clerk, shipment.id, new), self.clerk)
        return made

    async def follow(self, order: Order) -> None:
        """Handle an event of the order's shipments."""
        following, at = self.shop.services.order.shipment_tracking.following, self.shop.clock.now()
        envelope: Any = Envelope(
            id=new_id(),
            topic="shipment.tracked",
            version=1,
            occurred_at=at,
            company_id=self.shop.company_id,
            actor_kind=self.shop.system.kind.value,
            actor_id=None,
            aggregate_id=order.id,
            sequence=1,
            payload={"order_id": str(order.id)},
        )
        await self.shop.run(lambda tx: following.follow(tx, envelope))

    async def shipment(self, shipment: Shipment) -> Shipment:
        """A shipment as it is stored."""
        reader = self.shop.database.reader(self.shop.company_id)
        return await self.shop.services.shipping.shipments.find(reader, shipment.id)

    async def events(self, shipment: Shipment) -> list[tuple[TrackingStatus, datetime, str]]:
        """The events of a shipment."""
        reader = self.shop.database.reader(self.shop.company_id)
        found = await self.shop.services.shipping.tracking_records.of_shipments(reader, [shipment.id])
        return [(each.status, each.timestamp, each.source.value) for each in found]

    async def topics(self) -> list[str]:
        """The topics of all events, oldest first."""
        rows = await self.shop.owner.fetch(
            "select topic from outbox_events where company_id = $1 order by sequence", self.shop.company_id
        )
        return [row[0] for row in rows]

    async def facts(self, order: Order) -> tuple[str, int, int, int]:
        """The status of an order, and its shipped, delivered and sent back units."""
        now = await self.shop.order(order.id)
        return now.status.value, now.units_shipped, now.units_delivered, now.units_sent_back
