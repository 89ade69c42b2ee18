"""Presence over all processes, on a Redis server."""

from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final, Self

import orjson
import structlog
from redis.asyncio import Redis

from domains.kernel.ids import new_id
from gateway.infra.redis import answered, clients_of
from gateway.live.presence_store import TTL, Change, OnPresent, PresenceUnavailable, Present
from gateway.log_interval import LogInterval

log = structlog.get_logger("gateway.redis")
TIMEOUT: Final = 2.0  # seconds; an update of 200 rooms takes some milliseconds
CONNECTIONS: Final = 4
LISTEN_SECONDS: Final = 5.0  # for a message, before the connection is checked
MILLISECOND: Final = timedelta(milliseconds=1)
# A sorted set has an entry for each member at each process, "<process> <member>", with the end of its time; a hash
# counts the entries of each member, so that the number of members is its length. Neither is right without the other,
# nor in place of it what another program has written.
UPDATE: Final = """
local entries, members, process = KEYS[1], KEYS[2], ARGV[1]
local ttl, listed, channel, name, present = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[5], tonumber(ARGV[6])
local clock = redis.call('time')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local is_changed = false
local kinds = redis.call('type', entries).ok .. ' ' .. redis.call('type', members).ok
if kinds ~= 'zset hash' and kinds ~= 'none none' then redis.call('del', entries, members) end
local function leave(entry)
  if redis.call('zrem', entries, entry) == 0 then return end
  local member = string.match(entry, ' (.*)$')
  if redis.call('hincrby', members, member, -1) > 0 then return end
  redis.call('hdel', members, member)
  is_changed = true
end
for i = 7, 6 + present do
  if redis.call('zadd', entries, now + ttl, process .. ' ' .. ARGV[i]) == 1 then
    is_changed = redis.call('hincrby', members, ARGV[i], 1) == 1 or is_changed
  end
end
for i = 7 + present, #ARGV do leave(process .. ' ' .. ARGV[i]) end
for _, entry in ipairs(redis.call('zrangebyscore', entries, '-inf', now)) do leave(entry) end
if present > 0 then
  redis.call('pexpire', entries, 2 * ttl)
  redis.call('pexpire', members, 2 * ttl)
end
local names = listed > 0 and redis.call('hkeys', members) or {}
table.sort(names)
local state = {name, redis.call('hlen', members), string.format('%.0f', clock[1] * 1000000 + clock[2])}
for i = 1, math.min(listed, #names) do state[3 + i] = names[i] end
if is_changed then redis.call('publish', channel, cjson.encode(state)) end
return state
"""


class RedisPresence:
    """See PresenceStore. `listener` is a client of its own, whose connection waits for messages."""

    def __init__(self, redis: Redis, listener: Redis, namespace: str, *, ttl: timedelta = TTL) -> None:
        self._redis = redis
        self._listener = listener
        self._namespace = f"{namespace}presence:"
        self._channel = f"{namespace}presence"
        self._ttl = ttl // MILLISECOND
        self._process = str(new_id())
        self._update = redis.register_script(UPDATE)
        self._foreign = LogInterval()

    @classmethod
    @asynccontextmanager
    async def connected(cls, url: str, namespace: str, **options: Any) -> AsyncIterator[Self]:
        """Presence on the server of a URL; connections are opened when they are needed."""
        async with clients_of(url, TIMEOUT, LISTEN_SECONDS + TIMEOUT, connections=CONNECTIONS) as (redis, listener):
            yield cls(redis, listener, namespace, **options)

    async def update(self, changes: Sequence[Change]) -> Sequence[Present]:
        """See PresenceStore."""
        pipeline = self._redis.pipeline(transaction=False)
        for change in changes:
            key = f"{self._namespace}{{{change.room.name}}}"  # braces: both keys are on one node of a cluster
            room, process = change.room, self._process
            arguments: list[str | int] = [process, self._ttl, room.max_listed, self._channel, room.name]
            arguments += [len(change.present), *change.present, *change.gone]
            await self._update([f"{key}:entries", f"{key}:members"], arguments, client=pipeline)
        try:
            return [_state(found)[1] for found in await _answered(pipeline.execute())]
        except ValueError as error:
            raise PresenceUnavailable("A room has members that another program has written.") from error

    async def listen(self, on_present: OnPresent) -> None:
        """See PresenceStore."""
        async with self._listener.pubsub(ignore_subscribe_messages=True) as messages:
            await _answered(messages.subscribe(self._channel))
            is_asked = False
            while True:
                message = await _answered(messages.get_message(timeout=LISTEN_SECONDS))
                if message is not None and message["type"] == "message":
                    self._tell(on_present, message["data"])
                elif message is None and is_asked:
                    raise PresenceUnavailable("Redis does not answer a ping.")
                elif message is None:
                    await _answered(messages.ping())
                is_asked = message is None

    def _tell(self, on_present: OnPresent, message: bytes) -> None:
        """Tell what was published, unless another program or another version has; that is logged once a minute."""
        try:
            name, state = _state(orjson.loads(message))
        except (ValueError, TypeError, OverflowError):
            if self._foreign.is_due():
                log.warning("foreign message of presence", channel=self._channel)
            return
        on_present(name, state)


def _state(found: Sequence[Any]) -> tuple[str, Present]:
    """The name of a room and its state, of what the script has returned or published."""
    name, count, as_of, *members = (each.decode() if isinstance(each, bytes) else str(each) for each in found)
    return name, Present(int(count), tuple(members), int(as_of))


async def _answered(call: Awaitable[Any]) -> Any:
    return await answered(call, PresenceUnavailable)
