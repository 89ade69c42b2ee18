"""The cache of a single process: what Redis does for several."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domains.kernel.clock import Clock

MOST_VALUES = 20_000
MOST_COUNTERS = 200_000


@dataclass(slots=True)
class _Counter:
    count: int
    expires_at: datetime


class MemoryCache:
    """Keeps values and counters until they expire, or until there are too many.

    Values and counters have their own bounds: a flood of cached values must not push out the counters that hold a
    lock-out. When there are too many, expired ones go first, then values least recently used, and counters that have
    counted one thing only before others, those begun first: a flood of new names does not wash out what has grown.
    """

    def __init__(self, clock: Clock, *, values: int = MOST_VALUES, counters: int = MOST_COUNTERS) -> None:
        self._clock = clock
        self._most_values = values
        self._most_counters = counters
        self._values: dict[str, tuple[bytes, datetime]] = {}
        self._counters: dict[str, _Counter] = {}

    async def get(self, key: str) -> bytes | None:
        """The value or count under a key, or None when there is none or it has expired."""
        now = self._clock.now()
        counter = self._counters.get(key)
        if counter is not None and counter.expires_at > now:
            return b"%d" % counter.count
        found = self._values.pop(key, None)
        if found is None or found[1] <= now:
            return None
        self._values[key] = found  # last in the dictionary: most recently used
        return found[0]

    async def set(self, key: str, value: bytes, ttl: timedelta) -> None:
        """Keep a value for a while."""
        self._counters.pop(key, None)
        self._values.pop(key, None)
        self._values[key] = (value, self._clock.now() + ttl)
        if len(self._values) > self._most_values:
            self._drop_values()

    async def delete(self, *keys: str) -> None:
        """Forget keys."""
        for key in keys:
            self._values.pop(key, None)
            self._counters.pop(key, None)

    async def increment(self, key: str, ttl: timedelta, by: int = 1) -> int:
        """Add to a counter and return it, atomically; the first increment starts its time to live."""
        now = self._clock.now()
        counter = self._counters.get(key)
        if counter is None or counter.expires_at <= now:
            self._counters.pop(key, None)
            if len(self._counters) >= self._most_counters:
                self._drop_counters()
            counter = self._counters[key] = _Counter(0, now + ttl)
        counter.count += by
        return counter.count

    async def delete_prefix(self, prefix: str) -> None:
        """Forget every key that begins with a prefix."""
        await self.delete(*[key for key in (*self._values, *self._counters) if key.startswith(prefix)])

    def _drop_values(self) -> None:
        now = self._clock.now()
        self._values = {key: kept for key, kept in self._values.items() if kept[1] > now}
        for key in list(self._values)[: len(self._values) - self._most_values * 9 // 10]:
            del self._values[key]

    def _drop_counters(self) -> None:
        now = self._clock.now()
        self._counters = {key: kept for key, kept in self._counters.items() if kept.expires_at > now}
        spare = max(len(self._counters) - self._most_counters * 9 // 10, 0)
        once = [key for key, kept in self._counters.items() if kept.count <= 1][:spare]
        for key in once:
            del self._counters[key]
        for key in list(self._counters)[: spare - len(once)]:
            del self._counters[key]
