"""Event handlers: their subscriptions, and delivery that handles each event once."""

import asyncio
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.domain import Subscription
from domains.kernel.events import Envelope, Event

HANDLER_SECONDS: Final = 20
SYSTEM_ID: Final = UUID(int=0)
INSERT_INBOX_ENTRY = """
insert into inbox_entries (event_id, handler, processed_at) values ($1, $2, $3) on conflict do nothing
"""


class Handlers:
    """The subscriptions to each topic."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._handlers: dict[str, list[Subscription]] = {}

    def on(self, subscription: Subscription) -> None:
        """Subscribe a handler. Raises ValueError when a subscription of this name has one of the topics already."""
        for topic in subscription.topics:
            subscribed = self._handlers.setdefault(topic, [])
            if subscription.name in (other.name for other in subscribed):
                raise ValueError(f"{subscription.name} is subscribed to {topic} already.")
            subscribed.append(subscription)

    @property
    def topics(self) -> Sequence[str]:
        """The topics with a subscription."""
        return list(self._handlers)

    def has_subscriber(self, events: Sequence[Event]) -> bool:
        """Whether a subscription accepts one of these events."""
        return any(each.only_if(event.payload()) for event in events for each in self._handlers.get(event.topic, ()))

    async def deliver(self, envelope: Envelope) -> None:
        """Call each subscribed handler that has not handled the event yet, each in a separate transaction.

        Raises the error of the first failed handler; the remaining ones run with the next delivery.
        """
        for subscription in self._handlers.get(envelope.topic, ()):
            if subscription.only_if(envelope.payload):
                await self._handle_once(envelope, subscription)

    async def _handle_once(self, envelope: Envelope, subscription: Subscription) -> None:
        async def work(tx: Tx) -> None:
            if await tx.execute(INSERT_INBOX_ENTRY, envelope.id, subscription.name, tx.clock.now()):
                await subscription.handler(tx, envelope)

        actor = Actor.system(envelope.company_id or SYSTEM_ID)
        async with asyncio.timeout(HANDLER_SECONDS):
            await self._database.run(work, actor, platform=envelope.company_id is None)
