"""Events reach their handlers once and in order, in the process and through RabbitMQ."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID, uuid4

import pytest

from domains.kernel.clock import SystemClock
from domains.kernel.database import Database
from domains.kernel.events import EventQueue
from gateway.messaging.broker import EXCHANGE, Broker
from gateway.messaging.consumers import Consumer
from gateway.messaging.delivery import BrokerDelivery, Delivery, InProcessDelivery
from gateway.messaging.event_emitter import EventEmitter
from gateway.messaging.relay import Relay
from tests.brokers import delete_queues
from tests.conditions import wait_until
from tests.gateway.messaging.samples import TOPIC, CountingHandler, cancelled, effects, measure, states

pytestmark = pytest.mark.usefixtures("empty_outbox")


class Deliveries:
    """Runs relays, with the consumers that their delivery needs."""

    def __init__(self, delivery: Delivery, pool: Any, stack: AsyncExitStack) -> None:
        self._delivery, self._pool, self._stack = delivery, pool, stack

    async def start(self, relays: int = 1) -> None:
        """Start relays that run until the end of the test."""
        for _ in range(relays):
            task = asyncio.create_task(Relay(self._pool, self._delivery, batch=7).run())
            self._stack.push_async_callback(cancelled, task)


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.messaging.relay.MIN_PAUSE", 0.01)
    monkeypatch.setattr("gateway.messaging.relay.POLL_SECONDS", 0.05)
    monkeypatch.setattr("gateway.messaging.consumers.MIN_PAUSE", 0.01)


@pytest.fixture(params=["in process", pytest.param("rabbitmq", marks=pytest.mark.rabbitmq)])
async def deliveries(
    request: pytest.FixtureRequest, emitter: EventEmitter, relay_pool: Any
) -> AsyncIterator[Deliveries]:
    async with AsyncExitStack() as stack:
        if request.param == "in process":
            yield Deliveries(InProcessDelivery(emitter), relay_pool, stack)
            return
        url, namespace = request.getfixturevalue("broker_url"), f"test-{uuid4().hex}."
        consumer = Consumer(EventQueue.PRODUCT, emitter, relay_pool, SystemClock())
        broker = Broker(url, emitter, [consumer], namespace=namespace)
        names = [broker.name_of(queue) for queue in EventQueue]
        stack.push_async_callback(delete_queues, url, names, [namespace + EXCHANGE])
        stack.push_async_callback(cancelled, asyncio.create_task(broker.run()))
        yield Deliveries(BrokerDelivery(broker), relay_pool, stack)


async def all_of(handler: CountingHandler, samples: Sequence[UUID], count: int) -> None:
    await wait_until(lambda: all(len(handler.of(sample)) >= count for sample in samples))


async def test_events_are_handled_in_the_order_of_their_aggregate(
    database: Database, deliveries: Deliveries, handler: CountingHandler, owner: Any, company: UUID
) -> None:
    samples = [await measure(database, company, 1, 2, 3) for _ in range(5)]
    await deliveries.start()
    await all_of(handler, samples, 3)
    assert [handler.of(sample) for sample in samples] == [[1, 2, 3]] * 5
    assert await effects(owner, company) == 15


async def test_several_relays_handle_each_event_once(
    database: Database, deliveries: Deliveries, handler: CountingHandler, owner: Any, company: UUID
) -> None:
    await deliveries.start(relays=3)
    samples = await asyncio.gather(*(measure(database, company, *range(4)) for _ in range(8)))
    await all_of(handler, samples, 4)
    assert [handler.of(sample) for sample in samples] == [[0, 1, 2, 3]] * 8
    assert await effects(owner, company) == 32


async def test_an_event_that_is_delivered_again_has_one_effect(
    database: Database, deliveries: Deliveries, handler: CountingHandler, owner: Any, company: UUID
) -> None:
    sample = await measure(database, company, 1)
    await deliveries.start()
    await all_of(handler, [sample], 1)
    await wait_until(lambda: _all(owner, (True, False)))
    await owner.execute("update outbox_events set published_at = null")
    await measure(database, company, 2, sample=sample)
    await all_of(handler, [sample], 2)
    assert (handler.of(sample), await effects(owner, company)) == ([1, 2], 2)


async def test_a_failed_handler_is_rolled_back_and_called_again(
    database: Database, deliveries: Deliveries, handler: CountingHandler, owner: Any, company: UUID
) -> None:
    handler.failures = 2
    sample = await measure(database, company, 1)
    await deliveries.start()
    await all_of(handler, [sample], 1)
    assert await effects(owner, company) == 1


async def test_an_event_that_always_fails_becomes_a_dead_letter_and_others_are_handled(
    database: Database, deliveries: Deliveries, handler: CountingHandler, owner: Any, company: UUID
) -> None:
    handler.fails = lambda value: value == 13
    await owner.execute("alter table outbox_events alter column attempts set default 9")
    try:
        sample, other = await measure(database, company, 13, 14), await measure(database, company, 15)
        await deliveries.start()
        await all_of(handler, [sample, other], 1)
        await wait_until(lambda: _has_dead(owner, 1))
    finally:
        await owner.execute("alter table outbox_events alter column attempts set default 0")
    assert (handler.of(sample), handler.of(other)) == ([14], [15])
    assert await effects(owner, company) == 2


async def test_an_event_of_a_later_version_becomes_a_dead_letter(
    database: Database, deliveries: Deliveries, handler: CountingHandler, owner: Any, company: UUID
) -> None:
    await owner.execute("alter table outbox_events alter column attempts set default 9")
    try:
        sample = await measure(database, company, 1)
        await owner.execute("update outbox_events set version = 2")
        await deliveries.start()
        await wait_until(lambda: _has_dead(owner, 1))
    finally:
        await owner.execute("alter table outbox_events alter column attempts set default 0")
    error = await owner.fetchval("select last_error from outbox_events")
    assert error == f"UnknownVersion: {TOPIC} has version 2; version 1 is known."
    assert handler.of(sample) == []


async def _all(owner: Any, state: tuple[bool, bool]) -> bool:
    return all(each == state for each in await states(owner))


async def _has_dead(owner: Any, count: int) -> bool:
    return sum(is_dead for _, is_dead in await states(owner)) == count
