"""The contract of every cache: of the process and of Redis."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from domains.kernel.clock import FixedClock
from domains.kernel.ports import Cache, CacheUnavailable, KeyCollision, KeyInvalid, ValueTooLarge
from domains.kernel.rate_limits import Demand, RateLimit
from gateway.infra.cache_keys import MAX_KEY, MAX_VALUE
from gateway.infra.memory import MemoryCache
from gateway.infra.redis import RedisClient
from tests.redis_keys import age, namespace

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
# So few that the milliseconds of a test restore none.
THREE = RateLimit.of("THREE", 3, timedelta(hours=3))
FIVE = RateLimit.of("FIVE", 5, timedelta(hours=5))
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Time:
    """Time of a cache: the clock of the process, or that of the keys in Redis."""

    advance: Callable[[timedelta], Awaitable[None]]


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.redis)])
async def cache_and_time(request: pytest.FixtureRequest, clock: FixedClock) -> AsyncIterator[tuple[Cache, Time]]:
    async def advance_clock(by: timedelta) -> None:
        clock.advance(by)

    if request.param == "memory":
        yield MemoryCache(clock), Time(advance_clock)
        return
    url = request.getfixturevalue("redis_url")
    async with namespace(url) as name, RedisClient.connected(url, name) as client, Redis.from_url(url) as redis:
        yield client, Time(lambda by: age(redis, name, by))


@pytest.fixture
def cache(cache_and_time: tuple[Cache, Time]) -> Cache:
    return cache_and_time[0]


@pytest.fixture
def time(cache_and_time: tuple[Cache, Time]) -> Time:
    return cache_and_time[1]


async def test_a_value_expires(cache: Cache, time: Time) -> None:
    await cache.set("tea", b"green", MINUTE)
    await time.advance(MINUTE - SECOND)
    assert await cache.get("tea") == b"green"
    await time.advance(SECOND)
    assert await cache.get("tea") is None


async def test_a_value_is_replaced_with_its_expiry(cache: Cache, time: Time) -> None:
    await cache.set("tea", b"green", MINUTE)
    await cache.set("tea", b"black", 3 * MINUTE)
    await time.advance(2 * MINUTE)
    assert await cache.get("tea") == b"black"


async def test_a_missing_key_is_none(cache: Cache) -> None:
    assert await cache.get("coffee") is None


async def test_deleted_keys_are_none(cache: Cache) -> None:
    await cache.set("tea", b"green", MINUTE)
    await cache.increment("cups", MINUTE)
    await cache.delete("tea", "cups", "never")
    assert [await cache.get("tea"), await cache.get("cups")] == [None, None]


async def test_a_counter_is_stored_as_its_digits(cache: Cache) -> None:
    counts = [await cache.increment("cups", MINUTE), await cache.increment("cups", MINUTE, by=5)]
    assert [*counts, await cache.increment("cups", MINUTE, by=-2), await cache.get("cups")] == [1, 6, 4, b"4"]


async def test_the_expiry_of_a_counter_starts_with_its_first_increment(cache: Cache, time: Time) -> None:
    await cache.increment("cups", MINUTE)
    await time.advance(MINUTE - SECOND)
    assert await cache.increment("cups", MINUTE) == 2
    await time.advance(SECOND)
    assert await cache.increment("cups", MINUTE) == 1


async def test_concurrent_increments_are_all_counted(cache: Cache) -> None:
    counts = await asyncio.gather(*(cache.increment("cups", MINUTE) for _ in range(50)))
    assert sorted(counts) == list(range(1, 51))


async def test_a_pattern_deletes_what_matches_and_nothing_else(cache: Cache) -> None:
    for key in ("role:1", "role:2", "rolex"):
        await cache.set(key, b"x", MINUTE)
    await cache.increment("role:3", MINUTE)
    await cache.invalidate_pattern("role:*")
    assert [await cache.get(key) for key in ("role:1", "role:2", "role:3", "rolex")] == [None, None, None, b"x"]


@pytest.mark.parametrize("key", ["a?", "a[b]", "a\\", "a.", "a^"])
async def test_in_a_pattern_every_other_character_stands_for_itself(cache: Cache, key: str) -> None:
    await cache.set("ab", b"kept", MINUTE)
    await cache.set(key, b"x", MINUTE)
    await cache.invalidate_pattern(key)
    assert [await cache.get("ab"), await cache.get(key)] == [b"kept", None]


@pytest.mark.parametrize("key", ["", "a\n", "\0", "k" * (MAX_KEY + 1)])
async def test_an_invalid_key_is_refused(cache: Cache, key: str) -> None:
    calls: list[Awaitable[object]] = [
        cache.get(key),
        cache.set(key, b"x", MINUTE),
        cache.delete(key),
        cache.increment(key, MINUTE),
        cache.admit([Demand("tea", THREE), Demand(key, THREE)]),
        cache.invalidate_pattern(key),
        cache.cache_aside(key, _loaded(b"x"), MINUTE),
    ]
    for call in calls:
        with pytest.raises(KeyInvalid):
            await call


async def test_a_value_above_the_limit_is_refused(cache: Cache) -> None:
    with pytest.raises(ValueTooLarge):
        await cache.set("big", b"x" * (MAX_VALUE + 1), MINUTE)
    await cache.set("big", b"x" * MAX_VALUE, MINUTE)
    assert len(await cache.get("big") or b"") == MAX_VALUE


async def test_a_counter_does_not_take_the_key_of_a_value(cache: Cache) -> None:
    await cache.set("tea", b"green", MINUTE)
    with pytest.raises(KeyCollision):
        await cache.increment("tea", MINUTE)
    assert await cache.get("tea") == b"green"


@pytest.mark.redis
async def test_a_key_of_another_type_in_redis_holds_no_value(redis_url: str) -> None:
    async with namespace(redis_url) as name, RedisClient.connected(redis_url, name) as client:
        async with Redis.from_url(redis_url) as redis:
            await redis.rpush(f"{name}tea", "green")
        assert await client.get("tea") is None
        for call in (client.increment("tea", MINUTE), client.admit([Demand("tea", THREE)])):
            with pytest.raises(KeyCollision):
                await call
        assert await client.cache_aside("tea", _loaded(b"black"), MINUTE) == b"black"
        assert await client.get("tea") == b"black"


async def test_a_rate_limit_does_not_take_the_key_of_a_value(cache: Cache) -> None:
    await cache.set("tea", b"green", MINUTE)
    with pytest.raises(KeyCollision):
        await cache.admit([Demand("cups", THREE), Demand("tea", THREE)])
    assert [await cache.get("tea"), await cache.get("cups")] == [b"green", None]


async def test_units_of_a_rate_limit_are_taken_at_once_and_restored_one_by_one(cache: Cache, time: Time) -> None:
    log = [await cache.admit([Demand("ada", THREE)]) for _ in range(4)]
    assert [each.remaining for each in log] == [2, 1, 0, 0]
    assert [each.is_admitted for each in log] == [True, True, True, False]
    assert 3_590 < log[3].retry_after <= 3_600
    await time.advance(HOUR)
    assert [(await cache.admit([Demand("ada", THREE)])).is_admitted for _ in range(2)] == [True, False]
    await time.advance(5 * HOUR)
    assert (await cache.admit([Demand("ada", THREE, 3)])).remaining == 0


async def test_a_rate_limit_counts_each_key_by_itself(cache: Cache) -> None:
    await cache.admit([Demand("ada", THREE, 3)])
    assert (await cache.admit([Demand("bob", THREE)])).remaining == 2


async def test_units_are_taken_of_all_rate_limits_or_of_none(cache: Cache) -> None:
    await cache.admit([Demand("ada", THREE, 2)])
    refused = await cache.admit([Demand("office", FIVE, 2), Demand("ada", THREE, 2)])
    assert (refused.limit, refused.is_admitted) == (THREE, False)
    admitted = await cache.admit([Demand("office", FIVE, 3), Demand("ada", THREE, 1)])
    assert (admitted.limit, admitted.remaining) == (THREE, 0)
    assert (await cache.admit([Demand("office", FIVE, 2)])).remaining == 0


async def test_more_units_than_a_rate_limit_has_are_admitted_as_all_of_them(cache: Cache) -> None:
    assert (await cache.admit([Demand("ada", THREE, 7)])).remaining == 0
    assert not (await cache.admit([Demand("ada", THREE)])).is_admitted


async def test_of_concurrent_demands_no_more_are_admitted_than_there_are_units(cache: Cache) -> None:
    log = await asyncio.gather(*(cache.admit([Demand("ada", FIVE), Demand("office", FIVE)]) for _ in range(40)))
    assert sum(each.is_admitted for each in log) == 5


async def test_a_rate_limit_that_was_lowered_counts_as_used_up_at_most(cache: Cache, time: Time) -> None:
    await cache.admit([Demand("ada", RateLimit.of("MANY", 100, 100 * HOUR), 100)])
    assert (await cache.admit([Demand("ada", THREE)])).retry_after <= 3_600
    await time.advance(100 * HOUR)
    assert (await cache.admit([Demand("ada", THREE)])).is_admitted


async def test_a_deleted_rate_limit_is_whole_again(cache: Cache) -> None:
    await cache.admit([Demand("ada", THREE, 3)])
    await cache.delete("ada")
    assert (await cache.admit([Demand("ada", THREE)])).remaining == 2


async def test_cache_aside_stores_what_it_loads(cache: Cache, time: Time) -> None:
    assert await cache.cache_aside("tea", _loaded(b"green"), MINUTE) == b"green"
    assert await cache.cache_aside("tea", _loaded(b"black"), MINUTE) == b"green"
    await time.advance(MINUTE)
    assert await cache.cache_aside("tea", _loaded(b"black"), MINUTE) == b"black"


async def test_concurrent_callers_share_one_load(cache: Cache) -> None:
    loads = 0

    async def load() -> bytes:
        nonlocal loads
        loads += 1
        await asyncio.sleep(0.01)
        return b"green"

    values = await asyncio.gather(*(cache.cache_aside("tea", load, MINUTE) for _ in range(50)))
    assert (set(values), loads) == ({b"green"}, 1)


async def test_a_failed_load_is_not_remembered(cache: Cache) -> None:
    async def fail() -> bytes:
        raise LookupError("no tea")

    results = await asyncio.gather(
        *(cache.cache_aside("tea", fail, MINUTE) for _ in range(3)), return_exceptions=True
    )
    assert [str(result) for result in results] == ["no tea"] * 3
    assert await cache.cache_aside("tea", _loaded(b"green"), MINUTE) == b"green"


async def test_a_cancelled_caller_does_not_cancel_the_load_of_others(cache: Cache) -> None:
    started, may_end = asyncio.Event(), asyncio.Event()

    async def load() -> bytes:
        started.set()
        await may_end.wait()
        return b"green"

    first = asyncio.create_task(cache.cache_aside("tea", load, MINUTE))
    await started.wait()
    second = asyncio.create_task(cache.cache_aside("tea", load, MINUTE))
    await asyncio.sleep(0)
    first.cancel()
    may_end.set()
    assert await second == b"green"


async def test_a_loaded_value_above_the_limit_is_returned_and_not_stored(cache: Cache) -> None:
    big = b"x" * (MAX_VALUE + 1)
    assert await cache.cache_aside("big", _loaded(big), MINUTE) == big
    assert await cache.get("big") is None


def _loaded(value: bytes) -> Callable[[], Awaitable[bytes]]:
    async def load() -> bytes:
        return value

    return load


@pytest.mark.parametrize("turn", range(12))
async def test_a_call_that_is_cancelled_at_any_turn_of_the_event_loop_ends_its_task(turn: int, cache: Cache) -> None:
    async def work() -> None:
        with suppress(CacheUnavailable):
            await cache.get("tea")
        await asyncio.Event().wait()

    task = asyncio.create_task(work())
    for _ in range(turn):
        await asyncio.sleep(0)
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=5)
    assert done
    assert task.cancelled()
