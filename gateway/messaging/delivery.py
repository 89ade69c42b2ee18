"""Delivery of claimed events: to the handlers of this process, or to RabbitMQ."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Protocol, TypeAlias

from opentelemetry.trace import SpanKind

from domains.kernel.events import Envelope
from domains.kernel.monitoring import traces
from domains.kernel.transactions.cleanup import raise_if_cancelled
from gateway.messaging.broker import Broker
from gateway.messaging.event_emitter import EventEmitter
from gateway.monitoring.events import traced

CONCURRENT: Final = 4
Failure: TypeAlias = Exception | None
"""The error of one event, or None when it was delivered. After BrokerUnavailable the relay tries again as often as
needed; other errors count as attempts."""


def concurrent_events(connections: int) -> int:
    """How many events are handled at once, which leaves at least half of a pool's connections for requests."""
    return min(CONCURRENT, connections // 2)


class Delivery(Protocol):
    """Takes over the events that the relay has claimed."""

    @property
    def topics(self) -> Sequence[str] | None:
        """The topics to deliver, or None for all. The relay marks events of other topics as published."""
        ...

    async def ready(self) -> None:
        """Return once events can be delivered. The relay claims none before."""
        ...

    async def deliver(self, envelopes: Sequence[Envelope]) -> Sequence[Failure]:
        """Deliver events of different aggregates; the result of each, in their order."""
        ...


class InProcessDelivery:
    """Calls the subscribed handlers in this process: delivery without a broker.

    Handles up to `concurrent` events at once. Each takes a connection of the pool, which requests need too.
    """

    def __init__(self, emitter: EventEmitter, concurrent: int = CONCURRENT) -> None:
        self._emitter = emitter
        self._slots = asyncio.Semaphore(concurrent)

    @property
    def topics(self) -> Sequence[str]:
        """The topics with a subscription."""
        return self._emitter.topics

    async def ready(self) -> None:
        """Return at once."""

    async def deliver(self, envelopes: Sequence[Envelope]) -> Sequence[Failure]:
        """Call the handlers of several events at once, those of one event after the other."""
        return await asyncio.gather(*(self._emit(envelope) for envelope in envelopes))

    async def _emit(self, envelope: Envelope) -> Failure:
        try:
            async with self._slots:
                with traced(envelope, "process"):
                    await self._emitter.emit(envelope)
        except Exception as error:  # noqa: BLE001 - the relay records and logs it
            raise_if_cancelled()
            return error
        return None


class BrokerDelivery:
    """Publishes events of all topics to the exchange; the consumers of the queues call the handlers."""

    topics = None

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    async def ready(self) -> None:
        """Wait for the connection to RabbitMQ."""
        await self._broker.ready()

    async def deliver(self, envelopes: Sequence[Envelope]) -> Sequence[Failure]:
        """Publish the events and wait for all confirms together."""
        return await asyncio.gather(*(self._publish(envelope) for envelope in envelopes))

    async def _publish(self, envelope: Envelope) -> Failure:
        try:
            with traced(envelope, "publish", SpanKind.PRODUCER):
                await self._broker.publish(replace(envelope, traceparent=traces.traceparent()))
        except Exception as error:  # noqa: BLE001 - the relay records and logs it
            raise_if_cancelled()
            return error
        return None
