"""The in-process cache, which replaces Redis for a single process."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta

from domains.kernel.clock import Clock
from domains.kernel.ports import KeyCollision, ValueTooLarge, is_any
from gateway.infra.cache_keys import check_key, check_value, matcher
from gateway.infra.counters import Counters
from gateway.infra.single_flight import SingleFlight

MAX_VALUES = 20_000
MAX_COUNTERS = 200_000


class MemoryCache:
    """Stores values and counters until they expire, or until there are too many.

    Values and counters have separate limits: a flood of values must not evict the counters of lockouts. Above the
    limit of values, expired ones are evicted first, then the least recently used.
    """

    def __init__(self, clock: Clock, *, values: int = MAX_VALUES, counters: int = MAX_COUNTERS) -> None:
        self._clock = clock
        self._max_values = values
        self._values: dict[str, tuple[bytes, datetime]] = {}
        self._counters = Counters(counters)
        self._loads: SingleFlight[bytes] = SingleFlight()

    async def get(self, key: str) -> bytes | None:
        """See Cache."""
        check_key(key)
        now = self._clock.now()
        count = self._counters.count(key, now)
        return self._value(key, now) if count is None else b"%d" % count

    async def set(self, key: str, value: bytes, ttl: timedelta) -> None:
        """See Cache."""
        check_key(key)
        check_value(value)
        self._counters.drop(key)
        self._values.pop(key, None)
        self._values[key] = (value, self._clock.now() + ttl)
        if len(self._values) > self._max_values:
            self._drop_values()

    async def delete(self, *keys: str) -> None:
        """See Cache."""
        for key in keys:
            check_key(key)
            self._values.pop(key, None)
            self._counters.drop(key)

    async def increment(self, key: str, ttl: timedelta, by: int = 1) -> int:
        """See Cache."""
        check_key(key)
        now = self._clock.now()
        if self._value(key, now) is not None:
            raise KeyCollision("The key of a counter holds a value.")
        return self._counters.add(key, by, now, ttl)

    async def invalidate_pattern(self, pattern: str) -> None:
        """See Cache."""
        is_matched = matcher(pattern)
        await self.delete(*[key for key in (*self._values, *self._counters) if is_matched(key)])

    async def cache_aside(
        self,
        key: str,
        fetcher: Callable[[], Awaitable[bytes]],
        ttl: timedelta,
        is_valid: Callable[[bytes], bool] = is_any,
    ) -> bytes:
        """See Cache."""
        value = await self.get(key)
        if value is not None and is_valid(value):
            return value
        return await self._loads.run(key, lambda: self._load(key, fetcher, ttl))

    async def _load(self, key: str, fetcher: Callable[[], Awaitable[bytes]], ttl: timedelta) -> bytes:
        value = await fetcher()
        with suppress(ValueTooLarge):
            await self.set(key, value, ttl)
        return value

    def _value(self, key: str, now: datetime) -> bytes | None:
        entry = self._values.pop(key, None)
        if entry is None or entry[1] <= now:
            return None
        self._values[key] = entry  # moved to the end: most recently used
        return entry[0]

    def _drop_values(self) -> None:
        now = self._clock.now()
        self._values = {key: entry for key, entry in self._values.items() if entry[1] > now}
        for key in list(self._values)[: len(self._values) - self._max_values * 9 // 10]:
            del self._values[key]
