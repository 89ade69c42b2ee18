"""Who takes in which event, and how a second delivery changes nothing."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.events import Envelope, Event, Handler

Concern: TypeAlias = Callable[[Mapping[str, Any]], bool]
"""Whether an event with these fields concerns a handler."""
HANDLER_SECONDS: Final = 20
NOBODY: Final = UUID(int=0)
TAKE_IN = "insert into inbox_entries (event_id, handler) values ($1, $2) on conflict do nothing"


class Handlers:
    """The handlers of each topic. A handler's name, its module and function, is what the inbox knows it by."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._handlers: dict[str, list[tuple[str, Handler, Concern]]] = {}

    def on(self, topic: str, handler: Handler, *, name: str = "", only_if: Concern = lambda _: True) -> None:
        """Let a handler take in every event of a topic, or only those that concern it.

        Raises ValueError when it does so already.
        """
        name = name or f"{handler.__module__}.{handler.__qualname__}"
        taken = self._handlers.setdefault(topic, [])
        if name in (known for known, _, _ in taken):
            raise ValueError(f"{name} takes in {topic} already.")
        taken.append((name, handler, only_if))

    @property
    def topics(self) -> Sequence[str]:
        """The topics that somebody takes in."""
        return list(self._handlers)

    def hear(self, events: Sequence[Event]) -> bool:
        """Whether one of these events concerns somebody."""
        return any(
            concerns(event.payload()) for event in events for _, _, concerns in self._handlers.get(event.topic, ())
        )

    async def deliver(self, envelope: Envelope) -> None:
        """Give the event to each handler it concerns that has not taken it in yet, each in a transaction of its own.

        Raises the first handler's error; the others are tried again with the next delivery.
        """
        for name, handler, concerns in self._handlers.get(envelope.topic, ()):
            if concerns(envelope.payload):
                await self._take_in(envelope, name, handler)

    async def _take_in(self, envelope: Envelope, name: str, handler: Handler) -> None:
        async def work(tx: Tx) -> None:
            if await tx.execute(TAKE_IN, envelope.id, name):
                await handler(tx, envelope)

        actor = Actor.system(envelope.company_id or NOBODY)
        async with asyncio.timeout(HANDLER_SECONDS):
            await self._database.run(work, actor, platform=envelope.company_id is None)
