"""The in-process cache, which replaces Redis for a single process."""

from datetime import datetime, timedelta

from domains.kernel.clock import Clock
from gateway.infra.counters import Counters

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

    async def get(self, key: str) -> bytes | None:
        """The value or count of a key, or None when it is missing or expired."""
        now = self._clock.now()
        count = self._counters.count(key, now)
        if count is not None:
            return b"%d" % count
        entry = self._values.pop(key, None)
        if entry is None or entry[1] <= now:
            return None
        self._values[key] = entry  # moved to the end: most recently used
        return entry[0]

    async def set(self, key: str, value: bytes, ttl: timedelta) -> None:
        """Store a value with a time to live."""
        self._counters.drop(key)
        self._values.pop(key, None)
        self._values[key] = (value, self._clock.now() + ttl)
        if len(self._values) > self._max_values:
            self._drop_values()

    async def delete(self, *keys: str) -> None:
        """Delete keys."""
        for key in keys:
            self._values.pop(key, None)
            self._counters.drop(key)

    async def increment(self, key: str, ttl: timedelta, by: int = 1) -> int:
        """Add to a counter and return it, atomically; the first increment starts the time to live."""
        return self._counters.add(key, by, self._clock.now(), ttl)

    async def delete_prefix(self, prefix: str) -> None:
        """Delete every key that begins with a prefix."""
        await self.delete(*[key for key in (*self._values, *self._counters) if key.startswith(prefix)])

    def _drop_values(self) -> None:
        now = self._clock.now()
        self._values = {key: entry for key, entry in self._values.items() if entry[1] > now}
        for key in list(self._values)[: len(self._values) - self._max_values * 9 // 10]:
            del self._values[key]
