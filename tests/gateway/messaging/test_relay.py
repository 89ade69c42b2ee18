"""The outbox relay: each event is handled once and in order per aggregate, whatever fails."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.clock import SystemClock
from domains.kernel.database import Database, Tx
from domains.kernel.domain import Subscription
from domains.kernel.events import Envelope, Event, EventQueue
from domains.kernel.ids import new_id
from gateway.infra.postgres import RELAY_ROLE, open_pool
from gateway.messaging import relay as relays
from gateway.messaging.delivery import Failure, InProcessDelivery, concurrent_events
from gateway.messaging.event_emitter import EventEmitter
from gateway.messaging.relay import MAX_ATTEMPTS, Relay
from gateway.messaging.wake import Wake
from tests.conditions import wait_until


@dataclass(frozen=True, slots=True, kw_only=True)
class KettleBoiled(Event):
    topic: ClassVar[str] = "kettle.boiled"
    kettle_id: UUID
    degrees: int

    @property
    def aggregate_id(self) -> UUID:
        return self.kettle_id


@dataclass(frozen=True, slots=True, kw_only=True)
class KettleSighed(KettleBoiled):
    topic: ClassVar[str] = "kettle.sighed"


class RecordingHandler:
    """A handler that records events and fails on request."""

    def __init__(self) -> None:
        self.seen: list[tuple[UUID, int]] = []
        self.breaks = self.calls = 0
        self.called, self.done, self.hold = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.hold.set()

    async def on_boiled(self, tx: Tx, envelope: Envelope) -> None:
        self.calls += 1
        self.called.set()
        await self.hold.wait()
        await tx.execute("update companies set name = name || '!' where id = $1", tx.company_id)
        if self.breaks:
            self.breaks -= 1
            raise ConnectionError("the kettle is hot")
        self.seen.append((envelope.aggregate_id, envelope.payload["degrees"]))
        self.done.set()


@pytest.fixture(autouse=True)
async def empty_outbox(owner: Any) -> None:
    await owner.execute("truncate outbox_events, inbox_entries")


@pytest.fixture
def recorder() -> RecordingHandler:
    return RecordingHandler()


@pytest.fixture
def emitter(database: Database, recorder: RecordingHandler) -> EventEmitter:
    emitter = EventEmitter(database)
    emitter.on(Subscription("first", ["kettle.boiled"], recorder.on_boiled), EventQueue.PRODUCT)
    return emitter


@pytest.fixture
def relay(relay_pool: Any, emitter: EventEmitter) -> Relay:
    return Relay(relay_pool, InProcessDelivery(emitter))


async def boil(database: Database, company: UUID, *degrees: int, kettle: UUID | None = None) -> UUID:
    kettle = kettle or new_id()
    for each in degrees:
        async with database.transaction(Actor.system(company)) as tx:
            tx.emit(KettleBoiled(kettle_id=kettle, degrees=each))
    return kettle


async def drain(relay: Relay) -> int:
    count = 0
    while delivered := await relay.deliver_batch():
        count += delivered
    return count


async def exclamations(owner: Any, company: UUID) -> int:
    name: str = await owner.fetchval("select name from companies where id = $1", company)
    return name.count("!")


async def outbox(owner: Any) -> list[tuple[Any, ...]]:
    rows = await owner.fetch(
        "select published_at is not null, attempts, dead_at is not null, last_error "
        "from outbox_events order by sequence"
    )
    return [tuple(row.values()) for row in rows]


async def test_events_are_handled_in_the_company_of_the_event(
    database: Database, relay: Relay, recorder: RecordingHandler, owner: Any, company: UUID
) -> None:
    kettle = await boil(database, company, 90, 100)
    assert await drain(relay) == 2
    assert recorder.seen == [(kettle, 90), (kettle, 100)]
    assert await exclamations(owner, company) == 2
    assert await outbox(owner) == [(True, 0, False, None)] * 2
    assert await relay.deliver_batch() == 0


async def test_events_of_a_failed_transaction_are_not_delivered(
    database: Database, relay: Relay, company: UUID
) -> None:
    async def boil_over(tx: Tx) -> None:
        tx.emit(KettleBoiled(kettle_id=new_id(), degrees=1))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.run(boil_over, Actor.system(company))
    assert await relay.deliver_batch() == 0


async def test_an_event_without_handlers_is_completed_at_once(
    database: Database, relay: Relay, recorder: RecordingHandler, owner: Any, company: UUID
) -> None:
    async with database.transaction(Actor.system(company)) as tx:
        tx.emit(KettleSighed(kettle_id=new_id(), degrees=20))
    assert await drain(relay) == 1
    assert (recorder.seen, await outbox(owner)) == ([], [(True, 0, False, None)])


async def test_many_events_without_handlers_are_completed_in_batches_without_a_pause(
    database: Database, relay: Relay, owner: Any, company: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relays, "MOST_UNSUBSCRIBED", 2)
    async with database.transaction(Actor.system(company)) as tx:
        for _ in range(5):
            tx.emit(KettleSighed(kettle_id=new_id(), degrees=20))
    results = [await relay._deliver_batch() for _ in range(4)]
    assert [(result.events, result.has_more) for result in results] == [(2, True), (2, True), (1, False), (0, False)]


async def test_an_event_that_no_relay_must_deliver_is_stored_as_published(
    pool: Any, relay: Relay, emitter: EventEmitter, recorder: RecordingHandler, owner: Any, company: UUID
) -> None:
    database = Database(pool, SystemClock(), is_relayed=emitter.has_subscriber)
    async with database.transaction(Actor.system(company)) as tx:
        tx.emit(KettleSighed(kettle_id=new_id(), degrees=20))
        tx.emit(KettleBoiled(kettle_id=new_id(), degrees=90))
    assert await outbox(owner) == [(True, 0, False, None), (False, 0, False, None)]
    assert await drain(relay) == len(recorder.seen) == 1


async def test_what_is_stored_as_published_does_not_depend_on_the_company(
    pool: Any, emitter: EventEmitter, owner: Any, company: UUID, other_company: UUID
) -> None:
    database = Database(pool, SystemClock(), is_relayed=emitter.has_subscriber)
    async with database.transaction(Actor.system(company)) as tx, tx.in_company(other_company) as inner:
        inner.emit(KettleSighed(kettle_id=new_id(), degrees=20))
        inner.emit(KettleBoiled(kettle_id=new_id(), degrees=90))
    assert await outbox(owner) == [(True, 0, False, None), (False, 0, False, None)]


async def test_a_second_delivery_changes_nothing(
    database: Database, relay: Relay, recorder: RecordingHandler, owner: Any, company: UUID
) -> None:
    kettle = await boil(database, company, 90)
    await drain(relay)
    await owner.execute("update outbox_events set published_at = null")  # the relay died before it recorded
    assert await drain(relay) == 1
    assert recorder.seen == [(kettle, 90)]
    assert await exclamations(owner, company) == 1


async def test_a_relay_that_dies_after_a_delivery_handles_each_event_once(
    database: Database, relay_pool: Any, emitter: EventEmitter, recorder: RecordingHandler, owner: Any, company: UUID
) -> None:
    class DyingDelivery(InProcessDelivery):
        async def deliver(self, envelopes: Sequence[Envelope]) -> Sequence[Failure]:
            await super().deliver(envelopes)
            raise asyncio.CancelledError

    await boil(database, company, 90, 95)
    with pytest.raises(asyncio.CancelledError):
        await Relay(relay_pool, DyingDelivery(emitter)).deliver_batch()
    assert await outbox(owner) == [(False, 0, False, None)] * 2
    await drain(Relay(relay_pool, InProcessDelivery(emitter)))
    assert [degrees for _, degrees in recorder.seen] == [90, 95]
    assert await exclamations(owner, company) == 2


async def test_a_failed_handler_is_rolled_back_and_retried_later(
    database: Database,
    relay: Relay,
    recorder: RecordingHandler,
    owner: Any,
    company: UUID,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gateway.messaging.relay.MIN_PAUSE", 60.0)
    recorder.breaks = 1
    await boil(database, company, 90, 95)
    assert await drain(relay) == 1
    assert (recorder.seen, await exclamations(owner, company)) == ([], 0)
    assert await outbox(owner) == [
        (False, 1, False, "first: ConnectionError: the kettle is hot"),
        (False, 0, False, None),
    ]
    pause = await owner.fetchval("select extract(epoch from max(next_attempt_at) - now()) from outbox_events")
    assert 0 < pause <= 60
    await owner.execute("update outbox_events set next_attempt_at = now()")
    assert await drain(relay) == 2
    assert [degrees for _, degrees in recorder.seen] == [90, 95]


async def test_a_failed_handler_does_not_repeat_another(
    database: Database, relay_pool: Any, emitter: EventEmitter, recorder: RecordingHandler, owner: Any, company: UUID
) -> None:
    second = RecordingHandler()
    second.breaks = 1
    emitter.on(Subscription("second", ["kettle.boiled"], second.on_boiled), EventQueue.PRODUCT)
    relay = Relay(relay_pool, InProcessDelivery(emitter))
    await boil(database, company, 90)
    await drain(relay)
    await owner.execute("update outbox_events set next_attempt_at = now()")
    await drain(relay)
    assert (len(recorder.seen), len(second.seen)) == (1, 1)


async def test_a_failed_handler_keeps_its_event_from_no_other(
    database: Database, relay_pool: Any, emitter: EventEmitter, recorder: RecordingHandler, owner: Any, company: UUID
) -> None:
    second, third = RecordingHandler(), RecordingHandler()
    recorder.breaks = third.breaks = 2
    for name, other in (("second", second), ("third", third)):
        emitter.on(Subscription(name, ["kettle.boiled"], other.on_boiled), EventQueue.PRODUCT)
    relay = Relay(relay_pool, InProcessDelivery(emitter))
    await boil(database, company, 90)
    await relay.deliver_batch()
    assert (len(recorder.seen), len(second.seen), len(third.seen)) == (0, 1, 0)
    text = "ConnectionError: the kettle is hot"
    assert await outbox(owner) == [(False, 1, False, f"first: {text}; third: {text}")]
    for _ in range(2):
        await owner.execute("update outbox_events set next_attempt_at = now()")
        await relay.deliver_batch()
    assert (len(recorder.seen), len(second.seen), len(third.seen)) == (1, 1, 1)
    assert await outbox(owner) == [(True, 2, False, None)]


@pytest.mark.parametrize(("connections", "events"), [(2, 1), (7, 3), (10, 4), (200, 4)])
def test_handlers_leave_half_of_the_connections_for_requests(connections: int, events: int) -> None:
    assert concurrent_events(connections) == events


async def test_events_of_different_aggregates_are_handled_at_once_up_to_a_number(
    database: Database, relay_pool: Any, emitter: EventEmitter, recorder: RecordingHandler, company: UUID
) -> None:
    recorder.hold.clear()
    kettles = [await boil(database, company, 90, 95) for _ in range(4)]
    delivering = asyncio.create_task(Relay(relay_pool, InProcessDelivery(emitter, concurrent=3)).deliver_batch())
    await wait_until(lambda: recorder.calls == 3)
    await asyncio.sleep(0.05)
    assert recorder.calls == 3
    recorder.hold.set()
    assert await delivering == 4
    assert sorted(recorder.seen) == sorted((kettle, 90) for kettle in kettles)


async def test_an_event_is_dead_after_the_maximum_of_attempts_and_the_next_is_delivered(
    database: Database, relay: Relay, recorder: RecordingHandler, owner: Any, company: UUID
) -> None:
    recorder.breaks = 1
    await boil(database, company, 90, 95)
    await owner.execute(
        "update outbox_events set attempts = $1 where sequence = (select min(sequence) from outbox_events)",
        MAX_ATTEMPTS - 1,
    )
    await drain(relay)
    assert await outbox(owner) == [
        (False, MAX_ATTEMPTS, True, "first: ConnectionError: the kettle is hot"),
        (True, 0, False, None),
    ]
    assert [degrees for _, degrees in recorder.seen] == [95]


async def test_two_parallel_relays_handle_each_event_once_and_in_order(
    database: Database, relay_pool: Any, emitter: EventEmitter, recorder: RecordingHandler, owner: Any, company: UUID
) -> None:
    kettles = [await boil(database, company, *range(5)) for _ in range(6)]
    relays = [Relay(relay_pool, InProcessDelivery(emitter), batch=2) for _ in range(3)]
    while await owner.fetchval("select exists (select from outbox_events where published_at is null)"):
        await asyncio.gather(*(drain(relay) for relay in relays))
    for kettle in kettles:
        assert [degrees for seen, degrees in recorder.seen if seen == kettle] == list(range(5))
    assert await exclamations(owner, company) == 30


async def test_an_event_after_a_claimed_one_of_its_aggregate_waits(
    database: Database, relay_pool: Any, emitter: EventEmitter, recorder: RecordingHandler, company: UUID
) -> None:
    recorder.hold.clear()
    await boil(database, company, 90, 95)
    first, second = (Relay(relay_pool, InProcessDelivery(emitter)) for _ in range(2))
    delivering = asyncio.create_task(first.deliver_batch())
    await recorder.called.wait()
    assert await second.deliver_batch() == 0
    recorder.hold.set()
    assert await delivering == 1
    assert await drain(second) == 1
    assert [degrees for _, degrees in recorder.seen] == [90, 95]


async def test_slow_handlers_do_not_expire_the_relays_claim(
    database: Database, admin_url: str, owner: Any, company: UUID
) -> None:
    class SlowDelivery(InProcessDelivery):
        topics = ("kettle.boiled",)

        async def deliver(self, envelopes: Sequence[Envelope]) -> Sequence[Failure]:
            await asyncio.sleep(0.06)
            return [ConnectionError("the kettle is slow") for _ in envelopes]

    async with await open_pool(admin_url, role=RELAY_ROLE, size=1) as impatient:
        await impatient.execute("set idle_in_transaction_session_timeout = '10ms'")
        for _ in range(2):
            await boil(database, company, 90)
        assert await Relay(impatient, SlowDelivery(EventEmitter(database))).deliver_batch() == 2
        assert await impatient.fetchval("show idle_in_transaction_session_timeout") == "10ms"
    assert await outbox(owner) == [(False, 1, False, "ConnectionError: the kettle is slow")] * 2


async def test_a_commit_wakes_the_relay(
    pool: Any, relay_pool: Any, emitter: EventEmitter, recorder: RecordingHandler, company: UUID
) -> None:
    wake = Wake()
    database = Database(pool, SystemClock(), on_events=lambda _company, _events: wake.set())
    relay = Relay(relay_pool, InProcessDelivery(emitter), wake=wake)
    running = asyncio.create_task(relay.run())
    for degrees in (90, 95):  # the second event finds the relay asleep
        await boil(database, company, degrees)
        async with asyncio.timeout(1):
            await recorder.done.wait()
        recorder.done.clear()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert [degrees for _, degrees in recorder.seen] == [90, 95]


async def test_a_relay_reconnects(
    pool: Any, admin_url: str, emitter: EventEmitter, recorder: RecordingHandler, owner: Any, company: UUID
) -> None:
    wake = Wake()
    own_pool = await open_pool(admin_url, role=RELAY_ROLE, size=1)
    pid = await own_pool.fetchval("select pg_backend_pid()")
    running = asyncio.create_task(Relay(own_pool, InProcessDelivery(emitter), wake=wake).run())
    for degrees in (90, 95):
        await boil(Database(pool, SystemClock(), on_events=lambda _company, _events: wake.set()), company, degrees)
        async with asyncio.timeout(10):
            await recorder.done.wait()
        recorder.done.clear()
        await owner.fetchval("select pg_terminate_backend($1, 5000)", pid)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await own_pool.close()
    assert [degrees for _, degrees in recorder.seen] == [90, 95]


def test_a_handler_is_registered_once(emitter: EventEmitter, recorder: RecordingHandler) -> None:
    with pytest.raises(ValueError, match=r"first is subscribed to kettle\.boiled already"):
        emitter.on(Subscription("first", ["kettle.boiled"], recorder.on_boiled), EventQueue.PRODUCT)
