"""The feed: every commit of every process once, one aggregate's in their order, whatever dies, waits or races."""

import asyncio
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from domains.catalog.events import ProductUpdated
from domains.kernel import fail_points
from domains.kernel.actor import Actor
from domains.kernel.clock import SystemClock
from domains.kernel.database import Database, Tx
from domains.kernel.events import Event
from domains.kernel.fail_points import FailPointReached
from domains.kernel.ids import new_id
from domains.order.events import OrderCreated
from gateway.infra.live.memory_stream import MemoryStream
from gateway.infra.live.redis_stream import RedisStream
from gateway.live import feed as feeds
from gateway.live.feed import Feed
from gateway.live.stream import START, EventStream, EventStreamUnavailable, LiveEvent
from gateway.messaging.wake import Wake
from tests.conditions import wait_until
from tests.redis_keys import namespace

DECLARED: dict[str, type[Event]] = {each.topic: each for each in (ProductUpdated, OrderCreated)}
TOPICS = [*DECLARED, "other.topic"]
MakeFeed = Callable[[], Feed]


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.redis)])
async def stream(request: pytest.FixtureRequest) -> AsyncIterator[EventStream]:
    if request.param == "memory":
        yield MemoryStream(SystemClock())
        return
    url = request.getfixturevalue("redis_url")
    async with namespace(url) as name, RedisStream.connected(url, name) as made:
        yield made


@pytest.fixture
def make_feed(relay_pool: Any, stream: EventStream) -> MakeFeed:
    """A factory of feeds of one stream, as those of several processes are."""
    return lambda: Feed(relay_pool, stream, DECLARED, TOPICS, Wake())


@pytest.fixture
async def feed(make_feed: MakeFeed) -> Feed:
    """A feed that has begun the stream."""
    made = make_feed()
    await made.feed()
    return made


def updated(product: UUID | None = None) -> ProductUpdated:
    return ProductUpdated(product_id=product or new_id(), fields=["name"])


async def commit(database: Database, actor: Actor, *events: Event) -> None:
    async with database.transaction(actor) as tx:
        for event in events:
            tx.emit(event)


async def fed(stream: EventStream, company: UUID) -> list[LiveEvent]:
    """All events of a company in the stream."""
    begin, events = START, []
    while (reading := await stream.read(begin)).events:
        events += [event for event in reading.events if event.company_id == company]
        begin = reading.last
    return events


async def products(stream: EventStream, company: UUID) -> list[str]:
    return [event.payload["product_id"] for event in await fed(stream, company)]


async def test_a_feed_begins_with_what_is_committed_after_its_start(
    make_feed: MakeFeed, stream: EventStream, database: Database, actor: Actor, company: UUID
) -> None:
    await commit(database, actor, updated())
    await make_feed().feed()
    assert await products(stream, company) == []
    product = new_id()
    await commit(database, actor, updated(product))
    await make_feed().feed()
    assert await products(stream, company) == [str(product)]


async def test_an_event_has_its_time_company_and_aggregate_and_no_personal_field(
    feed: Feed, stream: EventStream, database: Database, actor: Actor, company: UUID, owner: Any
) -> None:
    order = new_id()
    total, email = Decimal("9.50"), "a@b.test"
    event = OrderCreated(order_id=order, order_number="1", user_id=None, email=email, total=total, currency="EUR")
    await commit(database, actor, event)
    await feed.feed()
    (found,) = await fed(stream, company)
    at = await owner.fetchval("select created_at from outbox_events where company_id = $1", company)
    payload = {"order_id": str(order), "order_number": "1", "user_id": None, "total": "9.50", "currency": "EUR"}
    assert found == LiveEvent(found.id, "order.created", company, order, payload, at)


async def test_only_the_topics_of_channels_are_fed(
    relay_pool: Any, stream: EventStream, database: Database, actor: Actor, company: UUID
) -> None:
    feed = Feed(relay_pool, stream, DECLARED, [OrderCreated.topic], Wake())
    await feed.feed()
    await commit(database, actor, updated())
    await feed.feed()
    assert await fed(stream, company) == []


async def test_an_event_of_another_version_has_no_payload(
    feed: Feed, stream: EventStream, database: Database, actor: Actor, company: UUID, owner: Any
) -> None:
    await commit(database, actor, updated())
    await owner.execute("update outbox_events set version = 2 where company_id = $1", company)
    await feed.feed()
    assert [event.payload for event in await fed(stream, company)] == [{}]


async def test_a_large_payload_is_left_out(
    feed: Feed, stream: EventStream, database: Database, actor: Actor, company: UUID
) -> None:
    await commit(database, actor, ProductUpdated(product_id=new_id(), fields=["name"] * feeds.MAX_BODY))
    await feed.feed()
    assert [event.payload for event in await fed(stream, company)] == [{}]


async def test_a_transaction_that_began_first_and_ends_last_is_fed(
    feed: Feed, stream: EventStream, database: Database, actor: Actor, company: UUID
) -> None:
    first, second, third = new_id(), new_id(), new_id()
    async with database.transaction(actor) as slow:
        slow.emit(updated(first))
        await slow.flush()
        for product in (second, third):
            await commit(database, actor, updated(product))
            await feed.feed()
    await feed.feed()
    assert await products(stream, company) == list(map(str, (second, third, first)))


