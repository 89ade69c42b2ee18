"""The event stream and presence of a process: on Redis with REDIS_URL, else in the process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from domains.kernel.clock import Clock
from gateway.infra.live.memory_presence import MemoryPresence
from gateway.infra.live.memory_stream import MemoryStream
from gateway.live.channels import Channels
from gateway.live.parts import Live


@asynccontextmanager
async def open_live(redis_url: str | None, namespace: str, clock: Clock, channels: Channels) -> AsyncIterator[Live]:
    """What gives the events of some channels to the subscriptions of this process."""
    if redis_url is None:
        yield Live(MemoryStream(clock), MemoryPresence(clock), channels, is_shared=False)
        return
    # redis-py imports OpenTelemetry's SDK
    from gateway.infra.live.redis_presence import RedisPresence  # noqa: PLC0415
    from gateway.infra.live.redis_stream import RedisStream  # noqa: PLC0415

    async with (
        RedisStream.connected(redis_url, namespace) as stream,
        RedisPresence.connected(redis_url, namespace) as presence,
    ):
        live = Live(stream, presence, channels, is_shared=True)
        try:
            yield live
        finally:
            await live.presence.flush()  # the last subscription has ended: all members leave
