"""The cache that outlives an outage of Redis: meanwhile each process uses a cache of its own."""

import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final, TypeVar

import structlog

from domains.kernel.ports import Cache, CacheUnavailable, is_any
from domains.kernel.rate_limits import Admission, Demand
from gateway.log_interval import LogInterval

log = structlog.get_logger("gateway.redis")
PAUSE: Final = 1.0  # seconds between two tries while the server is away
T = TypeVar("T")


class CircuitBreaker:
    """Lets one caller a second try a server that is away, and logs a line a minute until it answers."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._failures = 0
        self._retry_at = 0.0
        self._outages = LogInterval(monotonic)
        self._is_logged = False

    def allows(self) -> bool:
        """Whether to call the server. While it is away, only the first caller of each second may."""
        if not self._failures:
            return True
        now = self._monotonic()
        if now < self._retry_at:
            return False
        self._retry_at = now + PAUSE
        return True

    def failed(self, error: Exception) -> None:
        """Record a failed call."""
        self._failures += 1
        self._retry_at = self._monotonic() + PAUSE
        if self._outages.is_due():
            log.warning("redis unavailable", error=str(error), failures=self._failures)
            self._is_logged = True

    def succeeded(self) -> None:
        """Record an answered call."""
        if self._is_logged:
            log.info("redis answers again", failures=self._failures)
        self._failures, self._is_logged = 0, False


class FallbackCache:
    """The port `Cache`: `shared` while it answers, else `local`.

    While Redis is away, values are missing and limits are counted by each process. What was counted meanwhile does
    not move to Redis afterwards.
    """

    def __init__(self, shared: Cache, local: Cache, breaker: CircuitBreaker) -> None:
        self._shared = shared
        self._local = local
        self._breaker = breaker

    async def get(self, key: str) -> bytes | None:
        """See Cache."""
        return await self._call(lambda cache: cache.get(key))

    async def set(self, key: str, value: bytes, ttl: timedelta) -> None:
        """See Cache."""
        await self._call(lambda cache: cache.set(key, value, ttl))

    async def delete(self, *keys: str) -> None:
        """See Cache."""
        await self._call(lambda cache: cache.delete(*keys))

    async def increment(self, key: str, ttl: timedelta, by: int = 1) -> int:
        """See Cache."""
        return await self._call(lambda cache: cache.increment(key, ttl, by))

    async def admit(self, demands: Sequence[Demand]) -> Admission:
        """See Cache."""
        return await self._call(lambda cache: cache.admit(demands))

    async def invalidate_pattern(self, pattern: str) -> None:
        """See Cache."""
        await self._call(lambda cache: cache.invalidate_pattern(pattern))

    async def cache_aside(
        self,
        key: str,
        fetcher: Callable[[], Awaitable[bytes]],
        ttl: timedelta,
        is_valid: Callable[[bytes], bool] = is_any,
    ) -> bytes:
        """See Cache."""
        return await self._call(lambda cache: cache.cache_aside(key, fetcher, ttl, is_valid))

    async def _call(self, work: Callable[[Cache], Awaitable[T]]) -> T:
        if self._breaker.allows():
            try:
                result = await work(self._shared)
            except CacheUnavailable as error:
                self._breaker.failed(error)
            else:
                self._breaker.succeeded()
                return result
        return await work(self._local)
