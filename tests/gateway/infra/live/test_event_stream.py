"""The contract of every event stream: of the process and of Redis."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
from redis.asyncio import Redis

from domains.kernel.clock import FixedClock
from gateway.infra.live.memory_stream import MemoryStream
from gateway.infra.live.redis_stream import RedisStream
from gateway.live.hub import Hub
from gateway.live.stream import KEPT, PAGE, START, EventStream, LiveEvent, MalformedEventId, Reading, order_of
from tests.gateway.live.samples import CHANNELS, COMPANY, NOON, PRODUCTS, body, updated
from tests.redis_keys import namespace

MINUTE = timedelta(minutes=1)
MAX_EVENTS = 20
FIRST, SECOND, THIRD = "10:10:", "20:20:", "30:30:"


@dataclass(frozen=True)
class Streams:
    """A stream, another one without a limit that a test reaches, and a way to add an event of some age."""

    stream: EventStream
    large: EventStream
    add_aged: Callable[[str, timedelta], Awaitable[str]]


async def _add_aged_to_redis(redis: Redis, stream: RedisStream, name: str, age: timedelta) -> str:
    """As the script does, with an id of the past."""
    milliseconds = int((datetime.now(UTC) - age).timestamp() * 1000)
    event_id = f"{milliseconds}-5"
    await redis.xadd(stream._events, {"event": body(name)}, id=event_id)
    await redis.hsetnx(stream._state, "floor", f"{milliseconds}-0")
    await redis.hset(stream._state, mapping={"position": FIRST, "newest": event_id})
    return event_id


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.redis)])
async def streams(request: pytest.FixtureRequest, clock: FixedClock) -> AsyncIterator[Streams]:
    if request.param == "memory":
        stream, now = MemoryStream(clock, max_events=MAX_EVENTS), clock.now()

        async def add_aged(name: str, age: timedelta) -> str:
            clock.at = now - age
            await stream.store([body(name)], expected=await stream.position(), position=FIRST)
            clock.at = now
            return await stream.newest()

        yield Streams(stream, MemoryStream(clock), add_aged)
        return
    url = request.getfixturevalue("redis_url")
    async with (
        namespace(url) as name,
        RedisStream.connected(url, name, max_events=MAX_EVENTS) as made,
        RedisStream.connected(url, f"{name}large:") as large,
        Redis.from_url(url) as redis,
    ):
        yield Streams(made, large, partial(_add_aged_to_redis, redis, made))


@pytest.fixture
def stream(streams: Streams) -> EventStream:
    return streams.stream


@pytest.fixture
async def begun(stream: EventStream) -> str:
    """The id at which the stream begins."""
    assert await stream.store([], expected=None, position=FIRST)
    return await stream.newest()


def named(*names: str) -> list[bytes]:
    return [body(name) for name in names]


def topics(reading: Reading) -> list[str]:
    return [event.topic for event in reading.events]


async def add(stream: EventStream, *names: str) -> str:
    """Append events and return the id of the last one."""
    assert await stream.store(named(*names), expected=FIRST, position=FIRST)
    return await stream.newest()


async def test_a_stream_begins_without_position_and_events(stream: EventStream) -> None:
    assert [await stream.position(), await stream.newest()] == [None, START]
    assert await stream.read(START) == Reading(START, [], START)


async def test_an_event_is_read_as_it_was_appended(stream: EventStream, begun: str) -> None:
    event = body("product.updated", at=NOON, product_id="tea", price="1.50", fields=["name"])
    assert await stream.store([event], expected=FIRST, position=SECOND)
    newest = await stream.newest()
    payload = {"product_id": "tea", "price": "1.50", "fields": ["name"]}
    read = LiveEvent(newest, "product.updated", COMPANY, UUID(int=7), payload, NOON)
    assert await stream.read(begun) == Reading(begun, [read], newest)


async def test_events_keep_their_order_and_have_growing_ids(stream: EventStream, begun: str) -> None:
    await add(stream, "a", "b")
    await add(stream, "c")
    reading = await stream.read(begun)
    orders = [order_of(event.id) for event in reading.events]
    assert topics(reading) == ["a", "b", "c"]
    assert orders == sorted(set(orders))
    assert order_of(begun) < orders[0]
    assert reading.last == reading.events[-1].id == await stream.newest()
    assert topics(await stream.read(reading.events[0].id)) == ["b", "c"]


async def test_events_are_appended_only_at_the_expected_position(stream: EventStream, begun: str) -> None:
    assert await stream.store(named("a"), expected=FIRST, position=SECOND)
    assert not await stream.store(named("a"), expected=FIRST, position=SECOND)
    assert not await stream.store(named("a"), expected=None, position=SECOND)
    assert await stream.store(named("b"), expected=SECOND, position=THIRD)
    assert await stream.position() == THIRD
    assert topics(await stream.read(begun)) == ["a", "b"]


async def test_of_many_who_append_at_one_position_one_succeeds(stream: EventStream, begun: str) -> None:
    results = await asyncio.gather(
        *(stream.store(named(str(n)), expected=FIRST, position=f"{n}:{n}:") for n in range(20, 40))
    )
    assert sorted(results) == [False] * 19 + [True]
    assert topics(await stream.read(begun)) == [str(20 + results.index(True))]


async def test_a_position_is_stored_without_events(stream: EventStream, begun: str) -> None:
    assert await stream.store([], expected=FIRST, position=SECOND)
    assert [await stream.position(), await stream.newest()] == [SECOND, begun]


async def test_a_reader_waits_for_the_next_event(stream: EventStream, begun: str) -> None:
    waiting = asyncio.create_task(stream.read(begun, wait=10))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    await add(stream, "a")
    assert topics(await waiting) == ["a"]


async def test_a_reader_that_waits_for_the_beginning_learns_of_it_at_once(stream: EventStream) -> None:
    waiting = asyncio.create_task(stream.read(START, wait=60))
    await asyncio.sleep(0.01)
    assert await stream.store([], expected=None, position=FIRST)
    begun = await stream.newest()
    assert await waiting == Reading(begun, [], begun)


async def test_what_follows_the_beginning_is_resumed_without_a_gap(stream: EventStream) -> None:
    hub = Hub(stream, CHANNELS)
    reading, beginning = asyncio.create_task(hub.run()), asyncio.create_task(hub.begin())
    await asyncio.sleep(0.01)
    assert not beginning.done()
    await stream.store([], expected=None, position=FIRST)
    await beginning
    position = hub.position()
    await stream.store([updated("tea")], expected=FIRST, position=SECOND)
    async with hub.subscribe(PRODUCTS.room(COMPANY, "tea"), position) as resumed:
        event = await anext(resumed)
    reading.cancel()
    assert isinstance(event, LiveEvent)
    assert event.payload == {"product_id": "tea"}


async def test_a_reader_waits_no_longer_than_it_asked(stream: EventStream, begun: str) -> None:
    assert await stream.read(begun, wait=0.02) == Reading(begun, [], begun)


async def test_a_reader_that_is_behind_does_not_wait(stream: EventStream, begun: str) -> None:
    await add(stream, "a")
    assert topics(await stream.read(begun, wait=60)) == ["a"]


async def test_a_reading_has_a_limited_number_of_events(streams: Streams) -> None:
    stream = streams.large
    await stream.store([], expected=None, position=FIRST)
    begun = await stream.newest()
    await add(stream, *map(str, range(PAGE + 5)))
    first = await stream.read(begun)
    assert topics(first) == list(map(str, range(PAGE)))
    assert topics(await stream.read(first.last)) == list(map(str, range(PAGE, PAGE + 5)))


async def test_events_are_removed_by_their_age(streams: Streams) -> None:
    stream = streams.stream
    first = await streams.add_aged("first", KEPT + 3 * MINUTE)
    old = await streams.add_aged("old", KEPT + MINUTE)
    young = await streams.add_aged("young", KEPT - MINUTE)
    assert await stream.store([], expected=FIRST, position=FIRST)
    reading = await stream.read(first)
    assert (reading.after, topics(reading)) == (old, ["young"])
    assert [(await stream.read(each)).after for each in (old, young)] == [old, young]


async def test_of_too_many_events_the_oldest_are_removed(stream: EventStream, begun: str) -> None:
    third = await add(stream, "1", "2", "3")
    await add(stream, *map(str, range(4, MAX_EVENTS + 4)))
    reading = await stream.read(begun)
    assert (reading.after, topics(reading)) == (third, [str(n) for n in range(4, MAX_EVENTS + 4)])


async def test_a_stream_that_is_begun_anew_continues_no_reader(stream: EventStream) -> None:
    await stream.store([], expected=None, position=FIRST)
    old = await add(stream, "a")
    assert await stream.store(named("b"), expected=FIRST, position=THIRD, is_gap=True)
    reading = await stream.read(old)
    assert order_of(old) < order_of(reading.after)
    assert topics(reading) == ["b"]
    assert (await stream.read(reading.after)).after == reading.after


async def test_a_reader_from_before_the_beginning_learns_of_it(stream: EventStream, begun: str) -> None:
    await add(stream, "a")
    reading = await stream.read(START)
    assert (reading.after, topics(reading)) == (begun, ["a"])


async def test_an_id_of_the_future_is_not_known(stream: EventStream, begun: str) -> None:
    await add(stream, "a")
    reading = await stream.read("9999999999999-0")
    assert (reading.after, topics(reading)) == (begun, ["a"])


@pytest.mark.parametrize(
    "text", ["", "1", "1-", "-1", "a-b", "1-1-1", "1 -1", "\u0663-\u0661", "1-" + "1" * 17, "$", "+"]
)
async def test_what_is_no_id_is_refused(stream: EventStream, begun: str, text: str) -> None:
    with pytest.raises(MalformedEventId):
        await stream.read(text)