async def test_what_is_rolled_back_is_not_fed(
    feed: Feed, stream: EventStream, database: Database, actor: Actor, company: UUID
) -> None:
    async def refuse(tx: Tx) -> None:
        tx.emit(updated())
        await tx.flush()
        raise LookupError

    with pytest.raises(LookupError):
        await database.run(refuse, actor)
    await feed.feed()
    assert await fed(stream, company) == []


async def test_several_feeds_store_every_commit_once_and_each_aggregate_in_its_order(
    make_feed: MakeFeed, feed: Feed, stream: EventStream, database: Database, actor: Actor, company: UUID
) -> None:
    begin, ids = await stream.newest(), [new_id() for _ in range(5)]
    written: dict[str, list[int]] = {str(each): list(range(20)) for each in ids}

    async def write(product: UUID) -> None:
        for number in range(20):
            await commit(database, actor, ProductUpdated(product_id=product, fields=[str(number)]))

    writing = asyncio.gather(*map(write, ids))

    async def feeding(one: Feed) -> None:
        while not writing.done():
            await one.feed()

    await asyncio.gather(*(feeding(one) for one in (feed, make_feed(), make_feed())))
    await feed.feed()
    found: dict[str, list[int]] = {}
    for event in await fed(stream, company):
        found.setdefault(event.payload["product_id"], []).append(int(event.payload["fields"][0]))
    assert found == written
    assert (await stream.read(begin)).after == begin


@pytest.mark.parametrize("point", ["feed.read", "feed.stored"])
async def test_a_feed_that_dies_loses_and_repeats_nothing(
    point: str,
    make_feed: MakeFeed,
    feed: Feed,
    stream: EventStream,
    database: Database,
    actor: Actor,
    company: UUID,
) -> None:
    first, second = new_id(), new_id()
    await commit(database, actor, updated(first))
    fail_points.arm([f"{point}:raise:1"])
    try:
        with pytest.raises(FailPointReached):
            await feed.feed()
    finally:
        fail_points.arm([])
    await commit(database, actor, updated(second))
    await make_feed().feed()
    assert await products(stream, company) == [str(first), str(second)]


async def test_more_events_than_a_reading_takes_begin_the_stream_anew(
    feed: Feed,
    stream: EventStream,
    database: Database,
    actor: Actor,
    company: UUID,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feeds, "MOST", 3)
    begin, last = await stream.newest(), new_id()
    await commit(database, actor, *[updated() for _ in range(4)])
    await feed.feed()
    await commit(database, actor, updated(last))
    await feed.feed()
    assert (await stream.read(begin)).after != begin
    assert await products(stream, company) == [str(last)]


@pytest.mark.parametrize("position", ["9000000000000000000:9000000000000000001:", "nonsense", "5:1:", "1:1:1:1"])
async def test_a_position_of_another_database_begins_the_stream_anew(
    position: str,
    make_feed: MakeFeed,
    stream: EventStream,
    database: Database,
    actor: Actor,
    company: UUID,
) -> None:
    await stream.store([], expected=None, position=position)
    begin, product = await stream.newest(), new_id()
    await make_feed().feed()
    assert (await stream.read(begin)).after != begin
    await commit(database, actor, updated(product))
    await make_feed().feed()
    assert await products(stream, company) == [str(product)]


async def test_a_commit_wakes_the_feed(
    relay_pool: Any,
    stream: EventStream,
    database: Database,
    actor: Actor,
    company: UUID,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feeds, "POLL_SECONDS", 600)
    wake, product = Wake(), new_id()
    running = asyncio.create_task(Feed(relay_pool, stream, DECLARED, TOPICS, wake).run())
    await wait_until(lambda: _is_begun(stream))
    await commit(database, actor, updated(product))
    wake.set()
    await wait_until(lambda: _has(stream, company))
    running.cancel()
    assert await products(stream, company) == [str(product)]


async def test_feeding_goes_on_after_an_outage_and_logs_it_once(
    relay_pool: Any,
    database: Database,
    actor: Actor,
    company: UUID,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feeds, "POLL_SECONDS", 0.01)
    stream, product, failures = MemoryStream(SystemClock()), new_id(), 3
    await Feed(relay_pool, stream, DECLARED, TOPICS, Wake()).feed()
    position = stream.position

    async def flaky() -> str | None:
        nonlocal failures
        if failures:
            failures -= 1
            raise EventStreamUnavailable("Redis does not answer.")
        return await position()

    monkeypatch.setattr(stream, "position", flaky)
    await commit(database, actor, updated(product))
    with capture_logs() as logs:
        running = asyncio.create_task(Feed(relay_pool, stream, DECLARED, TOPICS, Wake()).run())
        await wait_until(lambda: _has(stream, company))
        running.cancel()
    assert await products(stream, company) == [str(product)]
    assert [each["event"] for each in logs] == ["the event stream is not fed"]


async def _is_begun(stream: EventStream) -> bool:
    return await stream.position() is not None


async def _has(stream: EventStream, company: UUID) -> bool:
    return bool(await fed(stream, company))
