"""Messages of other programs with odd properties stop neither a connection nor a queue, and can be listed."""

import struct
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import pamqp.frame
import pytest
from pamqp.commands import Basic

from gateway.infra.amqp_frames import decodable
from gateway.infra.rabbitmq import DeadLetter, Message, RabbitMQClient, ReceivedMessage, connected
from tests.brokers import delete_queues
from tests.conditions import wait_until
from tests.foreign_messages import UNDECODABLE, UNKNOWN_MODE, publish_raw, publish_with_headers

TOPIC = "kettle.boiled"
REASON = "It is no event."


class Queue:
    """A queue of one test with a subscriber that refuses what is not published by `publish`."""

    def __init__(self, url: str, client: RabbitMQClient) -> None:
        self.url, self.client, self.handled = url, client, list[ReceivedMessage]()
        self.exchange = f"test-{uuid4().hex}"
        self.name = f"{self.exchange}.events"

    async def handle(self, delivery: ReceivedMessage) -> str | None:
        self.handled.append(delivery)
        return None if delivery.headers.get("version") == 1 else REASON

    async def publish(self, message_id: str) -> None:
        await self.client.publish(self.exchange, TOPIC, Message(message_id, b"{}", {"version": 1}))

    async def dead_letters(self) -> list[DeadLetter]:
        return [letter async for letter in self.client.dead_letters(self.name, 100)]

    async def has_dead_letters(self, count: int) -> bool:
        return await self.client.depth(f"{self.name}.dead-letters") == count


@pytest.fixture
async def queue(broker_url: str) -> AsyncIterator[Queue]:
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(connected(broker_url))
        queue = Queue(broker_url, client)
        stack.push_async_callback(delete_queues, broker_url, [queue.name], [queue.exchange])
        await client.create_exchange(queue.exchange)
        await client.create_queue(queue.name, queue.exchange, [TOPIC])
        yield queue


@pytest.mark.rabbitmq
@pytest.mark.parametrize("properties", UNDECODABLE.values(), ids=UNDECODABLE.keys())
async def test_undecodable_properties_are_left_out_and_the_connection_stays(
    queue: Queue, properties: tuple[int, bytes]
) -> None:
    await publish_raw(queue.url, queue.exchange, TOPIC, properties, b"poison")
    await queue.client.subscribe(queue.name, queue.handle)
    await queue.publish("later")
    await wait_until(lambda: len(queue.handled) == 2)
    poison, later = queue.handled
    assert (poison.id, poison.topic, poison.body, poison.headers) == (
        "",
        TOPIC,
        b"poison",
        {"x-undecodable-properties": True},
    )
    assert later.id == "later"
    await wait_until(lambda: queue.has_dead_letters(1))
    (letter,) = await queue.dead_letters()
    assert (letter.message.body, letter.message.topic, letter.reason) == (b"poison", TOPIC, REASON)
    assert not queue.client.closed.is_set()


@pytest.mark.rabbitmq
async def test_many_messages_with_odd_properties_do_not_fill_the_prefetch_of_a_queue(queue: Queue) -> None:
    """A message that is never acknowledged would take one of its places."""
    for _ in range(4):
        await publish_raw(queue.url, queue.exchange, TOPIC, UNDECODABLE["lists in lists"])
    await queue.client.subscribe(queue.name, queue.handle, prefetch=2)
    await queue.publish("later")
    await wait_until(lambda: queue.has_dead_letters(4))
    await wait_until(lambda: len(queue.handled) == 5)
    assert [delivery.id for delivery in queue.handled] == [*[""] * 4, "later"]


@pytest.mark.rabbitmq
async def test_a_refused_message_keeps_id_topic_body_and_reason_but_no_header(queue: Queue) -> None:
    foreign = Message("an event", b'{"id": 1}', {"version": 2, "x-first-death-queue": "forged", "topic": "forged"})
    await queue.client.subscribe(queue.name, queue.handle)
    await queue.client.publish(queue.exchange, TOPIC, foreign)
    await wait_until(lambda: queue.has_dead_letters(1))
    (letter,) = await queue.dead_letters()
    assert (letter.message.id, letter.message.topic, letter.message.body) == ("an event", TOPIC, b'{"id": 1}')
    added = {"x-delivery-count": 0}  # by the queue
    assert letter.message.headers == {"message-id": "an event", "topic": TOPIC, "reason": REASON, **added}
    assert await queue.client.depth(queue.name) == 0


