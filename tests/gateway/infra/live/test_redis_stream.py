"""The event stream on Redis: evicted and foreign keys, emptied and unreachable servers."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from gateway.infra.live import redis_stream
from gateway.infra.live.redis_stream import RedisStream
from gateway.live.stream import START, EventStreamUnavailable, order_of
from tests.conditions import wait_until
from tests.gateway.live.samples import body
from tests.proxy import Proxy
from tests.redis_keys import namespace

pytestmark = pytest.mark.redis
FIRST, SECOND = "10:10:", "20:20:"


@pytest.fixture
async def name(redis_url: str) -> AsyncIterator[str]:
    async with namespace(redis_url) as made:
        yield made


@pytest.fixture
async def stream(redis_url: str, name: str) -> AsyncIterator[RedisStream]:
    """A stream with one event."""
    async with RedisStream.connected(redis_url, name) as made:
        assert await made.store([body("a")], expected=None, position=FIRST)
        yield made


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Any]:
    async with Redis.from_url(redis_url) as client:
        yield client


async def topics_after(stream: RedisStream, event_id: str) -> tuple[bool, list[str]]:
    """Whether events after an id are complete, and their topics."""
    reading = await stream.read(event_id)
    return reading.after == event_id, [event.topic for event in reading.events]


async def test_all_keys_are_in_the_namespace_and_on_one_node_of_a_cluster(
    stream: RedisStream, redis: Any, name: str
) -> None:
    keys = sorted([key.decode() async for key in redis.scan_iter(f"{name}*")])
    assert keys == [f"{name}{{live}}:events", f"{name}{{live}}:state"]


async def test_evicted_events_are_missed_but_none_that_follow(stream: RedisStream, redis: Any) -> None:
    old = await stream.newest()
    await redis.delete(stream._events)
    assert await stream.store([body("b")], expected=FIRST, position=SECOND)
    assert await topics_after(stream, old) == (False, ["b"])


async def test_with_an_evicted_position_the_stream_begins_anew(stream: RedisStream, redis: Any) -> None:
    old = await stream.newest()
    await redis.delete(stream._state)
    assert await stream.position() is None
    assert not await stream.store([body("b")], expected=FIRST, position=SECOND)
    assert await stream.store([body("b")], expected=None, position=SECOND)
    assert await topics_after(stream, old) == (False, ["b"])


async def test_a_waiting_reader_of_an_emptied_server_goes_on_from_the_new_beginning(
    stream: RedisStream, redis: Any
) -> None:
    old = await stream.newest()
    waiting = asyncio.create_task(stream.read(old, wait=7))
    await asyncio.sleep(0.05)
    await redis.delete(stream._events, stream._state)
    assert await stream.store([body("b")], expected=None, position=SECOND)
    reading = await waiting
    assert order_of(old) < order_of(reading.after)
    assert [event.topic for event in reading.events] == ["b"]


async def test_an_emptied_server_has_no_events(stream: RedisStream, redis: Any) -> None:
    old = await stream.newest()
    await redis.delete(stream._events, stream._state)
    reading = await stream.read(old)
    assert (reading.after, reading.last, list(reading.events)) == (START, START, [])


async def test_foreign_entries_are_skipped_and_logged(stream: RedisStream, redis: Any) -> None:
    begin = await stream.newest()
    fields = b'null,"00000000-0000-0000-0000-000000000007"', b'"2030-01-01"'
    no_topics = (b"[%b,%b,{},%b]" % (topic, *fields) for topic in (b"{}", b"[]", b"7"))
    no_payloads = (b'["a",%b,%b,%b]' % (fields[0], payload, fields[1]) for payload in (b"[]", b"null", b'"x"'))
    no_bodies = (b"", b"{}", b"[1,2,3,4,5]", b'["a",null,"no id",{},"2030-01-01"]', b"\xff")
    foreign = [*no_bodies, *no_topics, *no_payloads]
    for value in foreign:
        await redis.xadd(stream._events, {"event": value})
    await redis.xadd(stream._events, {"other": "x"})
    assert await stream.store([body("b")], expected=FIRST, position=SECOND)
    with capture_logs() as logs:
        assert await topics_after(stream, begin) == (True, ["b"])
    assert [each["event"] for each in logs] == ["foreign entry in the event stream"] * len(foreign)


@pytest.mark.parametrize(
    "state",
    [{"floor": "none"}, {"newest": b"\xff"}, {"floor": "9" * 20 + "-0"}, {"floor": "9-0", "newest": "5-0"}],
)
async def test_ids_of_another_program_are_an_error(stream: RedisStream, redis: Any, state: Any) -> None:
    after = await stream.newest()
    await redis.hset(stream._state, mapping=state)
    with pytest.raises(EventStreamUnavailable, match="The state of the event stream"):
        await stream.read(after)
    with pytest.raises(EventStreamUnavailable, match="The state of the event stream"):
        await stream.read("1-0")


async def test_a_key_of_another_type_is_an_error(stream: RedisStream, redis: Any) -> None:
    await redis.delete(stream._events)
    await redis.set(stream._events, "x")
    with pytest.raises(EventStreamUnavailable, match="WRONGTYPE"):
        await stream.read(await stream.newest())
    with pytest.raises(EventStreamUnavailable, match="WRONGTYPE"):
        await stream.store([body("b")], expected=FIRST, position=SECOND)
    assert await stream.position() == FIRST


@pytest.mark.parametrize("fault", ["refuse", "stall"])
async def test_a_server_that_is_away_is_an_error_of_every_method(
    redis_url: str, name: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_stream, "TIMEOUT", 0.2)
    monkeypatch.setattr(redis_stream, "READ_TIMEOUT", 0.2)
    async with Proxy.of(redis_url) as proxy, RedisStream.connected(proxy.url, name) as stream:
        getattr(proxy, fault)()
        calls = [stream.position(), stream.newest(), stream.read(START), stream.read(START, wait=1)]
        for call in [*calls, stream.store([], expected=None, position=FIRST)]:
            with pytest.raises(EventStreamUnavailable, match=r"Redis does not answer: \S"):
                await call
        proxy.resume()
        assert await stream.store([], expected=None, position=FIRST)
        assert await stream.position() == FIRST


async def test_a_cut_connection_ends_a_waiting_reader_at_once(redis_url: str, name: str) -> None:
    async with Proxy.of(redis_url) as proxy, RedisStream.connected(proxy.url, name) as stream:
        waiting = asyncio.create_task(stream.read(START, wait=7))
        await wait_until(lambda: proxy.is_used)
        await asyncio.sleep(0.05)
        proxy.cut()
        async with asyncio.timeout(3):
            with pytest.raises(EventStreamUnavailable):
                await waiting
