"""The contract of every event stream: of the process and of Redis."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest

from domains.kernel.clock import FixedClock
from gateway.infra.memory_stream import MemoryStream
from gateway.live.stream import KEPT, PAGE, START, EventStream, LiveEvent, MalformedEventId, Reading, order_of
from tests.gateway.live.samples import COMPANY, NOON, body

Advance = Callable[[timedelta], Awaitable[None]]
SECOND = timedelta(seconds=1)
MAX_EVENTS = 20
FIRST, SECOND_POSITION, THIRD = "10:10:", "20:20:", "30:30:"


@pytest.fixture
async def stream_and_time(clock: FixedClock) -> tuple[EventStream, Advance]:
    async def advance_clock(by: timedelta) -> None:
        clock.advance(by)

    return MemoryStream(clock, max_events=MAX_EVENTS), advance_clock


@pytest.fixture
def stream(stream_and_time: tuple[EventStream, Advance]) -> EventStream:
    return stream_and_time[0]


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
    event = body("product.updated", product_id="tea", price="1.50", fields=["name"])
    assert await stream.store([event], expected=FIRST, position=SECOND_POSITION)
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
    assert await stream.store(named("a"), expected=FIRST, position=SECOND_POSITION)
    assert not await stream.store(named("a"), expected=FIRST, position=SECOND_POSITION)
    assert not await stream.store(named("a"), expected=None, position=SECOND_POSITION)
    assert await stream.store(named("b"), expected=SECOND_POSITION, position=THIRD)
    assert await stream.position() == THIRD
    assert topics(await stream.read(begun)) == ["a", "b"]


async def test_of_many_who_append_at_one_position_one_succeeds(stream: EventStream, begun: str) -> None:
    results = await asyncio.gather(
        *(stream.store(named(str(n)), expected=FIRST, position=f"{n}:{n}:") for n in range(20, 40))
    )
    assert sorted(results) == [False] * 19 + [True]
    assert topics(await stream.read(begun)) == [str(20 + results.index(True))]


async def test_a_position_is_stored_without_events(stream: EventStream, begun: str) -> None:
    assert await stream.store([], expected=FIRST, position=SECOND_POSITION)
    assert [await stream.position(), await stream.newest()] == [SECOND_POSITION, begun]


async def test_a_reader_waits_for_the_next_event(stream: EventStream, begun: str) -> None:
    waiting = asyncio.create_task(stream.read(begun, wait=10))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    await add(stream, "a")
    assert topics(await waiting) == ["a"]


async def test_a_reader_waits_no_longer_than_it_asked(stream: EventStream, begun: str) -> None:
    assert await stream.read(begun, wait=0.02) == Reading(begun, [], begun)


async def test_a_reader_that_is_behind_does_not_wait(stream: EventStream, begun: str) -> None:
    await add(stream, "a")
    assert topics(await stream.read(begun, wait=60)) == ["a"]


async def test_a_reading_has_a_limited_number_of_events(clock: FixedClock) -> None:
    stream = MemoryStream(clock)
    await stream.store([], expected=None, position=FIRST)
    begun = await stream.newest()
    await add(stream, *map(str, range(PAGE + 5)))
    first = await stream.read(begun)
    assert topics(first) == list(map(str, range(PAGE)))
    assert topics(await stream.read(first.last)) == list(map(str, range(PAGE, PAGE + 5)))


async def test_events_are_removed_by_their_age(stream_and_time: tuple[EventStream, Advance], begun: str) -> None:
    stream, advance = stream_and_time
    old = await add(stream, "old")
    await advance(KEPT - SECOND)
    young = await add(stream, "young")
    assert topics(await stream.read(begun)) == ["old", "young"]
    await advance(2 * SECOND)
    assert await stream.store([], expected=FIRST, position=FIRST)
    reading = await stream.read(begun)
    assert (reading.after, topics(reading)) == (old, ["young"])
    assert (await stream.read(old)).after == old
    assert (await stream.read(young)).after == young


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