@pytest.mark.rabbitmq
async def test_a_message_that_cannot_be_moved_stays_in_its_queue(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.infra.rabbitmq.RETRY_SECONDS", 0)
    await delete_queues(queue.url, [f"{queue.name}.dead-letters"], [])
    async with connected(queue.url) as consumer:
        await consumer.subscribe(queue.name, queue.handle)
        await queue.client.publish(queue.exchange, TOPIC, Message("foreign", b"{}"))
        await consumer.closed.wait()  # so that the worker connects anew, and declares the queue again
    await queue.client.create_queue(queue.name, queue.exchange, [TOPIC])
    await queue.client.subscribe(queue.name, queue.handle)
    await wait_until(lambda: queue.has_dead_letters(1))
    (letter,) = await queue.dead_letters()
    assert letter.message.id == "foreign"


@pytest.mark.rabbitmq
async def test_dead_letters_are_listed_whatever_their_headers_are(queue: Queue) -> None:
    name = f"{queue.name}.dead-letters"
    odd: list[Any] = ["boo", 7, {"routing-keys": [TOPIC]}, [{"routing-keys": 5}], [{}], [{"routing-keys": [5, None]}]]
    for deaths in odd:
        await publish_with_headers(
            queue.url, name, {"x-death": deaths, "topic": 7, "reason": [1], "message-id": None}
        )
    await publish_with_headers(queue.url, name, {"x-death": [{"routing-keys": ["b", TOPIC]}, {"routing-keys": 5}]})
    for properties in UNDECODABLE.values():
        await publish_raw(queue.url, "", name, properties)
    letters = await queue.dead_letters()
    assert [(letter.message.id, letter.message.topic, letter.reason) for letter in letters] == [
        *[("foreign", name, "")] * len(odd),
        ("foreign", TOPIC, ""),
        *[("", name, "")] * len(UNDECODABLE),
    ]


@pytest.mark.rabbitmq
async def test_a_missing_dead_letter_queue_has_no_letters(queue: Queue) -> None:
    await delete_queues(queue.url, [f"{queue.name}.dead-letters"], [])
    assert await queue.dead_letters() == []


@pytest.mark.parametrize(
    "method",
    [
        Basic.Deliver("a consumer", 1, False, "an exchange", "kettle.boiled"),
        Basic.GetOk(1, True, "an exchange", "kettle.boiled", 7),
    ],
    ids=["deliver", "get"],
)
def test_names_that_are_no_utf8_are_replaced(method: Any) -> None:
    frame = pamqp.frame.marshal(method, 3)
    assert decodable(frame) == frame
    odd = frame.replace(b"an exch", b"\xff\xfe exch").replace(b"kettle", b"kett\xc3e")
    read: Any
    _, channel, read = pamqp.frame.unmarshal(decodable(odd))
    assert (channel, type(read)) == (3, type(method))
    method.exchange, method.routing_key = "?? exchange", "kett?e.boiled"
    assert dict(read) == dict(method)


@pytest.mark.parametrize("properties", [*UNDECODABLE.values(), UNKNOWN_MODE])
def test_the_size_of_the_body_and_the_channel_stay(properties: tuple[int, bytes]) -> None:
    flags, values = properties
    payload = struct.pack(">HHQH", 60, 0, 4_000_000_000, flags) + values
    frame = struct.pack(">BHI", 2, 7, len(payload)) + payload + b"\xce"
    header: Any
    _, channel, header = pamqp.frame.unmarshal(decodable(frame))
    assert (channel, header.body_size) == (7, 4_000_000_000)
    assert header.properties.headers == {"x-undecodable-properties": True}
