"""RabbitMQClient: topic exchange, quorum queues with dead-letter queues, confirmed publishes and subscriptions."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage
from aio_pika.connection import make_url
from aio_pika.exceptions import (
    AuthenticationError,
    ChannelClosed,
    ChannelNotFoundEntity,
    DeliveryError,
    InvalidFrameError,
    ProbableAuthenticationError,
    PublishError,
)
from aiormq.exceptions import AMQPError

from domains.kernel.ids import new_id
from domains.kernel.transactions.cleanup import keep_cancellation
from gateway.infra.amqp_frames import DecodableConnection
from gateway.infra.postgres import server_of

CONNECT_SECONDS: Final = 10
CALL_SECONDS: Final = 5  # after a lost connection, a publish without a limit could wait forever
HEARTBEAT_SECONDS: Final = 5
DELIVERY_LIMIT: Final = 50  # redeliveries after a consumer died; RabbitMQ before 4.0 has no limit of its own
RETRY_SECONDS: Final = 1.0  # until a message comes again that could not be moved to the dead-letter queue
DEAD_LETTERS_SUFFIX: Final = ".dead-letters"
# The headers of a dead letter that a consumer refused.
ID_HEADER: Final = "message-id"
TOPIC_HEADER: Final = "topic"
REASON_HEADER: Final = "reason"
# RuntimeError: the connection is closed already. StopAsyncIteration: it ended before the handshake was read.
ERRORS: Final = (AMQPError, RuntimeError, OSError, TimeoutError, StopAsyncIteration)
# A line of the library's that its error, which is reported here, repeats.
logging.getLogger("aiormq.connection").addFilter(lambda record: "error when creating transport" not in record.msg)


class BrokerUnavailable(Exception):
    """RabbitMQ cannot be reached, or a call was not confirmed in time."""


class Unroutable(Exception):
    """No queue is bound to the routing key of a mandatory message."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message to publish: its body, its unique id and its headers."""

    id: str
    body: bytes
    headers: dict[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReceivedMessage:
    """A message as a subscriber receives it."""

    id: str
    topic: str
    body: bytes
    headers: dict[str, object]


Handler = Callable[[ReceivedMessage], Awaitable[str | None]]
"""Handles one message. None acknowledges it, a reason moves it to the dead-letter queue; an error redelivers it."""


class RabbitMQClient:
    """One connection with a channel for publishing and a channel per subscription.

    Every method raises BrokerUnavailable when the server does not answer within five seconds. The connection does not
    reconnect by itself: `closed` is set when it ends, or when the server ends a subscription because its queue was
    deleted.
    """

    def __init__(self, connection: AbstractConnection, channel: AbstractChannel) -> None:
        self._connection = connection
        self._channel = channel
        self._exchanges: dict[str, aio_pika.abc.AbstractExchange] = {}
        self.closed = asyncio.Event()
        connection.close_callbacks.add(lambda *_: self.closed.set())
        channel.close_callbacks.add(lambda *_: self.closed.set())

    async def create_exchange(self, name: str, kind: str = "topic") -> None:
        """Declare a durable exchange."""
        async with _calls():
            self._exchanges[name] = await self._channel.declare_exchange(
                name, aio_pika.ExchangeType(kind), durable=True
            )

    async def create_queue(self, name: str, exchange: str, topics: Sequence[str]) -> None:
        """Declare a quorum queue with a single active consumer and its dead-letter queue, and bind it to the topics.

        The exchange must have been created. Dead letters go through the default exchange. Bindings to other topics
        stay: another version of the program may need them.
        """
        dead_letters = name + DEAD_LETTERS_SUFFIX
        arguments: dict[str, aio_pika.abc.FieldValue] = {
            "x-queue-type": "quorum",
            "x-single-active-consumer": True,
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-dead-letter-exchange": "",
            "x-dead-letter-routing-key": dead_letters,
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        }
        async with _calls():
            await self._channel.declare_queue(dead_letters, durable=True, arguments={"x-queue-type": "quorum"})
            queue = await self._channel.declare_queue(name, durable=True, arguments=arguments)
            for topic in topics:
                await queue.bind(self._exchanges[exchange], topic)

    async def publish(self, exchange: str, topic: str, message: Message, *, mandatory: bool = True) -> None:
        """Publish a persistent message; returns when the server has confirmed that it is stored.

        Raises Unroutable when it is `mandatory` and no queue is bound to the topic.
        """
        outgoing = aio_pika.Message(
            message.body,
            headers=dict(message.headers),
            message_id=message.id,
            content_type="application/json",
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        )
        try:
            async with _calls():
                target = self._exchanges[exchange] if exchange else self._channel.default_exchange
                await target.publish(outgoing, topic, mandatory=mandatory, timeout=CALL_SECONDS)
        except PublishError as error:
            raise Unroutable(f"No queue is bound to {topic} at the exchange {exchange!r}.") from error
        except DeliveryError as error:
            raise BrokerUnavailable(f"RabbitMQ refused a message of {topic}: {error}") from error

    async def subscribe(self, queue: str, handler: Handler, *, prefetch: int = 20) -> None:
        """Consume a queue until the connection closes. Up to `prefetch` messages are handled concurrently.

        A message is acknowledged after its handler returned. One that the handler refuses is published to the
        dead-letter queue first, without its properties: RabbitMQ extends the header `x-death` of a message that it
        moves itself, and 3.10 loses its dead-letter worker when the sender has given that header another type.
        """
        async with _calls():
            channel = await self._connection.channel(on_return_raises=True)
            channel.close_callbacks.add(lambda *_: self.closed.set())
            amqp = await channel.get_underlay_channel()
            amqp.on_consumer_cancel_callbacks.add(lambda _: self.closed.set())
            await channel.set_qos(prefetch)
            declared = await channel.get_queue(queue)
            await declared.consume(self._callback(queue, channel, handler))

    async def depth(self, queue: str) -> int:
        """The number of messages that wait in a queue. Raises LookupError when it does not exist."""
        return (await self.depths([queue]))[queue]

    async def depths(self, queues: Sequence[str]) -> dict[str, int]:
        """The number of messages that wait in each queue. Raises LookupError when one does not exist."""
        async with _calls():
            channel = await self._connection.channel()  # of its own: a missing queue closes the channel
            try:
                return {queue: await _depth(channel, queue) for queue in queues}
            finally:
                await channel.close()

    async def dead_letters(self, queue: str, limit: int) -> AsyncIterator["DeadLetter"]:
        """Up to `limit` messages of the dead-letter queue of a queue; those that are not deleted stay in it."""
        async with _calls():
            channel = await self._connection.channel()
        try:
            async with _calls():
                try:
                    waiting = await channel.get_queue(queue + DEAD_LETTERS_SUFFIX)
                except ChannelNotFoundEntity:
                    return
            for _ in range(limit):
                async with _calls():
                    incoming = await waiting.get(no_ack=False, fail=False, timeout=CALL_SECONDS)
                if incoming is None:
                    return
                yield _dead_letter(queue, incoming)
        finally:
            with suppress(*ERRORS):
                await channel.close()  # requeues what was not deleted

    def _callback(
        self, queue: str, channel: AbstractChannel, handler: Handler
    ) -> Callable[[AbstractIncomingMessage], Awaitable[None]]:
        async def handle(incoming: AbstractIncomingMessage) -> None:
            message = _received(incoming)
            try:
                reason = await handler(message)
            except Exception:  # noqa: BLE001 - the handler reports its errors; the message is delivered again
                await _settle(incoming.nack(requeue=True))
                return
            if reason is not None and not await self._is_moved(channel, queue, message, reason):
                await asyncio.sleep(RETRY_SECONDS)
                await _settle(incoming.nack(requeue=True))
                return
            await _settle(incoming.ack())

        return handle

    async def _is_moved(self, channel: AbstractChannel, queue: str, message: ReceivedMessage, reason: str) -> bool:
        """Publish a message to the dead-letter queue; False when that is not confirmed."""
        letter = aio_pika.Message(
            message.body,
            headers={ID_HEADER: message.id, TOPIC_HEADER: message.topic, REASON_HEADER: reason},
            message_id=str(new_id()),
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        )
        try:
            async with _calls():
                await channel.default_exchange.publish(letter, queue + DEAD_LETTERS_SUFFIX, timeout=CALL_SECONDS)
        except PublishError:
            self.closed.set()  # the queue was deleted; it is declared again with a new connection
            return False
        except (DeliveryError, BrokerUnavailable):
            return False
        return True


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message of a dead-letter queue, with the id and topic that it had before, and the reason if it is known."""

    queue: str
    message: ReceivedMessage
    reason: str
    _incoming: AbstractIncomingMessage

    async def delete(self) -> None:
        """Remove the message from the queue. Raises BrokerUnavailable."""
        async with _calls():
            await self._incoming.ack()


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[RabbitMQClient]:
    """A client of the server of a URL (`amqp://user:password@host:port/vhost`). Raises BrokerUnavailable."""
    connection = DecodableConnection(make_url(url, heartbeat=HEARTBEAT_SECONDS))
    try:
        try:
            await connection.connect(timeout=CONNECT_SECONDS)
        except ERRORS as error:
            raise BrokerUnavailable(_connection_problem(url, error)) from error
        async with _calls():
            channel = await connection.channel(on_return_raises=True)
        yield RabbitMQClient(connection, channel)
    finally:
        with suppress(*ERRORS):
            await asyncio.wait_for(connection.close(), CALL_SECONDS)


@asynccontextmanager
async def _calls() -> AsyncIterator[None]:
    """Bound calls to the server in time, and report every failure of the connection as BrokerUnavailable.

    aiormq cancels waiting calls when the connection is lost; only a requested cancellation is passed on.
    """
    try:
        async with asyncio.timeout(CALL_SECONDS):
            with keep_cancellation():
                yield
    except (PublishError, DeliveryError):
        raise
    except ChannelClosed as error:
        raise BrokerUnavailable(f"RabbitMQ refuses a call: {error}") from error
    except ERRORS as error:
        raise BrokerUnavailable(f"RabbitMQ does not answer: {type(error).__name__}: {error}") from error
    except asyncio.CancelledError as error:
        if (task := asyncio.current_task()) and task.cancelling():
            raise
        raise BrokerUnavailable("The connection to RabbitMQ was lost.") from error


async def _depth(channel: AbstractChannel, queue: str) -> int:
    try:
        declared = await channel.declare_queue(queue, passive=True)
    except ChannelNotFoundEntity:
        raise LookupError(f"There is no queue {queue}.") from None
    return declared.declaration_result.message_count or 0


def _connection_problem(url: str, error: Exception) -> str:
    """Why there is no connection, and what to do."""
    server, _, virtual_host = server_of(url).partition("/")
    if isinstance(error, AuthenticationError | ProbableAuthenticationError):
        return f"RabbitMQ at {server} refuses the user or the password. Correct RABBITMQ_URL or RABBITMQ_PASSWORD."
    if isinstance(error, InvalidFrameError):  # the answer to the last step, which opens the virtual host
        return (
            f"RabbitMQ at {server} refuses the virtual host {unquote(virtual_host) or '/'!r}: it does not exist, or "
            "the user has no permission for it. Create it, or correct RABBITMQ_URL."
        )
    reason = str(error.args[-1]) if error.args else f"no answer within {CONNECT_SECONDS} seconds"
    return f"RabbitMQ at {server} does not answer ({reason}). Start it, or correct RABBITMQ_URL."


async def _settle(call: Awaitable[None]) -> None:
    """Send an acknowledgement; when the connection is lost, the server delivers the message again."""
    with suppress(*ERRORS):
        await call


def _received(incoming: AbstractIncomingMessage) -> ReceivedMessage:
    return ReceivedMessage(
        id=incoming.message_id or "",
        topic=incoming.routing_key or "",
        body=incoming.body,
        headers=dict(incoming.headers),
    )


def _dead_letter(queue: str, incoming: AbstractIncomingMessage) -> DeadLetter:
    """A dead letter as it was published. Anybody may publish one: its headers can have any type."""
    headers = incoming.headers
    topic = _text(headers.get(TOPIC_HEADER)) or _topic_of_death(headers.get("x-death")) or incoming.routing_key
    message = ReceivedMessage(
        id=_text(headers.get(ID_HEADER)) or incoming.message_id or "",
        topic=topic or "",
        body=incoming.body,
        headers=dict(headers),
    )
    return DeadLetter(queue, message, _text(headers.get(REASON_HEADER)), incoming)


def _topic_of_death(deaths: object) -> str:
    """The routing key with which a message was published that RabbitMQ moved to the dead-letter queue itself."""
    listed = [death.get("routing-keys") for death in _list(deaths) if isinstance(death, Mapping)]
    topics = [topic for keys in listed for key in _list(keys) if (topic := _text(key))]
    return topics[-1] if topics else ""


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
