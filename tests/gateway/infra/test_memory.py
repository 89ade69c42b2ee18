"""The limits of the cache in the process."""

from datetime import timedelta

from domains.kernel.clock import FixedClock
from gateway.infra.memory import MemoryCache

MINUTE = timedelta(minutes=1)


async def test_the_least_recently_used_values_are_evicted(clock: FixedClock) -> None:
    cache = MemoryCache(clock, values=10)
    for number in range(10):
        await cache.set(f"{number}", b"x", MINUTE)
    assert await cache.get("0") == b"x"
    await cache.set("10", b"x", MINUTE)
    kept = [number for number in range(11) if await cache.get(f"{number}") is not None]
    assert kept == [0, 3, 4, 5, 6, 7, 8, 9, 10]


async def test_expired_values_are_evicted_first(clock: FixedClock) -> None:
    cache = MemoryCache(clock, values=10)
    await cache.set("oldest", b"x", 2 * MINUTE)
    for number in range(9):
        await cache.set(f"{number}", b"x", MINUTE)
    clock.advance(MINUTE)
    await cache.set("newest", b"x", MINUTE)
    assert await cache.get("oldest") == b"x"


async def test_values_do_not_evict_counters(clock: FixedClock) -> None:
    cache = MemoryCache(clock, values=10, counters=10)
    await cache.increment("guesses", MINUTE)
    for number in range(100):
        await cache.set(f"{number}", b"x", MINUTE)
    assert await cache.get("guesses") == b"1"


async def test_counters_are_limited(clock: FixedClock) -> None:
    cache = MemoryCache(clock, counters=10)
    for number in range(100):
        await cache.increment(f"{number}", MINUTE)
    kept = [number for number in range(100) if await cache.get(f"{number}") is not None]
    assert len(kept) <= 10
    assert kept[-1] == 99


async def test_many_counters_of_one_kind_evict_only_their_own(clock: FixedClock) -> None:
    cache = MemoryCache(clock, counters=100)
    locked = ["auth:password:6f:guesses", "auth:password:6f:gate", "auth:password:6f:level"]
    for key in locked:
        await cache.increment(key, 60 * MINUTE)
    for number in range(10_000):
        await cache.increment(f"activity:shop:2001:db8:{number:x}::/64", MINUTE)
    assert [await cache.get(key) for key in locked] == [b"1"] * 3


async def test_the_highest_counters_of_a_kind_are_evicted_last(clock: FixedClock) -> None:
    cache = MemoryCache(clock, counters=100)
    hot = [f"auth:password:{number}:guesses" for number in range(10)]
    for key in hot:
        await cache.increment(key, 60 * MINUTE, by=4)
    for number in range(10, 10_000):
        await cache.increment(f"auth:password:{number}:guesses", 60 * MINUTE)
    assert [await cache.get(key) for key in hot] == [b"4"] * 10


async def test_expired_counters_are_evicted_first(clock: FixedClock) -> None:
    cache = MemoryCache(clock, counters=10)
    await cache.increment("oldest", 2 * MINUTE)
    for number in range(9):
        await cache.increment(f"{number}", MINUTE)
    clock.advance(MINUTE)
    await cache.increment("newest", MINUTE)
    assert [await cache.get("oldest"), await cache.get("newest")] == [b"1", b"1"]


async def test_new_counters_do_not_evict_a_higher_one(clock: FixedClock) -> None:
    cache = MemoryCache(clock, counters=100)
    for _ in range(4):
        await cache.increment("victim", MINUTE)
    for number in range(1_000):
        await cache.increment(f"stranger {number}", MINUTE)
    assert await cache.increment("victim", MINUTE) == 5
