"""The carriers of a shop with a paid order, for tests of labels."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from domains.kernel.actor import Actor
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.values.secret import Secret
from domains.shipping.carriers.models import NewLabel, ShippingCarrier, ShippingLabel
from domains.shipping.carriers.requests import Parcel
from gateway.providers.carriers.mock.carrier import MockCarrier
from tests.domains.order.storefront import Storefront

SECRET = "a-secret-of-the-mock-carrier"
PARCEL = Parcel(Decimal("1.5"), Decimal(30), Decimal(20), Decimal(10))


@dataclass
class Depot:
    """A shop that ships. Each operation commits."""

    shop: Storefront
    clerk: Actor
    order_id: UUID
    mock: ShippingCarrier
    manual: ShippingCarrier
    table: ShippingCarrier

    @classmethod
    async def opened(cls, shop: Storefront) -> "Depot":
        """The carriers, and an order that a customer has paid."""
        ada = await shop.customer()
        await shop.stock("A", 50)
        await shop.fill(ada, ("A", 1))
        order = (await shop.place(ada)).order
        await shop.pay(ada, order)
        return await cls.of_order(shop, order.id)

    @classmethod
    async def of_order(cls, shop: Storefront, order_id: UUID) -> "Depot":
        """The carriers of a shop with an order."""
        made, carriers = {}, shop.services.shipping.carriers
        for adapter in ("MOCK", "MANUAL", "TABLE"):
            new: Any = {"name": adapter.title(), "code": adapter.lower(), "adapter": adapter}
            if adapter == "MOCK":
                new["credentials"] = {"webhook_secret": Secret(SECRET)}
            made[adapter.lower()] = await shop.run(lambda tx, new=new: carriers.create(tx, new))
        return cls(shop, await shop.staff(), order_id, **made)

    @property
    def carrier(self) -> MockCarrier:
        """The MOCK carrier as it sends webhooks."""
        return MockCarrier(self.shop.database._pool, self.shop.clock, Secret(SECRET))

    @property
    def new(self) -> NewLabel:
        """A label of the MOCK carrier."""
        return NewLabel(carrier_id=self.mock.id, service="STANDARD", parcel=PARCEL)

    def label_with(self, **changes: Any) -> NewLabel:
        """A label of the MOCK carrier with changes."""
        return replace(self.new, **changes)

    async def buy(self, db: Any = None, **changes: Any) -> ShippingLabel:
        """Buy a label for the order."""
        purchases = self.shop.services.order.label_purchases
        new = self.label_with(**changes)
        return await purchases.buy(db or self.shop.database, self.clerk, self.order_id, new)

    async def void(self, label: ShippingLabel, db: Any = None) -> ShippingLabel:
        """Void a label."""
        labels = self.shop.services.shipping.labels
        return await labels.void(Attempt.wrap(db or self.shop.database), self.clerk, label.id)

    async def label(self, label_id: UUID) -> ShippingLabel:
        """A label as it is stored."""
        return await self.shop.services.shipping.labels.find(
            self.shop.database.reader(self.shop.company_id), label_id
        )

    async def labels(self) -> list[ShippingLabel]:
        """The labels of the order."""
        return await self.shop.services.shipping.labels.of_orders(
            self.shop.database.reader(self.shop.company_id), [self.order_id]
        )

    async def finish(self) -> int:
        """Let the job finish what was interrupted three minutes ago."""
        self.shop.clock.advance(timedelta(minutes=3))
        return await self.shop.services.shipping.labels.finish_due(self.shop.database, self.shop.system)

    async def events(self, topic: str) -> list[dict[str, Any]]:
        """The payloads of the events of a topic, oldest first."""
        rows = await self.shop.owner.fetch(
            "select payload::text from outbox_events where company_id = $1 and topic = $2 order by sequence",
            self.shop.company_id,
            topic,
        )
        return [orjson.loads(row[0]) for row in rows]
