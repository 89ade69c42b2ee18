"""Returns whose parcels are sent with labels of carriers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domains.kernel.events import Envelope
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.values.secret import Secret
from domains.returns.models import ReturnAuthorization, ReturnRequest, ReturnTracking, TrackingStatus
from domains.shipping.carriers.results import TrackingEvent, TrackingUpdate
from gateway.providers.carriers.mock.webhooks import HEADER, event_of
from gateway.providers.webhook_signature import sign
from tests.domains.returns.delivered_orders import DeliveredOrder
from tests.domains.shipping.carriers.depot import SECRET, Depot

EVENTS = """
select id, topic, version, company_id, aggregate_id, sequence, actor_kind, actor_id, created_at, payload
from outbox_events where company_id = $1 and topic = any($2) order by sequence
"""


@dataclass
class ReturnParcels:
    """A delivered order of a shop with carriers. Each operation commits."""

    delivered: DeliveredOrder
    depot: Depot

    @classmethod
    async def opened(cls, delivered: DeliveredOrder) -> "ReturnParcels":
        """The carriers of the shop, whose warehouse is in London."""
        shop = delivered.shop
        await shop.owner.execute(
            "update warehouses set country = 'GB', postal_code = 'E1 6AN', city = 'London', "
            "address_line_1 = 'Dock 1' where company_id = $1",
            shop.company_id,
        )
        return cls(delivered, await Depot.of_order(shop, delivered.order.id))

    async def approved(self, units: int = 1) -> ReturnRequest:
        """An approved return of units of the first line."""
        return await self.delivered.approve(await self.delivered.request(units))

    async def buy(self, request: ReturnRequest, attempt_id: UUID | None = None, **changes: Any) -> ReturnRequest:
        """Buy a label of the MOCK carrier for a return."""
        shop, new = self.delivered.shop, self.depot.label_with(**changes)
        attempt = Attempt(shop.database, attempt_id)
        bought: ReturnRequest = await shop.services.returns.labels.buy(attempt, self.depot.clerk, request.id, new)
        return bought

    async def place(self, request: ReturnRequest) -> ReturnAuthorization:
        """The authorization of a return as it is stored."""
        shop = self.delivered.shop
        reader = shop.database.reader(shop.company_id)
        (found,) = await self.delivered.returns.listing.authorizations_of(reader, [request.id])
        place: ReturnAuthorization = found
        return place

    async def events(self, request: ReturnRequest) -> list[ReturnTracking]:
        """The stored events of the parcel of a return."""
        shop = self.delivered.shop
        reader, place = shop.database.reader(shop.company_id), await self.place(request)
        events: list[ReturnTracking] = await self.delivered.returns.listing.tracking_of(reader, [place.id])
        return events

    async def current(self, request: ReturnRequest) -> ReturnRequest:
        """A return as it is stored."""
        shop = self.delivered.shop
        found: ReturnRequest = await self.delivered.returns.listing.get(
            shop.database.reader(shop.company_id), request.id
        )
        return found

    async def told(self, number: str, status: TrackingStatus, at: datetime) -> int:
        """Send a signed webhook of the MOCK carrier; how many parcels had news."""
        shop = self.delivered.shop
        body = event_of(TrackingUpdate(number, TrackingEvent(status, at, "It moved.")))
        headers = {HEADER.title(): sign(body, Secret(SECRET), shop.clock.now())}
        return await shop.services.shipping.tracking.receive(shop.database, shop.system, "mock", body, headers)

    async def handle(self) -> None:
        """Handle all events of labels and parcels so far, oldest first, also those that were handled before."""
        shop, returns = self.delivered.shop, self.delivered.returns
        handlers = {topic: part.follow for part in (returns.labels, returns.parcels) for topic in part.topics}
        for row in await shop.owner.fetch(EVENTS, shop.company_id, list(handlers)):
            envelope = Envelope(*row.values())
            await shop.run(lambda tx, envelope=envelope: handlers[envelope.topic](tx, envelope))
