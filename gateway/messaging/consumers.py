"""Consumers: each handles the messages of one queue, in order per aggregate and with bounded retries."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final
from uuid import UUID

import asyncpg
import structlog

from domains.kernel.clock import Clock
from domains.kernel.events import Envelope, EventQueue
from domains.kernel.fail_points import reach
from domains.kernel.transactions.cleanup import raise_if_cancelled
from gateway.infra.rabbitmq import ReceivedMessage
from gateway.messaging.backoff import backoff
from gateway.messaging.event_emitter import EventEmitter, UnknownVersion
from gateway.messaging.failures import failure_text
from gateway.messaging.messages import MalformedMessage, envelope_of
from gateway.monitoring.events import logged, traced
from gateway.monitoring.metrics import Metrics

log = structlog.get_logger("gateway.consumers")
ATTEMPTS: Final = 6
MIN_PAUSE: Final = 0.25
MAX_PAUSE: Final = 8.0
FAILED: Final = "The event failed at every attempt."
STORED: Final = """
select id, topic, version, company_id, aggregate_id, sequence, actor_kind, actor_id, created_at, payload
from outbox_events where id = $1
"""
MARK_DEAD: Final = """
update outbox_events set published_at = null, dead_at = $2, attempts = attempts + 1, last_error = $3 where id = $1
"""


class RefusedMessage(Exception):
    """A message becomes a dead letter without being handled; the text says why, and has nothing of the message."""


class Consumer:
    """Handles the messages of a queue.

    Events of one aggregate are handled one after the other in the order of arrival, other events concurrently. A
    message must be an event that the outbox contains: another one, such as a forged event of another company, is
    refused. Handlers get the event as the outbox has it now: the erasure or merge of a person may have changed its
    payload, actor or aggregate since it was published. An event without a handler in the queue is acknowledged:
    queues stay bound to the topics of subscriptions that an earlier version had.
    """

    def __init__(
        self,
        queue: EventQueue,
        emitter: EventEmitter,
        pool: "asyncpg.Pool[asyncpg.Record]",
        clock: Clock,
        metrics: Metrics | None = None,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.queue = queue
        self._emitter = emitter
        self._pool = pool
        self._clock = clock
        self._sleep = sleep
        self._metrics = metrics or Metrics()
        self._metrics.expect_queue(queue.value)
        self._lanes: dict[UUID, tuple[asyncio.Lock, int]] = {}

    async def handle(self, message: ReceivedMessage) -> str | None:
        """Handle one message; the reason when it is refused or failed at every attempt, and becomes a dead letter."""
        try:
            envelope = envelope_of(message)
            async with self._lane(envelope.aggregate_id):
                return await self._handle_event(envelope)
        except (MalformedMessage, RefusedMessage) as error:
            return self._refuse(str(error))

    def _refuse(self, reason: str) -> str:
        log.error("message refused", queue=self.queue.value, reason=reason)
        self._metrics.messages_refused.labels(self.queue.value).inc()
        return reason

    async def _handle_event(self, envelope: Envelope) -> str | None:
        attempt, is_waiting = 0, False
        while (error := await self._failure(envelope)) is not None:
            if not await self._database_answers():
                if not is_waiting:  # once for each event, not at each of thousands of tries
                    log.warning("event waits", error=failure_text(error))
                is_waiting = True
                await self._pause(attempt)
                continue
            attempt += 1
            with logged(envelope):
                log.error("event not handled", attempt=attempt, exc_info=error)
            if attempt == ATTEMPTS or isinstance(error, UnknownVersion):
                await self._mark_dead(envelope, error)
                return FAILED
            await self._pause(attempt)
        return None

    async def _failure(self, envelope: Envelope) -> Exception | None:
        """Call the handlers once; the error of what failed. Raises RefusedMessage.

        Log lines and spans have the ids of the event once the outbox is known to have it.
        """
        try:
            stored = await self._stored(envelope)
            reach("consumer.checked")
            with traced(replace(stored, traceparent=envelope.traceparent), "process"):
                await self._emitter.emit(stored, self.queue)
            reach("consumer.handled")
        except RefusedMessage:
            raise
        except Exception as error:  # noqa: BLE001 - it is logged, and the event is tried again
            raise_if_cancelled()
            return error
        return None

    async def _stored(self, envelope: Envelope) -> Envelope:
        """The event in the outbox. Raises RefusedMessage unless the message names this event of this company."""
        row = await self._pool.fetchrow(STORED, envelope.id)
        if row is None:
            raise RefusedMessage("The outbox has no event with this id.")
        stored = Envelope(*row.values())
        if _identity(stored) != _identity(envelope):
            raise RefusedMessage("The message differs from the event in the outbox.")
        return stored

    async def _database_answers(self) -> bool:
        """Whether a failure may be the event's: without a database, events wait and no attempt is counted."""
        try:
            await self._pool.fetchval("select 1")
        except Exception:  # noqa: BLE001 - whatever the reason, it does not answer
            raise_if_cancelled()
            return False
        return True

    async def _mark_dead(self, envelope: Envelope, error: Exception) -> None:
        """Record the dead letter in the outbox, where it is listed, replayed and not deleted."""
        await self._pool.execute(MARK_DEAD, envelope.id, self._clock.now(), failure_text(error))

    async def _pause(self, attempt: int) -> None:
        await self._sleep(backoff(attempt, MIN_PAUSE, MAX_PAUSE))

    @asynccontextmanager
    async def _lane(self, aggregate_id: UUID) -> AsyncIterator[None]:
        """The turn of an event among those of its aggregate; locks are granted in the order of arrival."""
        lock, waiting = self._lanes.get(aggregate_id, (asyncio.Lock(), 0))
        self._lanes[aggregate_id] = (lock, waiting + 1)
        try:
            async with lock:
                yield
        finally:
            lock, waiting = self._lanes.pop(aggregate_id)
            if waiting > 1:
                self._lanes[aggregate_id] = (lock, waiting - 1)


def _identity(envelope: Envelope) -> tuple[object, ...]:
    """What never changes of a stored event."""
    return (envelope.id, envelope.topic, envelope.version, envelope.company_id, envelope.sequence)
