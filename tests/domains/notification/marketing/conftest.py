"""A storefront whose buyers are reminded, asked and written to."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domains.cart.models import CartRef
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.ids import new_id
from domains.notification.delivery import Result
from tests.domains.notification.mailbox import Mailbox
from tests.domains.notification.orders.conftest import mailbox, told
from tests.domains.notification.told import Told
from tests.domains.order.storefront import Storefront
from tests.gateway.site import services_of

__all__ = ["mailbox", "told"]
CHOOSE = """
insert into notification_preferences (id, company_id, user_id, category, channel, enabled, updated_at)
values ($1, $2, $3, $4, 'EMAIL', $5, now())
on conflict (company_id, user_id, category, channel) do update set enabled = excluded.enabled
"""


@dataclass
class Marketing:
    """What happens to the marketing of a shop: jobs, digests and deliveries, each when it is due."""

    told: Told
    mailbox: Mailbox

    @property
    def shop(self) -> Any:
        return self.told.shop

    @property
    def parts(self) -> Any:
        return self.shop.services.notification

    async def set(self, **settings: Any) -> None:
        await self.shop.run(lambda tx: self.parts.settings.update(tx, settings, "EUR"))

    async def choose(self, buyer: Actor, category: str, *, enabled: bool = True) -> None:
        await self.shop.owner.execute(CHOOSE, new_id(), self.shop.company_id, buyer.user_id, category, enabled)

    async def customer(self, *, has_bought: bool = True) -> Actor:
        """A user, who has paid an order before."""
        buyer: Actor = await self.shop.customer()
        if has_bought:
            await self.shop.pay(buyer, await self.shop.buy(buyer, ("A", 1)))
        return buyer

    async def leave(self, buyer: Actor, *wanted: tuple[str, int], token: str | None = None) -> str | None:
        """Fill a cart, and leave it until it is abandoned and that is handled."""
        token = await self.shop.fill(buyer, *wanted or [("A", 2)], token=token)
        await self.abandon()
        return token

    async def abandon(self) -> None:
        """A day passes, and what is abandoned is told."""
        self.shop.clock.advance(timedelta(hours=24))
        while await self.shop.run(self.shop.services.cart.abandonment.report):
            pass
        await self.handle("cart.abandoned")

    async def handle(self, topic: str) -> None:
        """Deliver the events of a topic, which happened now by the clock of the shop."""
        emitter = self.told.emitter
        for event in await self.told.events(topic):
            await emitter.emit(replace(event, occurred_at=self.shop.clock.now()))

    async def cart(self, buyer: Actor) -> Any:
        reader = self.shop.database.reader(self.shop.company_id)
        return await self.shop.services.cart.get_cart(reader, CartRef.of(buyer, None))

    async def send(self) -> list[Any]:
        """Make the digests that are due, and send all that is in the queue."""
        while await self.shop.run(self.parts.digests.make):
            pass
        query = "select notification_id from queued_notifications where company_id = $1 order by due_at"
        ends = []
        for row in await self.shop.owner.fetch(query, self.shop.company_id):
            each: UUID = row["notification_id"]
            ends.append(await self.parts.delivery.send(self.shop.database, self.shop.company_id, each, 1))
            if isinstance(ends[-1], Result):
                await self.shop.owner.execute("delete from queued_notifications where notification_id = $1", each)
        return ends

    async def rows(self, kind: str) -> list[Mapping[str, Any]]:
        query = "select * from notifications where company_id = $1 and kind::text = $2 order by scheduled_at, id"
        found: list[Mapping[str, Any]] = await self.shop.owner.fetch(query, self.shop.company_id, kind)
        return found

    async def states(self, kind: str) -> list[tuple[str, str | None]]:
        return [(row["status"], row["failure_reason"]) for row in await self.rows(kind)]


@pytest.fixture
async def shop(
    database: Database, clock: FixedClock, company: UUID, owner: Any, mailbox: Mailbox
) -> AsyncIterator[Storefront]:
    """The shop under test, whose transactions have the time of its clock."""
    timed = Database(database._pool, clock, database._on_events, database._is_relayed)
    made = Storefront(services_of(clock, timed, mailbox), timed, clock, company, owner)
    yield made
    assert await made.broken() == []


@pytest.fixture
def marketing(told: Told, mailbox: Mailbox) -> Marketing:
    return Marketing(told, mailbox)
