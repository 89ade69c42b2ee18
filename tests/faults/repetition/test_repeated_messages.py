"""Messages that are delivered several times, in any order: each event has one effect."""

import asyncio
import random
from contextlib import AsyncExitStack
from typing import Final

import pytest

from domains.kernel.actor import Actor
from domains.kernel.clock import SystemClock
from domains.kernel.database import Tx
from domains.kernel.domain import Subscription
from domains.kernel.events import Envelope, EventQueue
from domains.kernel.ids import new_id
from gateway.bootstrap import Platform
from gateway.infra.postgres import connected
from gateway.infra.rabbitmq import Message, ReceivedMessage
from gateway.infra.rabbitmq import connected as connected_broker
from gateway.messaging.broker import EXCHANGE, Broker
from gateway.messaging.consumers import Consumer
from gateway.messaging.event_emitter import EventEmitter
from gateway.messaging.messages import message_of
from tests.conditions import wait_until
from tests.faults.scale import sizes
from tests.gateway.messaging.samples import TOPIC, SampleMeasured, cancelled

TIMES: Final = 3
SAMPLES: Final = 50  # aggregates
BATCH: Final = 500
CONCURRENT: Final = 20
HANDLED_SECONDS: Final = 600
EVENTS: Final = """
select id, topic, version, company_id, aggregate_id, sequence, actor_kind, actor_id, created_at, payload
from outbox_events where topic = $1
"""
# Effects can be counted: nothing in the table prevents a second one.
CREATE: Final = "create table effects (event_id uuid not null); grant insert on effects to commerce_gateway"


class Effects:
    """A handler that writes one row for each event that it handles."""

    async def __call__(self, tx: Tx, envelope: Envelope) -> None:
        """Handle an event."""
        await tx.execute("insert into effects (event_id) values ($1)", envelope.id)


@pytest.fixture
async def emitter(platform: Platform, shop_url: str) -> EventEmitter:
    """An emitter whose handler has countable effects."""
    async with connected(shop_url) as connection:
        await connection.execute(CREATE)
    emitter = EventEmitter(platform.database, {TOPIC: 1})
    emitter.on(Subscription("sample.effects", [TOPIC], Effects()), EventQueue.PRODUCT)
    return emitter


async def shuffled_messages(platform: Platform, url: str, count: int) -> list[Message]:
    """So many stored events of the default company, each as several messages, in random order."""
    company = await platform.companies.find(None)
    samples = [new_id() for _ in range(SAMPLES)]
    for begun in range(0, count, BATCH):
        async with platform.database.transaction(Actor.system(company.id)) as tx:
            for value in range(begun, min(begun + BATCH, count)):
                tx.emit(SampleMeasured(sample_id=samples[value % SAMPLES], value=value))
    async with connected(url) as connection:
        rows = await connection.fetch(EVENTS, TOPIC)
    messages = [message_of(Envelope(*row.values())) for row in rows] * TIMES
    random.Random(count).shuffle(messages)  # noqa: S311 - repeatable
    return messages


async def effects(url: str) -> tuple[int, int, int]:
    """The number of effects, of the events that had one, and of the events that the inbox knows as handled."""
    async with connected(url) as connection:
        row = await connection.fetchrow("select count(*), count(distinct event_id) from effects")
        handled = await connection.fetchval("select count(*) from inbox_entries where handler = 'sample.effects'")
    return (*row.values(), handled)


@pytest.mark.parametrize("count", sizes(100, 1_000, 10_000))
async def test_two_consumers_that_get_messages_several_times_handle_each_event_once(
    count: int, platform: Platform, emitter: EventEmitter, shop_url: str
) -> None:
    messages = iter(await shuffled_messages(platform, shop_url, count))
    consumers = [Consumer(EventQueue.PRODUCT, emitter, platform.relay_pool, SystemClock()) for _ in range(2)]

    async def consume(consumer: Consumer) -> None:
        for each in messages:
            assert await consumer.handle(ReceivedMessage(each.id, TOPIC, each.body, dict(each.headers))) is None

    await asyncio.gather(*(consume(consumer) for consumer in consumers * (CONCURRENT // 2)))
    assert await effects(shop_url) == (count, count, count)


@pytest.mark.rabbitmq
@pytest.mark.parametrize("count", sizes(100, 1_000, 10_000))
async def test_messages_that_rabbitmq_delivers_several_times_are_handled_once(
    count: int, platform: Platform, emitter: EventEmitter, shop_url: str, broker: dict[str, str]
) -> None:
    messages = await shuffled_messages(platform, shop_url, count)
    url, namespace = broker["RABBITMQ_URL"], broker["RABBITMQ_NAMESPACE"]
    consumer = Consumer(EventQueue.PRODUCT, emitter, platform.relay_pool, SystemClock())
    receiver = Broker(url, emitter, [consumer], namespace=namespace)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(cancelled, asyncio.create_task(receiver.run()))
        await receiver.ready()
        client = await stack.enter_async_context(connected_broker(url))
        await client.create_exchange(namespace + EXCHANGE)
        for begun in range(0, len(messages), BATCH):
            batch = messages[begun : begun + BATCH]
            await asyncio.gather(*(client.publish(namespace + EXCHANGE, TOPIC, each) for each in batch))

        async def is_empty() -> bool:
            depths = await receiver.depths()
            return not any(depths.values())

        await wait_until(is_empty, HANDLED_SECONDS)
    assert await effects(shop_url) == (count, count, count)
