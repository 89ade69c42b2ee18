"""RedisClient: the cache of all processes, on a Redis server."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any, Final, Self

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

from domains.kernel.ports import CacheUnavailable, KeyCollision, ValueTooLarge, is_any
from domains.kernel.rate_limits import Admission, Demand, strictest
from domains.kernel.transactions.cleanup import keep_cancellation
from gateway.infra.cache_keys import check_key, check_value, glob
from gateway.infra.single_flight import SingleFlight

# Seconds. The defaults of the library (5, and ten retries) would let each request wait for a server that is away.
TIMEOUT: Final = 0.25
CONNECTIONS: Final = 20
SCAN_COUNT: Final = 1000
LOAD_SECONDS: Final = 10.0  # after them, another process loads a value too: the first one may be dead
LOAD_POLL: Final = 0.02
# A counter without a time to live would never expire: it gets one whenever it has none.
INCREMENT: Final = """
local count = redis.call('incrby', KEYS[1], ARGV[1])
if redis.call('pttl', KEYS[1]) < 0 then redis.call('pexpire', KEYS[1], ARGV[2]) end
return count
"""
# `domains.kernel.rate_limits.admit` for several limits, by the one clock that all processes share. Each key holds a
# theoretical arrival time in microseconds; its arguments are the cost and the capacity of its limit.
ADMIT: Final = """
local clock = redis.call('time')
local now = clock[1] * 1000000 + clock[2]
local answer, is_admitted = {}, true
for i, key in ipairs(KEYS) do
  local arrival = tonumber(redis.call('get', key) or 0)
  if not arrival then return redis.error_reply('ERR value is not an integer') end
  local used = math.min(math.max(arrival - now, 0), tonumber(ARGV[2 * i]))
  local wait = used + ARGV[2 * i - 1] - ARGV[2 * i]
  is_admitted = is_admitted and wait <= 0
  answer[2 * i - 1], answer[2 * i] = used, wait
end
if not is_admitted then return answer end
for i, key in ipairs(KEYS) do
  answer[2 * i - 1] = answer[2 * i - 1] + ARGV[2 * i - 1]
  local left = answer[2 * i - 1]
  redis.call('set', key, string.format('%.0f', now + left), 'px', math.ceil(left / 1000))
