"""Counters of wrong attempts that expire: a lockout that grows, and a limit for any fifteen minutes."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from domains.kernel.clock import Clock
from domains.kernel.ports import Cache
from domains.kernel.quotas import decrement

FREE_ATTEMPTS = 3
FIRST_LOCK = timedelta(minutes=1)
MAX_LOCK = timedelta(hours=1)
MAX_ATTEMPTS = 10
WINDOW = timedelta(minutes=15)
MAX_ATTEMPTS_PER_DAY = 100
DAY = timedelta(days=1)
SLOT = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class CountedAttempt:
    """A counted attempt, which is released if it succeeds."""

    key: str
    is_after_lock: bool


class Lockout:
    """Allows three attempts for a key, then one after each lock of 1, 2, 4, … up to 60 minutes.

    Whenever the counters expire, fifteen minutes contain at most ten attempts: five free ones where two counts meet,
    and five after locks (0, 1 | 0, 1, 3, 7 minutes) where the level expired in between.
    """

    def __init__(self, cache: Cache, *, retention: timedelta, free_attempts: int = FREE_ATTEMPTS) -> None:
        self._cache = cache
        self._retention = retention
        self._free_attempts = free_attempts

    async def admit(self, key: str) -> CountedAttempt | timedelta:
        """Count an attempt before it is checked, so that concurrent ones are counted; or return how long to wait."""
        if await self._cache.get(f"{key}:gate") is None:
            if await self._cache.increment(f"{key}:guesses", self._retention) <= self._free_attempts:
                return CountedAttempt(key, is_after_lock=False)
            lock = self._lock(await self._level(key))
            if await self._cache.increment(f"{key}:gate", lock) == 1:
                await self._cache.increment(f"{key}:level", self._retention)
                return CountedAttempt(key, is_after_lock=True)
        return self._lock(await self._level(key) - 1)

    async def release(self, attempt: CountedAttempt) -> None:
        """Uncount an attempt that succeeded or was not checked."""
        if attempt.is_after_lock:
            await self._cache.delete(f"{attempt.key}:gate")
        count = f"{attempt.key}:level" if attempt.is_after_lock else f"{attempt.key}:guesses"
        await decrement(self._cache, count, self._retention)

    async def _level(self, key: str) -> int:
        return int(await self._cache.get(f"{key}:level") or 0)

    @staticmethod
    def _lock(level: int) -> timedelta:
        return min(FIRST_LOCK * (1 << min(max(level, 0), 10)), MAX_LOCK)


class Window:
    """Allows a key ten attempts in any fifteen minutes and a hundred a day, from all networks together."""

    def __init__(self, cache: Cache, clock: Clock) -> None:
        self._cache = cache
        self._clock = clock

    async def admit(self, key: str) -> str | timedelta:
        """Count an attempt before it is checked, and return the counter; or return how long to wait.

        Attempts are counted first and summed afterwards, so of concurrent ones at most ten are allowed.
        """
        slots = self._slots(key)
        await self._cache.increment(slots[0], WINDOW + SLOT)
        counts = [int(await self._cache.get(slot) or 0) for slot in slots]
        today = await self._cache.increment(f"{key}:day", DAY)
        if sum(counts) <= MAX_ATTEMPTS and today <= MAX_ATTEMPTS_PER_DAY:
            return slots[0]
        await self.release(key, slots[0])
        if today > MAX_ATTEMPTS_PER_DAY:
            return MAX_LOCK
        return self._wait_time(counts)

    async def release(self, key: str, slot: str) -> None:
        """Uncount an attempt that succeeded or was not checked."""
        await decrement(self._cache, slot, WINDOW + SLOT)
        await decrement(self._cache, f"{key}:day", DAY)

    async def reset(self, key: str) -> None:
        """Reset the counters of a key."""
        await self._cache.delete(*self._slots(key), f"{key}:day")

    def _slots(self, key: str) -> list[str]:
        """The counters of the last fifteen minutes and of the current slot, the current one first."""
        now = int(self._clock.now().timestamp() // SLOT.total_seconds())
        return [f"{key}:{now - offset}:slot" for offset in range(WINDOW // SLOT + 1)]

    def _wait_time(self, counts: list[int]) -> timedelta:
        """How long until the oldest slot with attempts expires."""
        oldest = max((offset for offset, count in enumerate(counts) if count > 0), default=0)
        elapsed = self._clock.now().timestamp() % SLOT.total_seconds()
        return timedelta(seconds=ceil((len(counts) - oldest) * SLOT.total_seconds() - elapsed))
