"""Consumers refuse what is not an event of the outbox, and wait while the database is away."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest
import structlog

from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Tx
from domains.kernel.domain import Subscription
from domains.kernel.events import Envelope, EventQueue
from domains.kernel.ids import new_id
from domains.kernel.personal_data import Erasure, Person, erase_traces
from gateway.infra.rabbitmq import ReceivedMessage
from gateway.messaging.consumers import ATTEMPTS, FAILED, Consumer
from gateway.messaging.event_emitter import EventEmitter
from gateway.messaging.messages import message_of
from gateway.monitoring.metrics import Metrics
from tests.gateway.messaging.samples import TOPIC, CountingHandler, effects, measure, states

pytestmark = pytest.mark.usefixtures("empty_outbox")
STORED = """
select id, topic, version, company_id, aggregate_id, sequence, actor_kind, actor_id, created_at, payload
from outbox_events order by sequence
"""
DIFFERS = "The message differs from the event in the outbox."
CONTRADICTS = "The id or topic of the body differs from that of the message."


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def consumer(
    emitter: EventEmitter, relay_pool: Any, clock: FixedClock, pauses: list[float], metrics: Metrics
) -> Consumer:
    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    return Consumer(EventQueue.PRODUCT, emitter, relay_pool, clock, metrics, sleep=sleep)


async def stored(owner: Any) -> list[ReceivedMessage]:
    """The messages of the events in the outbox."""
    return [delivery_of(Envelope(*row)) for row in await owner.fetch(STORED)]


def delivery_of(envelope: Envelope) -> ReceivedMessage:
    message = message_of(envelope)
    return ReceivedMessage(message.id, envelope.topic, message.body, dict(message.headers))


def refusal(reason: str) -> dict[str, str]:
    """The log line of a refused message."""
    return {"event": "message refused", "queue": "product.events", "reason": reason, "log_level": "error"}


def changed(delivery: ReceivedMessage, **fields: Any) -> ReceivedMessage:
    """The message with other fields in its body; None removes a field."""
    body = {**orjson.loads(delivery.body), **fields}
    body = {key: value for key, value in body.items() if value is not ...}
    return ReceivedMessage(delivery.id, delivery.topic, orjson.dumps(body, default=str), {})


async def test_refused_messages_are_counted(consumer: Consumer, metrics: Metrics) -> None:
    def refused() -> float | None:
        return metrics.registry.get_sample_value("commerce_messages_refused_total", {"queue": "product.events"})

    assert refused() == 0
    foreign = ReceivedMessage(str(new_id()), TOPIC, b"foreign", {})
    assert [await consumer.handle(foreign) for _ in range(2)] == ["The message is not a JSON object."] * 2
    assert refused() == 2


async def test_three_deliveries_in_any_order_have_one_effect(
    database: Database, consumer: Consumer, handler: CountingHandler, owner: Any, company: UUID
) -> None:
    await measure(database, company, *range(10))
    deliveries = await stored(owner) * 3
    results = await asyncio.gather(*(consumer.handle(each) for each in reversed(deliveries)))
    assert results == [None] * 30
    assert (len(handler.values), await effects(owner, company)) == (10, 10)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"payload": []}, "The field payload is invalid."),
        ({"payload": ...}, "The field payload is missing."),
        ({"companyId": str(new_id())}, DIFFERS),
        ({"companyId": None}, DIFFERS),
        ({"companyId": 7}, "The field companyId is invalid."),
        ({"aggregateId": "everything"}, "The field aggregateId is invalid."),
        ({"sequence": 0}, "The field sequence is invalid."),
        ({"sequence": "1"}, "The field sequence is invalid."),
        ({"version": True}, "The field version is invalid."),
        ({"version": 2}, DIFFERS),
        ({"id": str(new_id())}, CONTRADICTS),
        ({"id": None}, "The field id is invalid."),
        ({"topic": "sample.weighed"}, CONTRADICTS),
        ({"topic": ""}, "The field topic is invalid."),
        ({"occurredAt": "vera@example.com"}, "The field occurredAt is invalid."),
        ({"occurredAt": 5}, "The field occurredAt is invalid."),
        ({"actorKind": 7}, "The field actorKind is invalid."),
        ({"actorId": "vera@example.com"}, "The field actorId is invalid."),
    ],
)
async def test_a_message_that_differs_from_the_outbox_is_refused(
    database: Database, consumer: Consumer, owner: Any, company: UUID, fields: dict[str, Any], reason: str
) -> None:
    await measure(database, company, 1)
    [delivery] = await stored(owner)
    with structlog.testing.capture_logs() as logs:
        assert await consumer.handle(changed(delivery, **fields)) == reason
    assert logs == [refusal(reason)]
    assert (await effects(owner, company), await states(owner)) == (0, [(False, False)])
    assert await consumer.handle(delivery) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"payload": {"value": 1000}},
        {"aggregateId": str(new_id())},
        {"actorKind": "USER", "actorId": str(new_id())},
        {"occurredAt": "2020-01-01T00:00:00Z"},
    ],
)
async def test_a_handler_gets_the_event_of_the_outbox(
    database: Database, emitter: EventEmitter, consumer: Consumer, owner: Any, company: UUID, fields: dict[str, Any]
) -> None:
    received = []

    async def receive(_tx: Tx, envelope: Envelope) -> None:
        received.append(envelope)

    emitter.on(Subscription("sample.receive", [TOPIC], receive), EventQueue.PRODUCT)
    await measure(database, company, 1)
    [delivery] = await stored(owner)
    assert await consumer.handle(changed(delivery, **fields)) is None
    assert received == [Envelope(*await owner.fetchrow(STORED))]


async def test_an_event_that_is_published_before_a_person_is_merged_is_handled_with_the_other_user(
    database: Database, consumer: Consumer, handler: CountingHandler, owner: Any, company: UUID
) -> None:
    merged, kept = new_id(), new_id()
    await measure(database, company, 1, 2, sample=merged)
    published = await stored(owner)
    erasure = Erasure(person=Person(user_id=merged, emails=()), erased_id=kept)
    async with database.transaction(Actor.system(company)) as tx:
        await erase_traces(tx, erasure)
    assert [await consumer.handle(delivery) for delivery in published] == [None, None]
    assert (handler.of(merged), handler.of(kept)) == ([], [1, 2])


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        *(
            (body, "The message is not a JSON object.")
            for body in (b"", b"null", b"[1]", b"{", b"\xff\xfe", b"[" * 99_999)
        ),
        (b'{"id": 1}', "The field id is invalid."),
        (b"{}", "The field id is missing."),
        (b"1" * 5_000_000, "The message has 5000000 bytes; at most 4194304 are read."),
    ],
)
async def test_a_malformed_message_is_refused(consumer: Consumer, body: bytes, reason: str) -> None:
    delivery = ReceivedMessage("forged", TOPIC, body, {})
    with structlog.testing.capture_logs() as logs:
        assert await consumer.handle(delivery) == reason
    assert logs == [refusal(reason)]


async def test_nothing_of_a_refused_message_is_logged(
    database: Database, consumer: Consumer, owner: Any, company: UUID
) -> None:
    """Not its id either: only the outbox says whether that is an event's."""
    secret = "vera@example.com"
    await measure(database, company, 1)
    [delivery] = await stored(owner)
    names = orjson.loads(delivery.body)
    forged = [
        replace(delivery, id=secret),
        replace(delivery, topic=secret),
        replace(delivery, body=secret.encode()),
        *(changed(delivery, **{name: value}) for name in names for value in (secret, [secret], {secret: secret})),
    ]
    processors = [structlog.contextvars.merge_contextvars]
    with structlog.testing.capture_logs(processors) as logs:
        reasons = [await consumer.handle(each) for each in forged]
        await owner.execute("truncate outbox_events")
        reasons.append(await consumer.handle(delivery))
    assert logs == [refusal(reason) for reason in reasons if reason is not None]
    assert len(logs) >= len(forged) - 1  # a payload may be any object: handlers get that of the outbox
    assert secret not in str(logs)


