"""The contract of every cache, and the limits of the in-process one."""

import asyncio
from datetime import timedelta

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.ports import Cache
from gateway.infra.memory import MemoryCache

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def cache(clock: FixedClock) -> Cache:
    return MemoryCache(clock)


async def test_a_value_is_kept_until_its_time(cache: Cache, clock: FixedClock) -> None:
    await cache.set("tea", b"green", MINUTE)
    clock.advance(MINUTE - SECOND)
    assert await cache.get("tea") == b"green"
    clock.advance(SECOND)
    assert await cache.get("tea") is None


async def test_a_value_is_replaced_with_its_time(cache: Cache, clock: FixedClock) -> None:
    await cache.set("tea", b"green", MINUTE)
    await cache.set("tea", b"black", 3 * MINUTE)
    clock.advance(2 * MINUTE)
    assert await cache.get("tea") == b"black"


async def test_what_was_never_set_is_not_there(cache: Cache) -> None:
    assert await cache.get("coffee") is None


async def test_deleted_keys_are_forgotten(cache: Cache) -> None:
    await cache.set("tea", b"green", MINUTE)
    await cache.increment("cups", MINUTE)
    await cache.delete("tea", "cups", "never")
    assert [await cache.get("tea"), await cache.get("cups")] == [None, None]


async def test_a_counter_counts_and_reads_as_its_digits(cache: Cache) -> None:
    counts = [await cache.increment("cups", MINUTE), await cache.increment("cups", MINUTE, by=5)]
    assert [*counts, await cache.increment("cups", MINUTE, by=-2), await cache.get("cups")] == [1, 6, 4, b"4"]


async def test_a_counters_time_starts_with_its_first_increment_only(cache: Cache, clock: FixedClock) -> None:
    await cache.increment("cups", MINUTE)
    clock.advance(MINUTE - SECOND)
    assert await cache.increment("cups", MINUTE) == 2
    clock.advance(SECOND)
    assert await cache.increment("cups", MINUTE) == 1


async def test_concurrent_increments_all_count(cache: Cache) -> None:
    counts = await asyncio.gather(*(cache.increment("cups", MINUTE) for _ in range(50)))
    assert sorted(counts) == list(range(1, 51))


async def test_a_prefix_is_forgotten_and_nothing_else(cache: Cache) -> None:
    for key in ("role:1", "role:2", "rolex"):
        await cache.set(key, b"x", MINUTE)
    await cache.increment("role:3", MINUTE)
    await cache.delete_prefix("role:")
    assert [await cache.get(key) for key in ("role:1", "role:2", "role:3", "rolex")] == [None, None, None, b"x"]


async def test_too_many_values_push_out_the_least_recently_used(clock: FixedClock) -> None:
    cache = MemoryCache(clock, values=10)
    for number in range(10):
        await cache.set(f"{number}", b"x", MINUTE)
    assert await cache.get("0") == b"x"
    await cache.set("10", b"x", MINUTE)
    kept = [number for number in range(11) if await cache.get(f"{number}") is not None]
    assert kept == [0, 3, 4, 5, 6, 7, 8, 9, 10]


async def test_expired_values_go_before_any_other(clock: FixedClock) -> None:
    cache = MemoryCache(clock, values=10)
    await cache.set("oldest", b"x", 2 * MINUTE)
    for number in range(9):
        await cache.set(f"{number}", b"x", MINUTE)
    clock.advance(MINUTE)
    await cache.set("newest", b"x", MINUTE)
    assert await cache.get("oldest") == b"x"


async def test_a_flood_of_values_pushes_out_no_counter(clock: FixedClock) -> None:
    cache = MemoryCache(clock, values=10, counters=10)
    await cache.increment("guesses", MINUTE)
    for number in range(100):
        await cache.set(f"{number}", b"x", MINUTE)
    assert await cache.get("guesses") == b"1"


async def test_counters_are_bounded_too(clock: FixedClock) -> None:
    cache = MemoryCache(clock, counters=10)
    for number in range(100):
        await cache.increment(f"{number}", MINUTE)
    kept = [number for number in range(100) if await cache.get(f"{number}") is not None]
    assert len(kept) <= 10
    assert kept[-1] == 99


async def test_a_flood_of_one_kind_of_counter_pushes_out_its_own(clock: FixedClock) -> None:
    cache = MemoryCache(clock, counters=100)
    locked = ["auth:password:6f:guesses", "auth:password:6f:gate", "auth:password:6f:level"]
    for key in locked:
        await cache.increment(key, 60 * MINUTE)
    for number in range(10_000):
        await cache.increment(f"activity:shop:2001:db8:{number:x}::/64", MINUTE)
    assert [await cache.get(key) for key in locked] == [b"1"] * 3


async def test_what_has_counted_most_of_a_flooded_kind_goes_last(clock: FixedClock) -> None:
    cache = MemoryCache(clock, counters=100)
    hot = [f"auth:password:{number}:guesses" for number in range(10)]
    for key in hot:
        await cache.increment(key, 60 * MINUTE, by=4)
    for number in range(10, 10_000):
        await cache.increment(f"auth:password:{number}:guesses", 60 * MINUTE)
    assert [await cache.get(key) for key in hot] == [b"4"] * 10


async def test_expired_counters_go_before_any_other(clock: FixedClock) -> None:
    cache = MemoryCache(clock, counters=10)
    await cache.increment("oldest", 2 * MINUTE)
    for number in range(9):
        await cache.increment(f"{number}", MINUTE)
    clock.advance(MINUTE)
    await cache.increment("newest", MINUTE)
    assert [await cache.get("oldest"), await cache.get("newest")] == [b"1", b"1"]


async def test_a_flood_of_new_counters_does_not_wash_out_one_that_has_grown(clock: FixedClock) -> None:
    cache = MemoryCache(clock, counters=100)
    for _ in range(4):
        await cache.increment("victim", MINUTE)
    for number in range(1_000):
        await cache.increment(f"stranger {number}", MINUTE)
    assert await cache.increment("victim", MINUTE) == 5
