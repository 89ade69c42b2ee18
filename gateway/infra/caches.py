"""The cache of a process: on Redis with REDIS_URL, else in the process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from domains.kernel.clock import Clock
from domains.kernel.ports import Cache
from gateway.infra.fallback_cache import CircuitBreaker, FallbackCache
from gateway.infra.memory import MemoryCache


@asynccontextmanager
async def open_cache(redis_url: str | None, namespace: str, clock: Clock) -> AsyncIterator[Cache]:
    """The cache; while Redis is away, the process uses one of its own."""
    local = MemoryCache(clock)
    if redis_url is None:
        yield local
        return
    from gateway.infra.redis import RedisClient  # noqa: PLC0415 - redis-py imports the SDK of OpenTelemetry

    async with RedisClient.connected(redis_url, namespace) as client:
        yield FallbackCache(client, local, CircuitBreaker())
