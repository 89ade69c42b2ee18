"""RabbitMQClient on a real server: confirmed publishes, dead letters, order, lost connections."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import aio_pika
import pytest
from aiormq.connection import FrameReceiver

from gateway.infra.amqp_frames import DecodableConnection
from gateway.infra.rabbitmq import (
    BrokerUnavailable,
    Message,
    RabbitMQClient,
    ReceivedMessage,
    Unroutable,
    connected,
)
from tests.brokers import delete_queues
from tests.conditions import wait_until
from tests.proxy import Proxy

pytestmark = pytest.mark.rabbitmq
TOPIC = "kettle.boiled"
VIRTUAL_HOST = (
    "refuses the virtual host 'tea': it does not exist, or the user has no permission for it. Create it, or correct "
    "RABBITMQ_URL."
)


class Names:
    """The names of an exchange and a queue of one test."""

    def __init__(self) -> None:
        self.exchange, self.queue = f"test-{uuid4().hex}", f"test-{uuid4().hex}.events"


class Recorder:
    """A handler that records the ids of messages and answers as told."""

    def __init__(self, *, accepts: bool = True) -> None:
        self.accepts = accepts
        self.ids: list[str] = []
        self.failures = 0

    async def __call__(self, message: ReceivedMessage) -> str | None:
        self.ids.append(message.id)
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the database is away")
        return None if self.accepts else "refused"


@pytest.fixture
async def names(broker_url: str) -> AsyncIterator[Names]:
    names = Names()
    yield names
    await delete_queues(broker_url, [names.queue], [names.exchange])


@pytest.fixture
async def client(broker_url: str, names: Names) -> AsyncIterator[RabbitMQClient]:
    async with connected(broker_url) as client:
        await client.create_exchange(names.exchange)
        await client.create_queue(names.queue, names.exchange, [TOPIC])
        yield client


async def publish(client: RabbitMQClient, names: Names, *ids: str) -> None:
    for each in ids:
        await client.publish(names.exchange, TOPIC, Message(each, b"{}", {"version": 1}))


async def test_published_messages_reach_a_subscriber_in_their_order(client: RabbitMQClient, names: Names) -> None:
    ids = [str(number) for number in range(30)]
    await publish(client, names, *ids)
    recorder = Recorder()
    await client.subscribe(names.queue, recorder)
    await wait_until(lambda: len(recorder.ids) == 30)
    assert recorder.ids == ids
    assert await client.depth(names.queue) == 0


async def test_a_message_without_a_bound_queue_is_unroutable_unless_it_is_not_mandatory(
    client: RabbitMQClient, names: Names
) -> None:
    with pytest.raises(Unroutable, match=r"kettle\.cooled"):
        await client.publish(names.exchange, "kettle.cooled", Message("1", b"{}"))
    await client.publish(names.exchange, "kettle.cooled", Message("2", b"{}"), mandatory=False)
    assert await client.depth(names.queue) == 0


async def test_declaring_again_changes_nothing(client: RabbitMQClient, names: Names) -> None:
    await publish(client, names, "1")
    await client.create_exchange(names.exchange)
    await client.create_queue(names.queue, names.exchange, [TOPIC])
    assert await client.depth(names.queue) == 1


async def test_a_refused_message_is_a_dead_letter_that_stays_until_it_is_deleted(
    client: RabbitMQClient, names: Names
) -> None:
    await publish(client, names, "1", "2")
    await client.subscribe(names.queue, Recorder(accepts=False))

    async def dead_letters() -> list[str]:
        letters = [letter.message async for letter in client.dead_letters(names.queue, 10)]
        assert {letter.topic for letter in letters} == {TOPIC}
        return [letter.id for letter in letters]

    await wait_until(lambda: _has_depth(client, f"{names.queue}.dead-letters", 2))
    assert await dead_letters() == ["1", "2"]
    async for letter in client.dead_letters(names.queue, 1):
        await letter.delete()
    assert await dead_letters() == ["2"]


async def test_a_message_whose_handler_raises_is_delivered_again(client: RabbitMQClient, names: Names) -> None:
    recorder = Recorder()
    recorder.failures = 1
    await client.subscribe(names.queue, recorder)
    await publish(client, names, "1")
    await wait_until(lambda: len(recorder.ids) == 2)
    assert recorder.ids == ["1", "1"]


async def test_one_of_two_subscribers_is_active_and_the_other_takes_over(
    broker_url: str, client: RabbitMQClient, names: Names
) -> None:
    first, second = Recorder(), Recorder()
    async with AsyncExitStack() as stack:
        active = await stack.enter_async_context(connected(broker_url))
        await active.subscribe(names.queue, first)
        await client.subscribe(names.queue, second)
        await publish(client, names, "1", "2")
        await wait_until(lambda: len(first.ids) == 2)
    await publish(client, names, "3")
    await wait_until(lambda: second.ids == ["3"])
    assert first.ids == ["1", "2"]


async def test_the_depth_of_a_missing_queue_is_an_error_and_the_connection_stays(
    client: RabbitMQClient, names: Names
) -> None:
    with pytest.raises(LookupError):
        await client.depth("test-missing")
    await publish(client, names, "1")
    assert not client.closed.is_set()


async def test_the_depths_of_many_queues_are_read_on_one_channel(
    client: RabbitMQClient, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, open_channel = [], client._connection.channel

    def channel() -> Any:
        opened.append(open_channel())
        return opened[-1]

    await publish(client, names, "1", "2")
    dead_letters = f"{names.queue}.dead-letters"
    monkeypatch.setattr(client._connection, "channel", channel)
    assert await client.depths([names.queue, dead_letters]) == {names.queue: 2, dead_letters: 0}
    assert len(opened) == 1
    assert opened[0].is_closed


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"path": "/tea"},
            VIRTUAL_HOST,
        ),
        (
            {"userinfo": "guest:hunter2"},
            "refuses the user or the password. Correct RABBITMQ_URL or RABBITMQ_PASSWORD.",
        ),
        (
            {"port": 1, "userinfo": "shop:hunter2"},
            "does not answer (Connect call failed ('127.0.0.1', 1)). Start it, or correct RABBITMQ_URL.",
        ),
    ],
    ids=["virtual host", "password", "port"],
)
async def test_each_cause_of_a_failed_connection_is_one_sentence_without_the_password(
    broker_url: str,
    change: dict[str, Any],
    message: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[DecodableConnection] = []
    made = DecodableConnection.__init__

    def record(connection: DecodableConnection, *args: Any, **kwargs: Any) -> None:
        opened.append(connection)
        made(connection, *args, **kwargs)

    monkeypatch.setattr(DecodableConnection, "__init__", record)
    parts = urlsplit(broker_url)
    user, host = parts.netloc.rsplit("@", 1)
    server = f"{parts.hostname}:{change.get('port', parts.port)}"
    netloc = f"{change.get('userinfo', user)}@{server if 'port' in change else host}"
    with pytest.raises(BrokerUnavailable) as caught:
        async with connected(parts._replace(netloc=netloc, path=change.get("path", parts.path)).geturl()):
            raise AssertionError
    assert str(caught.value) == f"RabbitMQ at {server} {message}"
    assert caplog.records == []
    assert [each.is_closed for each in opened] == [True]  # one that is left open warns when it is collected


async def test_a_queue_that_was_declared_otherwise_is_a_refusal_that_says_why(
    client: RabbitMQClient, names: Names, broker_url: str
) -> None:
    connection = await aio_pika.connect(broker_url)
    async with connection, connection.channel() as channel:
        await channel.queue_delete(names.queue)
        await channel.declare_queue(names.queue)
    with pytest.raises(BrokerUnavailable, match=r"^RabbitMQ refuses a call: PRECONDITION_FAILED - inequivalent arg"):
        await client.create_queue(names.queue, names.exchange, [TOPIC])


async def test_a_cut_connection_fails_the_publishes_that_wait_and_sets_closed(broker_url: str, names: Names) -> None:
    async with Proxy.of(broker_url) as proxy, connected(proxy.url) as client:
        await client.create_exchange(names.exchange)
        await client.create_queue(names.queue, names.exchange, [TOPIC])
        proxy.stall()
        publishing = [asyncio.create_task(publish(client, names, str(number))) for number in range(3)]
        await asyncio.sleep(0)
        proxy.cut()
        results = await asyncio.gather(*publishing, return_exceptions=True)
        assert [type(result) for result in results] == [BrokerUnavailable] * 3
        await asyncio.wait_for(client.closed.wait(), 10)
        with pytest.raises(BrokerUnavailable):
            await publish(client, names, "late")


async def test_every_call_on_a_closed_connection_is_unavailable(client: RabbitMQClient, names: Names) -> None:
    letters = client.dead_letters(names.queue, 1)
    await client._connection.close()
    calls = (
        lambda: client.subscribe(names.queue, Recorder()),
        lambda: client.depth(names.queue),
        lambda: client.create_exchange(names.exchange),
        lambda: client.create_queue(names.queue, names.exchange, [TOPIC]),
        lambda: publish(client, names, "1"),
        lambda: anext(letters),
    )
    for call in calls:
        with pytest.raises(BrokerUnavailable):
            await call()


async def test_a_subscription_that_the_server_ends_sets_closed(
    broker_url: str, client: RabbitMQClient, names: Names
) -> None:
    await client.subscribe(names.queue, Recorder())
    await publish(client, names, "1")
    assert not client.closed.is_set()
    await delete_queues(broker_url, [names.queue], [])
    assert await asyncio.wait_for(client.closed.wait(), 10)


async def test_a_publish_into_a_black_hole_ends_after_its_time(
    broker_url: str, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Proxy.of(broker_url) as proxy, connected(proxy.url) as client:
        await client.create_exchange(names.exchange)
        monkeypatch.setattr("gateway.infra.rabbitmq.CALL_SECONDS", 0.2)
        proxy.stall()
        with pytest.raises(BrokerUnavailable):
            await client.publish(names.exchange, TOPIC, Message("1", b"{}"), mandatory=False)
        proxy.cut()


async def _has_depth(client: RabbitMQClient, queue: str, count: int) -> bool:
    return await client.depth(queue) == count


async def test_a_connection_that_ends_in_its_handshake_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    # A balancer, or a server that is starting, accepts the connection and closes it at once. This is what aiormq
    # raises when the end of the stream is known before it reads the first frame.
    async def receive(_: FrameReceiver) -> None:
        raise StopAsyncIteration

    async def close(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    monkeypatch.setattr(FrameReceiver, "get_frame", receive)
    async with await asyncio.start_server(close, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(BrokerUnavailable):
            async with connected(f"amqp://guest:guest@127.0.0.1:{port}/"):
                raise AssertionError("it must not connect")
