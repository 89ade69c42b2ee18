"""EventEmitter: the subscriptions of the domains by topic, and delivery that handles each event once."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from structlog.contextvars import bound_contextvars

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.domain import Subscription
from domains.kernel.events import Envelope, Event, EventQueue
from domains.kernel.monitoring import traces
from domains.kernel.transactions.cleanup import raise_if_cancelled
from gateway.monitoring.metrics import Metrics
from gateway.monitoring.slow import LIMIT, timed

HANDLER_SECONDS: Final = 20
SYSTEM_ID: Final = UUID(int=0)
INSERT_INBOX_ENTRY = """
insert into inbox_entries (event_id, handler, processed_at) values ($1, $2, $3) on conflict do nothing
"""


class UnknownVersion(Exception):
    """An event has a later version than this program knows. Update the program, then replay the event."""


class EventEmitter:
    """The subscriptions to each topic, in the queue of the domain that declares them.

    `versions` are the latest known versions of the topics. A handler that takes more than `slow` milliseconds is
    logged.
    """

    def __init__(
        self,
        database: Database,
        versions: Mapping[str, int] | None = None,
        metrics: Metrics | None = None,
        *,
        slow: int = LIMIT,
    ) -> None:
        self._database = database
        self._slow = slow
        self._versions = versions or {}
        self._metrics = metrics or Metrics()
        self._subscriptions: dict[str, list[tuple[EventQueue, Subscription]]] = {}

    def on(self, subscription: Subscription, queue: EventQueue) -> None:
        """Subscribe a handler. Raises ValueError when a subscription of this name has one of the topics already."""
        for topic in subscription.topics:
            subscribed = self._subscriptions.setdefault(topic, [])
            if subscription.name in (known.name for _, known in subscribed):
                raise ValueError(f"{subscription.name} is subscribed to {topic} already.")
            subscribed.append((queue, subscription))

    @property
    def topics(self) -> Sequence[str]:
        """The topics with a subscription."""
        return list(self._subscriptions)

    def topics_of(self, queue: EventQueue) -> Sequence[str]:
        """The topics with a subscription in a queue."""
        return [topic for topic, known in self._subscriptions.items() if queue in (each for each, _ in known)]

    def has_subscriber(self, event: Event) -> bool:
        """Whether a subscription accepts an event."""
        return any(each.only_if(event.payload()) for _, each in self._subscriptions.get(event.topic, ()))

    async def emit(self, envelope: Envelope, queue: EventQueue | None = None) -> None:
        """Call each subscribed handler (of one queue) that has not handled the event yet, each in its transaction.

        Raises UnknownVersion, or after all have been called a group of the errors, each with the name of its handler
        as a note. The next delivery calls only the handlers that failed.
        """
        known = self._versions.get(envelope.topic, envelope.version)
        if envelope.version > known:
            raise UnknownVersion(f"{envelope.topic} has version {envelope.version}; version {known} is known.")
        called = [
            subscription
            for subscribed, subscription in self._subscriptions.get(envelope.topic, ())
            if queue in {None, subscribed} and subscription.only_if(envelope.payload)
        ]
        failures = [failure for each in called if (failure := await self._failure(envelope, each)) is not None]
        if failures:
            raise ExceptionGroup("Handlers failed.", failures)

    async def _failure(self, envelope: Envelope, subscription: Subscription) -> Exception | None:
        try:
            with self._observed(envelope, subscription.name):
                await self._handle_once(envelope, subscription)
        except Exception as error:  # noqa: BLE001 - it is raised once the other handlers have been called
            raise_if_cancelled()
            error.add_note(subscription.name)
            return error
        return None

    @contextmanager
    def _observed(self, envelope: Envelope, handler: str) -> Iterator[None]:
        counted = self._metrics.handling(handler, envelope.occurred_at, self._database.clock)
        with bound_contextvars(handler=handler), traces.span(handler), timed("slow handler", self._slow), counted:
            yield

    async def _handle_once(self, envelope: Envelope, subscription: Subscription) -> None:
        async def work(tx: Tx) -> None:
            if await tx.execute(INSERT_INBOX_ENTRY, envelope.id, subscription.name, tx.clock.now()):
                await subscription.handler(tx, envelope)

        actor = Actor.system(envelope.company_id or SYSTEM_ID)
        async with asyncio.timeout(HANDLER_SECONDS):
            await self._database.run(work, actor, platform=envelope.company_id is None)
