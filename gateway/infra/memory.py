"""The in-process cache, which replaces Redis for a single process."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

from domains.kernel.clock import Clock
from domains.kernel.ports import KeyCollision, ValueTooLarge, is_any
from domains.kernel.rate_limits import Admission, Demand, admit, strictest
from gateway.infra.cache_keys import check_key, check_value, matcher
from gateway.infra.counters import Counters
from gateway.infra.single_flight import SingleFlight

MAX_VALUES = 20_000
MAX_COUNTERS = 200_000
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)


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
        now = self._clock.now()
        self._check_counter(key, now)
        return self._counters.add(key, by, now, ttl)

    async def admit(self, demands: Sequence[Demand]) -> Admission:
        """See Cache. A limit is a counter of the theoretical arrival time, so the nearest to it is evicted first."""
        now = self._clock.now()
        at, outcomes = (now - EPOCH) // MICROSECOND, []
        for each in demands:
            self._check_counter(each.key, now)
            outcomes.append(admit(each.limit, self._counters.count(each.key, now) or 0, at, each.units))
        admission = strictest(admission for _, admission in outcomes)
        if admission.is_admitted:
            for each, (arrival, _) in zip(demands, outcomes, strict=True):
                self._counters.put(each.key, arrival, now, EPOCH + arrival * MICROSECOND)
        return admission

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

    def _check_counter(self, key: str, now: datetime) -> None:
        """Raise KeyInvalid, and KeyCollision when the key holds a value."""
        check_key(key)
        if self._value(key, now) is not None:
            raise KeyCollision("The key of a counter holds a value.")

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
