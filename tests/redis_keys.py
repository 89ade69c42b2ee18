"""Keys of tests in Redis: a namespace of their own, and expiry without waiting."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final
from uuid import uuid4

from redis.asyncio import Redis

MICROSECONDS_OF_2001: Final = 10**15


@asynccontextmanager
async def namespace(url: str) -> AsyncIterator[str]:
    """A prefix of keys, which are deleted at the end."""
    name = f"test-{uuid4().hex}:"
    try:
        yield name
    finally:
        async with Redis.from_url(url) as redis:
            if keys := [key async for key in redis.scan_iter(f"{name}*")]:
                await redis.unlink(*keys)


async def age(redis: Redis, name: str, by: timedelta) -> None:
    """Let the keys of a namespace expire earlier, as if time had passed; rate limits hold a time in microseconds."""
    async for key in redis.scan_iter(f"{name}*"):
        value = await redis.get(key) or b""
        if value.isdigit() and int(value) > MICROSECONDS_OF_2001:
            await redis.decrby(key, by // timedelta(microseconds=1))
        await redis.pexpire(key, max(0, await redis.pttl(key) - int(by.total_seconds() * 1000)))