end
return answer
"""
# Only the owner of a lock releases it: it may have expired and belong to another process.
RELEASE: Final = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end"


class RedisClient:
    """The port `Cache` over a Redis server. All keys begin with `namespace`.

    Every method raises CacheUnavailable when Redis does not answer within a quarter of a second.
    """

    def __init__(self, redis: Redis, namespace: str = "commerce:") -> None:
        self._redis = redis
        self._namespace = namespace
        self._increment = redis.register_script(INCREMENT)
        self._admit = redis.register_script(ADMIT)
        self._release = redis.register_script(RELEASE)
        self._loads: SingleFlight[bytes] = SingleFlight()

    @classmethod
    @asynccontextmanager
    async def connected(cls, url: str, namespace: str = "commerce:") -> AsyncIterator[Self]:
        """A client of the server of a URL; connections are opened when they are needed."""
        async with clients_of(url, TIMEOUT, connections=CONNECTIONS) as (redis,):
            yield cls(redis, namespace)

    async def ping(self) -> None:
        """Raise CacheUnavailable unless the server answers."""
        await _answered(self._redis.ping())

    async def memory_limit(self) -> tuple[int, str]:
        """The highest memory of the server in octets (0 is no limit), and the name of what it does above it.

        Raises CacheUnavailable, also when the user may not ask.
        """
        memory = await _answered(self._redis.info("memory"))
        return int(memory.get("maxmemory", 0)), str(memory.get("maxmemory_policy", ""))

    async def get(self, key: str) -> bytes | None:
        """See Cache."""
        try:
            value: bytes | None = await _answered(self._redis.get(self._key(key)))
        except CacheUnavailable as error:
            if "WRONGTYPE" in str(error):  # another program's list or hash: no value of this cache
                return None
            raise
        return value

    async def set(self, key: str, value: bytes, ttl: timedelta) -> None:
        """See Cache."""
        check_value(value)
        await _answered(self._redis.set(self._key(key), value, px=_milliseconds(ttl)))

    async def delete(self, *keys: str) -> None:
        """See Cache."""
        if keys:
            await _answered(self._redis.unlink(*map(self._key, keys)))

    async def increment(self, key: str, ttl: timedelta, by: int = 1) -> int:
        """See Cache."""
        return int(await _counted(self._increment([self._key(key)], [by, _milliseconds(ttl)])))

    async def admit(self, demands: Sequence[Demand]) -> Admission:
        """See Cache."""
        arguments = [number for each in demands for number in (each.limit.cost_of(each.units), each.limit.capacity)]
        answer = await _counted(self._admit([self._key(each.key) for each in demands], arguments))
        return strictest(
            Admission.of(each.limit, used, wait)
            for each, used, wait in zip(demands, answer[::2], answer[1::2], strict=True)
        )

    async def invalidate_pattern(self, pattern: str) -> None:
        """See Cache."""
        cursor, match = 0, self._namespace + glob(pattern)
        while True:
            cursor, keys = await _answered(self._redis.scan(cursor, match=match, count=SCAN_COUNT))
            if keys:
                await _answered(self._redis.unlink(*keys))
            if not cursor:
                return

    async def cache_aside(
        self,
        key: str,
        fetcher: Callable[[], Awaitable[bytes]],
        ttl: timedelta,
        is_valid: Callable[[bytes], bool] = is_any,
    ) -> bytes:
        """See Cache. One process loads while the others wait for its value, at most ten seconds."""
        value = await self._valid(key, is_valid)
        if value is not None:
            return value
        return await self._loads.run(key, lambda: self._load(key, fetcher, ttl, is_valid))

    async def _valid(self, key: str, is_valid: Callable[[bytes], bool]) -> bytes | None:
        value = await self.get(key)
        return value if value is not None and is_valid(value) else None

    async def _load(
        self, key: str, fetcher: Callable[[], Awaitable[bytes]], ttl: timedelta, is_valid: Callable[[bytes], bool]
    ) -> bytes:
        lock, token = f"{key}:lock", secrets.token_hex(8)
        deadline = asyncio.get_running_loop().time() + LOAD_SECONDS
        while not await self._acquire(lock, token):
            if (value := await self._valid(key, is_valid)) is not None:
                return value
            if asyncio.get_running_loop().time() > deadline:
                break
            await asyncio.sleep(LOAD_POLL)
        try:
            value = await self._valid(key, is_valid)  # it may have been stored since the first look
            if value is None:
                value = await fetcher()
                with suppress(CacheUnavailable, ValueTooLarge):
                    await self.set(key, value, ttl)
            return value
        finally:
            with suppress(CacheUnavailable):
                await _answered(self._release([self._key(lock)], [token]))

    async def _acquire(self, lock: str, token: str) -> bool:
        lifetime = int(LOAD_SECONDS * 1000)
        return bool(await _answered(self._redis.set(self._key(lock), token, px=lifetime, nx=True)))

    def _key(self, key: str) -> str:
        check_key(key)
        return self._namespace + key


def _milliseconds(ttl: timedelta) -> int:
    return max(1, round(ttl.total_seconds() * 1000))


@asynccontextmanager
async def clients_of(url: str, quickest: float, *others: float, connections: int) -> AsyncIterator[Sequence[Redis]]:
    """Clients of the server of a URL: one for each time, in seconds, that its commands may take.

    Each opens at most so many connections, when they are needed; that takes the first of the times at the most. A
    command is tried once.
    """
    pools = [
        BlockingConnectionPool.from_url(
            url,
            max_connections=connections,
            timeout=each,
            socket_timeout=each,
            socket_connect_timeout=quickest,
            retry=Retry(NoBackoff(), 0),
        )
        for each in (quickest, *others)
    ]
    try:
        yield [Redis(connection_pool=pool) for pool in pools]
    finally:
        for pool in pools:
            await pool.disconnect()


async def answered(call: Awaitable[Any], unavailable: type[Exception]) -> Any:
    """The answer to a command. Raises `unavailable` with the reason when there is none.

    uvloop raises RuntimeError for a connection that was reset meanwhile.
    """
    try:
        with keep_cancellation():
            return await call
    except ResponseError as error:
        raise unavailable(f"Redis refuses the command: {error}") from error
    except (RedisError, OSError, TimeoutError, RuntimeError) as error:
        raise unavailable(f"Redis does not answer: {str(error) or type(error).__name__}") from error


async def _answered(call: Awaitable[Any]) -> Any:
    return await answered(call, CacheUnavailable)


async def _counted(call: Awaitable[Any]) -> Any:
    """The answer of a script over counters. Raises KeyCollision too."""
    try:
        return await _answered(call)
    except CacheUnavailable as error:
        if "not an integer" in str(error) or "WRONGTYPE" in str(error):
            raise KeyCollision("The key of a counter holds a value.") from error
        raise
