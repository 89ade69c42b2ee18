"""The connection to RabbitMQ: declares exchange and queues, subscribes the consumers, reconnects after a failure."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

import structlog

from domains.kernel.events import Envelope, Event, EventQueue
from domains.kernel.transactions.cleanup import raise_if_cancelled
from gateway.infra.rabbitmq import DEAD_LETTERS_SUFFIX, BrokerUnavailable, RabbitMQClient, Unroutable, connected
from gateway.messaging.backoff import backoff
from gateway.messaging.consumers import Consumer
from gateway.messaging.event_emitter import EventEmitter
from gateway.messaging.messages import message_of

log = structlog.get_logger("gateway.broker")
EXCHANGE: Final = "ecommerce_exchange"
MIN_PAUSE: Final = 0.2
MAX_PAUSE: Final = 10.0


class Broker:
    """Publishes events to `ecommerce_exchange` and consumes the queues while `run` runs.

    `namespace` is a prefix of the names of exchange and queues, so that installations can share a server. `events`
    are the declared events by topic: their personal fields are not published.
    """

    def __init__(
        self,
        url: str,
        emitter: EventEmitter,
        consumers: Sequence[Consumer] = (),
        *,
        namespace: str = "",
        events: Mapping[str, type[Event]] | None = None,
    ) -> None:
        self._url = url
        self._emitter = emitter
        self._consumers = consumers
        self._events = events or {}
        self._namespace = namespace
        self._client: RabbitMQClient | None = None
        self._is_ready = asyncio.Event()

    def name_of(self, queue: EventQueue) -> str:
        """The name of a queue at the server."""
        return self._namespace + queue.value

    @property
    def is_connected(self) -> bool:
        """Whether the connection is open, the queues exist and the consumers are subscribed."""
        return self._is_ready.is_set()

    async def ready(self) -> None:
        """Return once the connection is open, the queues exist and the consumers are subscribed."""
        await self._is_ready.wait()

    async def publish(self, envelope: Envelope) -> None:
        """Publish an event; returns when RabbitMQ has stored it in every bound queue. Raises BrokerUnavailable.

        An event that a handler is subscribed to must reach a queue. When none is bound, for example because it was
        deleted, everything is declared again with a new connection.
        """
        if (client := self._client) is None:
            raise BrokerUnavailable("There is no connection to RabbitMQ.")
        is_subscribed = envelope.topic in self._emitter.topics
        message = message_of(envelope, self._events.get(envelope.topic))
        try:
            exchange = self._namespace + EXCHANGE
            await client.publish(exchange, envelope.topic, message, mandatory=is_subscribed)
        except Unroutable as error:
            client.closed.set()
            raise BrokerUnavailable(str(error)) from error

    async def depths(self) -> Mapping[str, int]:
        """The messages in each queue and dead-letter queue by name; empty without a connection."""
        if (client := self._client) is None:
            return {}
        names = [self.name_of(queue) + suffix for queue in EventQueue for suffix in ("", DEAD_LETTERS_SUFFIX)]
        return await client.depths(names)

    async def run(self) -> None:
        """Keep a connection open until cancelled; after a failure, reconnect with growing pauses."""
        failures = 0
        while True:
            try:
                async with connected(self._url) as client:
                    await self._prepare(client)
                    failures = 0
                    self._client = client
                    self._is_ready.set()
                    await client.closed.wait()
                    log.warning("broker connection lost")
            except BrokerUnavailable as error:
                raise_if_cancelled()
                log.warning("broker unavailable", error=str(error), failures=failures)
            finally:
                self._client = None
                self._is_ready.clear()
            await asyncio.sleep(backoff(failures, MIN_PAUSE, MAX_PAUSE))
            failures += 1

    async def _prepare(self, client: RabbitMQClient) -> None:
        """Declare everything. All queues exist, whether a domain consumes them yet or not."""
        exchange = self._namespace + EXCHANGE
        await client.create_exchange(exchange)
        for queue in EventQueue:
            await client.create_queue(self.name_of(queue), exchange, self._emitter.topics_of(queue))
        for consumer in self._consumers:
            await client.subscribe(self.name_of(consumer.queue), consumer.handle)
