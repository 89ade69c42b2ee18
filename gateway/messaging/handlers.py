"""Who takes in which event, and how a second delivery changes nothing."""

import asyncio
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.domain import Subscription
from domains.kernel.events import Envelope, Event

HANDLER_SECONDS: Final = 20
NOBODY: Final = UUID(int=0)
TAKE_IN = "insert into inbox_entries (event_id, handler) values ($1, $2) on conflict do nothing"


class Handlers:
    """The subscriptions to each topic."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._handlers: dict[str, list[Subscription]] = {}

    def on(self, subscription: Subscription) -> None:
        """Subscribe a handler. Raises ValueError when a subscription of this name has one of the topics already."""
        for topic in subscription.topics:
            subscribed = self._handlers.setdefault(topic, [])
            if subscription.name in (known.name for known in subscribed):
                raise ValueError(f"{subscription.name} is subscribed to {topic} already.")
            subscribed.append(subscription)

    @property
    def topics(self) -> Sequence[str]:
        """The topics that somebody takes in."""
        return list(self._handlers)

    def hear(self, events: Sequence[Event]) -> bool:
        """Whether one of these events concerns somebody."""
        return any(each.only_if(event.payload()) for event in events for each in self._handlers.get(event.topic, ()))

    async def deliver(self, envelope: Envelope) -> None:
        """Give the event to each handler it concerns that has not taken it in yet, each in a transaction of its own.

        Raises the first handler's error; the others are tried again with the next delivery.
        """
        for subscription in self._handlers.get(envelope.topic, ()):
            if subscription.only_if(envelope.payload):
                await self._take_in(envelope, subscription)

    async def _take_in(self, envelope: Envelope, subscription: Subscription) -> None:
        async def work(tx: Tx) -> None:
            if await tx.execute(TAKE_IN, envelope.id, subscription.name):
                await subscription.handler(tx, envelope)

        actor = Actor.system(envelope.company_id or NOBODY)
        async with asyncio.timeout(HANDLER_SECONDS):
            await self._database.run(work, actor, platform=envelope.company_id is None)
