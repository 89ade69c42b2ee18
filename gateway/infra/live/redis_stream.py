"""The event stream of all processes, on a Redis server."""

from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final, Self

import structlog
from redis.asyncio import Redis

from gateway.infra.redis import answered, clients_of
from gateway.live.stream import (
    KEPT,
    MAX_EVENTS,
    PAGE,
    START,
    EventStreamUnavailable,
    LiveEvent,
    Order,
    Reading,
    order_of,
)

log = structlog.get_logger("gateway.redis")
TIMEOUT: Final = 2.0  # seconds; a large batch takes some tens of milliseconds
READ_TIMEOUT: Final = 8.0  # longer than a reader waits for an event
CONNECTIONS: Final = 4
MILLISECOND: Final = timedelta(milliseconds=1)
# The position moves together with the events, or neither does. `floor` is the newest removed id: events after it are
# complete. An entry without an event marks where the stream begins; one of a stream that was evicted or deleted too.
STORE: Final = """
local events, state = KEYS[1], KEYS[2]
local position = redis.call('hget', state, 'position')
if (position or '') ~= ARGV[1] then return 0 end
if not position or ARGV[5] == '1' or redis.call('exists', events) == 0 then
  local mark = redis.call('xadd', events, '*', 'begin', '')
  redis.call('xtrim', events, 'MINID', mark)
  redis.call('hset', state, 'floor', mark, 'newest', mark)
end
local newest
for i = 6, #ARGV do newest = redis.call('xadd', events, '*', 'event', ARGV[i]) end
if newest then redis.call('hset', state, 'newest', newest) end
redis.call('hset', state, 'position', ARGV[2])
local clock = redis.call('time')
local oldest = string.format('%.0f-0', clock[1] * 1000 + math.floor(clock[2] / 1000) - ARGV[3])
local aged = redis.call('xrevrange', events, '(' .. oldest, '-', 'COUNT', 1)
if #aged > 0 then
  redis.call('hset', state, 'floor', aged[1][1])
  redis.call('xtrim', events, 'MINID', oldest)
end
local excess = redis.call('xlen', events) - ARGV[4]
if excess > 0 then
  local removed = redis.call('xrange', events, '-', '+', 'COUNT', excess)
  redis.call('hset', state, 'floor', removed[excess][1])
  redis.call('xtrim', events, 'MAXLEN', ARGV[4])
end
return 1
"""


class RedisStream:
    """See EventStream. `reader` is a client of its own, whose connections wait for events."""

    def __init__(
        self,
        redis: Redis,
        reader: Redis,
        namespace: str,
        *,
        kept: timedelta = KEPT,
        max_events: int = MAX_EVENTS,
    ) -> None:
        self._redis = redis
        self._reader = reader
        self._events = f"{namespace}{{live}}:events"  # braces: both keys are on one node of a cluster
        self._state = f"{namespace}{{live}}:state"
        self._limits = (kept // MILLISECOND, max_events)
        self._store = redis.register_script(STORE)

    @classmethod
    @asynccontextmanager
    async def connected(cls, url: str, namespace: str, **options: Any) -> AsyncIterator[Self]:
        """A stream on the server of a URL; connections are opened when they are needed."""
        async with clients_of(url, TIMEOUT, READ_TIMEOUT, connections=CONNECTIONS) as (redis, reader):
            yield cls(redis, reader, namespace, **options)

    async def position(self) -> str | None:
        """See EventStream."""
        position: bytes | None = await _answered(self._redis.hget(self._state, "position"))
        return None if position is None else position.decode()

    async def store(
        self, bodies: Sequence[bytes], *, expected: str | None, position: str, is_gap: bool = False
    ) -> bool:
        """See EventStream."""
        arguments: list[str | int | bytes] = [expected or "", position, *self._limits, int(is_gap), *bodies]
        return bool(await _answered(self._store([self._events, self._state], arguments)))

    async def newest(self) -> str:
        """See EventStream."""
        newest: bytes | None = await _answered(self._redis.hget(self._state, "newest"))
        return _text(newest)

    async def read(self, after: str, *, wait: float = 0) -> Reading:
        """See EventStream."""
        order = order_of(after)
        while True:
            entries, floor, newest = await self._entries(after, wait)
            lowest, highest = _order(floor), _order(newest)
            if lowest <= order <= highest:
                events = [event for each in entries if (event := _event(*each)) is not None]
                return Reading(after, events, _text(entries[-1][0]) if entries else after)
            if lowest > highest:
                raise EventStreamUnavailable("The state of the event stream is that of another program.")
            after, order, wait = _text(floor), lowest, 0

    async def _entries(self, after: str, wait: float) -> tuple[Sequence[Any], bytes | None, bytes | None]:
        """What follows an id, the floor and the newest id.

        The floor is read last: it is not below what was removed before the entries were read.
        """
        pipeline = self._reader.pipeline(transaction=False)
        pipeline.xread({self._events: after}, count=PAGE, block=int(wait * 1000) or None)
        pipeline.hmget(self._state, "floor", "newest")
        found, (floor, newest) = await _answered(pipeline.execute())
        return (found[0][1] if found else ()), floor, newest


def _text(event_id: bytes | None) -> str:
    return START if event_id is None else event_id.decode()


def _order(event_id: bytes | None) -> Order:
    """The place of a stored id. Raises EventStreamUnavailable for what another program has written."""
    try:
        return order_of(_text(event_id))
    except ValueError as error:
        raise EventStreamUnavailable("The state of the event stream has an id that is none.") from error


def _event(event_id: bytes, fields: Any) -> LiveEvent | None:
    """The event of an entry; None for a beginning, and for what another program has written."""
    if (body := fields.get(b"event")) is None:
        return None
    try:
        return LiveEvent.decoded(event_id.decode(), body)
    except ValueError:
        log.warning("foreign entry in the event stream", id=event_id.decode())
        return None


async def _answered(call: Awaitable[Any]) -> Any:
    return await answered(call, EventStreamUnavailable)
