"""The contract of presence: of the process and of Redis."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from domains.kernel.clock import FixedClock
from gateway.infra.live.memory_presence import MemoryPresence
from gateway.infra.live.redis_presence import RedisPresence
from gateway.live.presence_store import TTL, Change, PresenceRoom, PresenceStore, PresenceUnavailable, Present
from tests.conditions import wait_until
from tests.redis_keys import namespace

SECOND = timedelta(seconds=1)
ROOM, OTHER = PresenceRoom("product:1", max_listed=2), PresenceRoom("product:2")
Advance = Callable[[timedelta], Awaitable[None]]


@dataclass(frozen=True)
class Stores:
    """A store, and a way to let time pass."""

    store: PresenceStore
    advance: Advance


async def _age(redis: Redis, name: str, by: timedelta) -> None:
    async for key in redis.scan_iter(f"{name}presence:*:entries"):
        for entry in await redis.zrange(key, 0, -1):
            assert isinstance(entry, bytes)
            await redis.zincrby(key, -by / timedelta(milliseconds=1), entry)


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.redis)])
async def stores(request: pytest.FixtureRequest, clock: FixedClock) -> AsyncIterator[Stores]:
    if request.param == "memory":

        async def advance(by: timedelta) -> None:
            clock.advance(by)

        yield Stores(MemoryPresence(clock), advance)
        return
    url = request.getfixturevalue("redis_url")
    async with namespace(url) as name, RedisPresence.connected(url, name) as store, Redis.from_url(url) as redis:
        yield Stores(store, partial(_age, redis, name))


@dataclass(frozen=True)
class OnRedis:
    """A store, with the server and the prefix of its keys there."""

    store: RedisPresence
    redis: Redis
    name: str


@pytest.fixture
async def on_redis(redis_url: str) -> AsyncIterator[OnRedis]:
    async with (
        namespace(redis_url) as name,
        RedisPresence.connected(redis_url, name) as store,
        Redis.from_url(redis_url) as redis,
    ):
        yield OnRedis(store, redis, name)


@pytest.fixture
def store(stores: Stores) -> PresenceStore:
    return stores.store


async def enter(store: PresenceStore, *members: str, room: PresenceRoom = ROOM) -> Present:
    (state,) = await store.update([Change(room, present=members)])
    return state


async def leave(store: PresenceStore, *members: str) -> Present:
    (state,) = await store.update([Change(ROOM, gone=members)])
    return state


async def state_of(store: PresenceStore, room: PresenceRoom = ROOM) -> Present:
    (state,) = await store.update([Change(room)])
    return state


@asynccontextmanager
async def told(store: PresenceStore) -> AsyncIterator[list[tuple[str, int]]]:
    """The rooms and numbers of members that a listener is told."""
    heard: list[tuple[str, int]] = []
    task = asyncio.create_task(store.listen(lambda name, state: heard.append((name, state.count))))
    probes = iter(range(1000))

    async def is_listening() -> bool:
        await enter(store, f"probe {next(probes)}", room=PresenceRoom("probe"))
        return bool(heard)

    await wait_until(is_listening)
    heard.clear()
    try:
        yield heard
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_nobody_is_in_a_new_room(store: PresenceStore) -> None:
    state = await state_of(store)
    assert (state.count, state.members) == (0, ())


async def test_members_enter_and_leave(store: PresenceStore) -> None:
    assert (await enter(store, "ann", "bob")).count == 2
    assert (await enter(store, "cid")).count == 3
    assert (await leave(store, "ann")).count == 2
    state = await leave(store, "bob", "cid", "dan")
    assert (state.count, state.members) == (0, ())


async def test_a_room_lists_some_members_in_their_order(store: PresenceStore) -> None:
    state = await enter(store, "cid", "ann", "bob")
    assert state.count == 3
    assert len(state.members) == 2
    assert list(state.members) == sorted(state.members)
    assert (await enter(store, "ann", room=OTHER)).members == ()


async def test_rooms_are_apart_and_changed_together(store: PresenceStore) -> None:
    changes = [Change(ROOM, present=["ann"]), Change(OTHER, present=["ann", "bob"]), Change(ROOM, present=["cid"])]
    assert [state.count for state in await store.update(changes)] == [1, 2, 2]
    assert (await state_of(store, OTHER)).count == 2


async def test_a_member_who_enters_again_counts_once(store: PresenceStore) -> None:
    await enter(store, "ann")
    assert (await enter(store, "ann")).count == 1
    assert (await leave(store, "ann")).count == 0


async def test_a_member_is_gone_after_its_time_unless_it_is_renewed(stores: Stores) -> None:
    await enter(stores.store, "ann", "bob")
    await stores.advance(TTL - SECOND)
    assert (await enter(stores.store, "bob")).count == 2
    await stores.advance(2 * SECOND)
    state = await state_of(stores.store)
    assert (state.count, state.members) == (1, ("bob",))
    await stores.advance(TTL)
    assert (await state_of(stores.store)).count == 0


async def test_a_later_state_is_newer(store: PresenceStore, clock: FixedClock) -> None:
    before = await enter(store, "ann")
    clock.advance(SECOND)
    assert (await enter(store, "ann")).as_of > before.as_of


async def test_a_listener_is_told_each_change_and_nothing_else(store: PresenceStore) -> None:
    async with told(store) as heard:
        await enter(store, "ann")
        await enter(store, "ann")
        await state_of(store)
        await enter(store, "bob")
        await leave(store, "cid")
        await leave(store, "ann", "bob")
        await wait_until(lambda: len(heard) >= 3)
    assert heard == [(ROOM.name, 1), (ROOM.name, 2), (ROOM.name, 0)]


async def test_a_listener_is_told_of_members_whose_time_is_over(stores: Stores) -> None:
    await enter(stores.store, "ann", "bob")
    async with told(stores.store) as heard:
        await stores.advance(TTL + SECOND)
        await enter(stores.store, "bob")
        await wait_until(lambda: bool(heard))
    assert heard == [(ROOM.name, 1)]


@pytest.mark.redis
async def test_a_member_at_two_processes_is_present_until_it_has_left_both(redis_url: str) -> None:
    async with (
        namespace(redis_url) as name,
        RedisPresence.connected(redis_url, name) as one,
        RedisPresence.connected(redis_url, name) as two,
    ):
        await enter(one, "ann")
        assert (await enter(two, "ann", "bob")).count == 2
        assert (await leave(one, "ann")).count == 2
        async with told(one) as heard:
            assert (await leave(two, "ann")).count == 1
            await wait_until(lambda: bool(heard))
        assert heard == [(ROOM.name, 1)]


@pytest.mark.redis
async def test_a_member_of_a_killed_process_is_gone_while_another_process_renews_it(redis_url: str) -> None:
    async with (
        namespace(redis_url) as name,
        RedisPresence.connected(redis_url, name) as killed,
        RedisPresence.connected(redis_url, name) as other,
        Redis.from_url(redis_url) as redis,
    ):
        await enter(killed, "ann", "bob")
        await enter(other, "ann")
        await _age(redis, name, TTL - SECOND)
        await enter(other, "ann")
        await _age(redis, name, 2 * SECOND)
        assert (await state_of(other)).members == ("ann",)
        assert (await leave(other, "ann")).count == 0


@pytest.mark.redis
async def test_nothing_is_left_of_a_room_in_redis(on_redis: OnRedis) -> None:
    await state_of(on_redis.store)
    await enter(on_redis.store, "ann")
    keys = [key async for key in on_redis.redis.scan_iter(f"{on_redis.name}*")]
    assert [0 < await on_redis.redis.pttl(key) <= 60_000 for key in keys] == [True, True]
    await leave(on_redis.store, "ann")
    assert [key async for key in on_redis.redis.scan_iter(f"{on_redis.name}*")] == []


@pytest.mark.redis
@pytest.mark.parametrize("lost", ["entries", "members"])
async def test_a_room_that_lost_one_of_its_keys_counts_right_once_renewed(on_redis: OnRedis, lost: str) -> None:
    await enter(on_redis.store, "ann", "bob")
    async for key in on_redis.redis.scan_iter(f"{on_redis.name}*:{lost}"):
        await on_redis.redis.unlink(key)
    assert (await enter(on_redis.store, "ann", "bob")).count == 2
    assert (await leave(on_redis.store, "ann")).members == ("bob",)


@pytest.mark.redis
@pytest.mark.parametrize("key", ["entries", "members"])
async def test_a_room_replaces_keys_of_another_type(on_redis: OnRedis, key: str) -> None:
    await on_redis.redis.set(f"{on_redis.name}presence:{{{ROOM.name}}}:{key}", "x")
    states = await on_redis.store.update([Change(ROOM, present=["ann"]), Change(OTHER, present=["ann"])])
    assert [state.count for state in states] == [1, 1]
    assert (await leave(on_redis.store, "ann")).count == 0


@pytest.mark.redis
async def test_members_that_are_no_text_are_unavailable(on_redis: OnRedis) -> None:
    await enter(on_redis.store, "ann")
    await on_redis.redis.hset(f"{on_redis.name}presence:{{{ROOM.name}}}:members", mapping={b"\xff": 1})
    with pytest.raises(PresenceUnavailable, match="another program"):
        await state_of(on_redis.store)


@pytest.mark.redis
async def test_foreign_messages_are_logged_once_a_minute(on_redis: OnRedis) -> None:
    async with told(on_redis.store) as heard:
        with capture_logs() as logs:
            for message in (b"garbage", b"\xff", b"null", b"[" * 10_000, b'["a",1,[]]'):
                await on_redis.redis.publish(f"{on_redis.name}presence", message)
            await enter(on_redis.store, "ann")
            await wait_until(lambda: bool(heard))
    assert [each["event"] for each in logs] == ["foreign message of presence"]


@pytest.mark.redis
@pytest.mark.parametrize("foreign", ["no JSON", "7", "[]", '["product:1", "many", "1"]', '{"name": 1, "of": 2}'])
async def test_foreign_messages_are_passed_over(on_redis: OnRedis, foreign: str) -> None:
    async with told(on_redis.store) as heard:
        assert await on_redis.redis.publish(f"{on_redis.name}presence", foreign) == 1
        await enter(on_redis.store, "ann")
        await wait_until(lambda: bool(heard))
    assert heard == [(ROOM.name, 1)]


async def test_a_server_that_is_away_is_unavailable() -> None:
    async with RedisPresence.connected("redis://127.0.0.1:1/0", "test:") as store:
        with pytest.raises(PresenceUnavailable):
            await state_of(store)
        with pytest.raises(PresenceUnavailable):
            await store.listen(lambda _name, _state: None)