async def test_an_event_of_an_unknown_version_is_a_dead_letter_at_the_first_attempt(
    database: Database, consumer: Consumer, pauses: list[float], owner: Any, company: UUID
) -> None:
    await measure(database, company, 1)
    await owner.execute("update outbox_events set version = 2")
    [delivery] = await stored(owner)
    assert await consumer.handle(delivery) == FAILED
    assert (pauses, await effects(owner, company), await states(owner)) == ([], 0, [(False, True)])
    error = await owner.fetchval("select last_error from outbox_events")
    assert error == f"UnknownVersion: {TOPIC} has version 2; version 1 is known."


async def test_an_event_that_the_outbox_does_not_have_is_refused(
    database: Database, consumer: Consumer, owner: Any, company: UUID
) -> None:
    await measure(database, company, 1)
    [delivery] = await stored(owner)
    await owner.execute("truncate outbox_events")
    assert await consumer.handle(delivery) == "The outbox has no event with this id."
    assert await effects(owner, company) == 0


async def test_an_event_without_a_handler_in_the_queue_is_acknowledged_and_one_that_is_not_stored_refused(
    database: Database, emitter: EventEmitter, relay_pool: Any, clock: FixedClock, owner: Any, company: UUID
) -> None:
    await measure(database, company, 1)
    [delivery] = await stored(owner)
    other = Consumer(EventQueue.DEBT, emitter, relay_pool, clock)
    assert await other.handle(delivery) is None
    assert (await effects(owner, company), await states(owner)) == (0, [(False, False)])
    await owner.execute("truncate outbox_events")
    assert await other.handle(delivery) == "The outbox has no event with this id."


async def test_a_handler_that_always_fails_is_called_a_bounded_number_of_times_and_keeps_the_event_from_no_other(
    database: Database,
    emitter: EventEmitter,
    consumer: Consumer,
    handler: CountingHandler,
    pauses: list[float],
    owner: Any,
    company: UUID,
) -> None:
    handler.fails = lambda _value: True
    other = CountingHandler()
    emitter.on(Subscription("sample.log", [TOPIC], other), EventQueue.PRODUCT)
    await measure(database, company, 1)
    [delivery] = await stored(owner)
    assert await consumer.handle(delivery) == FAILED
    assert len(pauses) == ATTEMPTS - 1
    row = await owner.fetchrow("select dead_at is not null, published_at, last_error from outbox_events")
    assert tuple(row) == (True, None, "sample.count: ZeroDivisionError: the scale is broken")
    assert [value for _, value in other.values] == [1]


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
    with structlog.testing.capture_logs() as logs:
        assert await Consumer(EventQueue.PRODUCT, emitter, pool, clock, sleep=sleep).handle(delivery) is None
    assert (len(pauses), await effects(owner, company)) == (3 * ATTEMPTS, 1)
    assert [line["event"] for line in logs] == ["event waits"]
    assert await states(owner) == [(False, False)]
