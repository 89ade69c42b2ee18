"""Consumers refuse what is not an event of the outbox, and wait while the database is away."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.events import Envelope, EventQueue
from domains.kernel.ids import new_id
from gateway.infra.rabbitmq import Delivery
from gateway.messaging.consumers import ATTEMPTS, Consumer
from gateway.messaging.event_emitter import EventEmitter
from gateway.messaging.messages import message_of
from tests.gateway.messaging.samples import TOPIC, CountingHandler, effects, measure, states

pytestmark = pytest.mark.usefixtures("empty_outbox")
STORED = """
select id, topic, version, company_id, aggregate_id, sequence, actor_kind, actor_id, created_at, payload
from outbox_events order by sequence
"""


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def consumer(emitter: EventEmitter, relay_pool: Any, clock: FixedClock, pauses: list[float]) -> Consumer:
    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    return Consumer(EventQueue.PRODUCT, emitter, relay_pool, clock, sleep=sleep)


async def stored(owner: Any) -> list[Delivery]:
    """The messages of the events in the outbox."""
    return [delivery_of(Envelope(*row)) for row in await owner.fetch(STORED)]


def delivery_of(envelope: Envelope) -> Delivery:
    message = message_of(envelope)
    return Delivery(message.id, envelope.topic, message.body, dict(message.headers), is_redelivered=False)


def changed(delivery: Delivery, **fields: Any) -> Delivery:
    """The message with other fields in its body; None removes a field."""
    body = {**orjson.loads(delivery.body), **fields}
    body = {key: value for key, value in body.items() if value is not ...}
    return Delivery(delivery.id, delivery.topic, orjson.dumps(body, default=str), {}, is_redelivered=False)


async def test_three_deliveries_in_any_order_have_one_effect(
    database: Database, consumer: Consumer, handler: CountingHandler, owner: Any, company: UUID
) -> None:
    await measure(database, company, *range(10))
    deliveries = await stored(owner) * 3
    results = await asyncio.gather(*(consumer.handle(each) for each in reversed(deliveries)))
    assert results == [True] * 30
    assert (len(handler.values), await effects(owner, company)) == (10, 10)


@pytest.mark.parametrize(
    "fields",
    [
        {"payload": []},
        {"payload": ...},
        {"companyId": str(new_id())},
        {"companyId": None},
        {"aggregateId": str(new_id())},
        {"aggregateId": "everything"},
        {"sequence": 0},
        {"sequence": "1"},
        {"version": True},
        {"version": 2},
        {"id": str(new_id())},
        {"topic": "sample.weighed"},
        {"occurredAt": "yesterday"},
        {"actorKind": 7},
    ],
)
async def test_a_message_that_differs_from_the_outbox_is_refused(
    database: Database, consumer: Consumer, owner: Any, company: UUID, fields: dict[str, Any]
) -> None:
    await measure(database, company, 1)
    [delivery] = await stored(owner)
    assert await consumer.handle(changed(delivery, **fields)) is False
    assert (await effects(owner, company), await states(owner)) == (0, [(False, False)])
    assert await consumer.handle(delivery) is True


async def test_a_handler_gets_the_payload_of_the_outbox(
    database: Database, consumer: Consumer, handler: CountingHandler, owner: Any, company: UUID
) -> None:
    sample = await measure(database, company, 1)
    [delivery] = await stored(owner)
    assert await consumer.handle(changed(delivery, payload={"value": 1000})) is True
    assert handler.of(sample) == [1]


@pytest.mark.parametrize("body", [b"", b"null", b"[1]", b"{", b"\xff\xfe", b'{"id": 1}', b"1" * 5_000_000])
async def test_a_malformed_message_is_refused(consumer: Consumer, body: bytes) -> None:
    delivery = Delivery("", TOPIC, body, {}, is_redelivered=False)
    assert await consumer.handle(delivery) is False


async def test_an_event_that_the_outbox_does_not_have_is_refused(
    database: Database, consumer: Consumer, owner: Any, company: UUID
) -> None:
    await measure(database, company, 1)
    [delivery] = await stored(owner)
    await owner.execute("truncate outbox_events")
    assert await consumer.handle(delivery) is False
    assert await effects(owner, company) == 0


async def test_a_topic_without_a_handler_in_the_queue_is_refused(
    database: Database, emitter: EventEmitter, relay_pool: Any, clock: FixedClock, owner: Any, company: UUID
) -> None:
    await measure(database, company, 1)
    [delivery] = await stored(owner)
    other = Consumer(EventQueue.DEBT, emitter, relay_pool, clock)
    assert await other.handle(delivery) is False
    assert await effects(owner, company) == 0


async def test_a_handler_that_always_fails_is_called_a_bounded_number_of_times(
    database: Database, consumer: Consumer, handler: CountingHandler, pauses: list[float], owner: Any, company: UUID
) -> None:
    handler.fails = lambda _value: True
    await measure(database, company, 1)
    [delivery] = await stored(owner)
    assert await consumer.handle(delivery) is False
    assert len(pauses) == ATTEMPTS - 1
    row = await owner.fetchrow("select dead_at is not null, published_at, last_error from outbox_events")
    assert tuple(row) == (True, None, "ZeroDivisionError: the scale is broken")


class UnavailablePool:
    """Fails as often as told, then passes calls on."""

    def __init__(self, pool: Any, failures: int) -> None:
        self._pool, self.failures = pool, failures

    async def fetchval(self, sql: str) -> Any:
        if self.failures:
            self.failures -= 1
            raise ConnectionRefusedError
        return await self._pool.fetchval(sql)

    async def fetchrow(self, sql: str, *args: Any) -> Any:
        if self.failures:
            raise asyncpg.CannotConnectNowError
        return await self._pool.fetchrow(sql, *args)


async def test_an_event_waits_while_the_database_is_unavailable(
    database: Database, emitter: EventEmitter, relay_pool: Any, clock: FixedClock, owner: Any, company: UUID
) -> None:
    pauses = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    await measure(database, company, 1)
    [delivery] = await stored(owner)
    pool: Any = UnavailablePool(relay_pool, 3 * ATTEMPTS)
    assert await Consumer(EventQueue.PRODUCT, emitter, pool, clock, sleep=sleep).handle(delivery) is True
    assert (len(pauses), await effects(owner, company)) == (3 * ATTEMPTS, 1)
    assert await states(owner) == [(False, False)]
