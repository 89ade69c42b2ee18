"""The event stream of a process: on Redis with REDIS_URL, else in the process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from domains.kernel.clock import Clock
from gateway.infra.live.memory_stream import MemoryStream
from gateway.live.channels import Channels
from gateway.live.parts import Live


@asynccontextmanager
async def open_live(redis_url: str | None, namespace: str, clock: Clock, channels: Channels) -> AsyncIterator[Live]:
    """What gives the events of some channels to the subscriptions of this process."""
    if redis_url is None:
        yield Live(MemoryStream(clock), channels, is_shared=False)
        return
    from gateway.infra.live.redis_stream import RedisStream  # noqa: PLC0415 - redis-py imports OpenTelemetry's SDK

    async with RedisStream.connected(redis_url, namespace) as stream:
        yield Live(stream, channels, is_shared=True)
