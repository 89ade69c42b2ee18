"""While Redis is away the process counts by itself, tries once a second, and logs a line a minute."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from domains.kernel.clock import FixedClock
from domains.kernel.ports import CacheUnavailable
from domains.kernel.rate_limits import Demand, RateLimit
from gateway.infra.fallback_cache import CircuitBreaker, FallbackCache
from gateway.infra.memory import MemoryCache
from gateway.infra.redis import TIMEOUT, RedisClient
from tests.proxy import Proxy
from tests.redis_keys import namespace

MINUTE = timedelta(minutes=1)
FIVE = RateLimit.of("FIVE", 5, timedelta(hours=5))


class Monotonic:
    """A clock of the breaker."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


class AwayCache(MemoryCache):
    """A cache whose server can be away; counts the calls."""

    is_away = True
    calls = 0

    async def get(self, key: str) -> bytes | None:
        self.calls += 1
        if self.is_away:
            raise CacheUnavailable("Redis does not answer.")
        return await super().get(key)


async def test_a_server_that_is_away_is_tried_once_a_second(clock: FixedClock) -> None:
    monotonic, shared = Monotonic(), AwayCache(clock)
    cache = FallbackCache(shared, MemoryCache(clock), CircuitBreaker(monotonic))
    for _ in range(10):
        await cache.get("tea")
    assert shared.calls == 1
    monotonic.now += 1
    for _ in range(10):
        await cache.get("tea")
    assert shared.calls == 2


async def test_a_server_that_answers_again_is_used_again(clock: FixedClock) -> None:
    monotonic, shared = Monotonic(), AwayCache(clock)
    cache = FallbackCache(shared, MemoryCache(clock), CircuitBreaker(monotonic))
    await shared.set("tea", b"shared", MINUTE)
    assert await cache.get("tea") is None
    shared.is_away = False
    monotonic.now += 1
    assert await cache.get("tea") == b"shared"


async def test_an_outage_is_logged_once_a_minute(clock: FixedClock) -> None:
    monotonic, shared = Monotonic(), AwayCache(clock)
    cache = FallbackCache(shared, MemoryCache(clock), CircuitBreaker(monotonic))
    with capture_logs() as logs:
        for _ in range(120):
            await cache.get("tea")
            monotonic.now += 1
    assert [line["event"] for line in logs] == ["redis unavailable"] * 2


async def test_a_server_that_fails_every_second_call_is_logged_once_a_minute(clock: FixedClock) -> None:
    monotonic, shared = Monotonic(), AwayCache(clock)
    cache = FallbackCache(shared, MemoryCache(clock), CircuitBreaker(monotonic))
    with capture_logs() as logs:
        for number in range(50):
            shared.is_away = number % 2 == 0
            await cache.get("tea")
            monotonic.now += 1
    assert [line["event"] for line in logs] == ["redis unavailable", "redis answers again"]


@pytest.fixture
async def proxy(redis_url: str) -> AsyncIterator[Proxy]:
    async with Proxy.of(redis_url) as proxy:
        yield proxy


@pytest.mark.redis
@pytest.mark.parametrize("fault", ["stall", "refuse"])
async def test_limits_are_counted_while_redis_is_away(
    proxy: Proxy, redis_url: str, clock: FixedClock, fault: str
) -> None:
    monotonic = Monotonic()
    async with namespace(redis_url) as name, RedisClient.connected(proxy.url, name) as client:
        cache = FallbackCache(client, MemoryCache(clock), CircuitBreaker(monotonic))
        before = [await cache.increment("guesses", MINUTE) for _ in range(3)]
        proxy.cut()
        getattr(proxy, fault)()
        during = [await cache.increment("guesses", MINUTE) for _ in range(2)]
        proxy.resume()
        monotonic.now += 1
        with suppress(CacheUnavailable):  # a connection of before the fault may have been kept
            await client.ping()
        after = [await cache.increment("guesses", MINUTE) for _ in range(2)]
    assert (before, during, after) == ([1, 2, 3], [1, 2], [4, 5])


async def test_a_connection_that_uvloop_has_closed_is_an_outage() -> None:
    class Closed:
        def register_script(self, _script: str) -> None:
            """Scripts are not called here."""

        async def get(self, _key: str) -> bytes:
            raise RuntimeError("unable to perform operation on <TCPTransport closed=True>; the handler is closed")

    closed: Any = Closed()
    with pytest.raises(CacheUnavailable, match="does not answer: unable to perform"):
        await RedisClient(closed).get("tea")


@pytest.mark.redis
async def test_two_gateways_share_a_rate_limit(redis_url: str, clock: FixedClock) -> None:
    async with (
        namespace(redis_url) as name,
        RedisClient.connected(redis_url, name) as first,
        RedisClient.connected(redis_url, name) as second,
    ):
        caches = [FallbackCache(each, MemoryCache(clock), CircuitBreaker()) for each in (first, second)]
        log = [await caches[number % 2].admit([Demand("ada", FIVE)]) for number in range(7)]
        crowd = await asyncio.gather(*(caches[number % 2].admit([Demand("bob", FIVE)]) for number in range(20)))
    assert [each.remaining for each in log] == [4, 3, 2, 1, 0, 0, 0]
    assert [each.is_admitted for each in log] == [True] * 5 + [False] * 2
    assert sum(each.is_admitted for each in crowd) == 5


@pytest.mark.redis
@pytest.mark.parametrize("fault", ["stall", "refuse"])
async def test_a_gateway_limits_by_itself_while_redis_is_away(
    proxy: Proxy, redis_url: str, clock: FixedClock, fault: str
) -> None:
    monotonic = Monotonic()
    async with namespace(redis_url) as name, RedisClient.connected(proxy.url, name) as client:
        cache = FallbackCache(client, MemoryCache(clock), CircuitBreaker(monotonic))
        before = [(await cache.admit([Demand("ada", FIVE)])).remaining for _ in range(2)]
        proxy.cut()
        getattr(proxy, fault)()
        async with asyncio.timeout(10 * TIMEOUT):  # 20 waits would take twice as long
            during = [(await cache.admit([Demand("ada", FIVE)])).is_admitted for _ in range(20)]
        proxy.resume()
        monotonic.now += 1
        with suppress(CacheUnavailable):  # a connection of before the fault may have been kept
            await client.ping()
        after = (await cache.admit([Demand("ada", FIVE)])).remaining
    assert (before, during, after) == ([4, 3], [True] * 5 + [False] * 15, 2)
