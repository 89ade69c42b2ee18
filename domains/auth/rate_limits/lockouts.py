"""Counts of guesses that open again by themselves: a lock that grows, and a number for any fifteen minutes."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from domains.kernel.clock import Clock
from domains.kernel.ports import Cache
from domains.kernel.quotas import uncount

FREE_GUESSES = 3
FIRST_LOCK = timedelta(minutes=1)
LONGEST_LOCK = timedelta(hours=1)
MOST_GUESSES = 10
WINDOW = timedelta(minutes=15)
MOST_GUESSES_A_DAY = 100
DAY = timedelta(days=1)
SLOT = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Guess:
    """One admitted guess, to be taken back when it turns out right."""

    key: str
    took_gate: bool


class Lockout:
    """Lets a key guess a few times (three), then once per lock: of one minute, two, four, … up to an hour.

    However the counters' times to live fall, fifteen minutes never hold more than ten guesses: at most five free ones
    where two counts meet, and five gates (0, 1 | 0, 1, 3, 7 minutes) where the levels were forgotten half-way.
    """

    def __init__(self, cache: Cache, *, memory: timedelta, free: int = FREE_GUESSES) -> None:
        self._cache = cache
        self._memory = memory
        self._free = free

    async def admit(self, key: str) -> Guess | timedelta:
        """Count a guess before it is checked, so that parallel ones cannot slip by; or how long it has to wait."""
        if await self._cache.get(f"{key}:gate") is None:
            if await self._cache.increment(f"{key}:guesses", self._memory) <= self._free:
                return Guess(key, took_gate=False)
            lock = self._lock(await self._level(key))
            if await self._cache.increment(f"{key}:gate", lock) == 1:
                await self._cache.increment(f"{key}:level", self._memory)
                return Guess(key, took_gate=True)
        return self._lock(await self._level(key) - 1)

    async def take_back(self, guess: Guess) -> None:
        """The guess was right, or never checked: it does not count."""
        if guess.took_gate:
            await self._cache.delete(f"{guess.key}:gate")
        count = f"{guess.key}:level" if guess.took_gate else f"{guess.key}:guesses"
        await uncount(self._cache, count, self._memory)

    async def _level(self, key: str) -> int:
        return int(await self._cache.get(f"{key}:level") or 0)

    @staticmethod
    def _lock(level: int) -> timedelta:
        return min(FIRST_LOCK * (1 << min(max(level, 0), 10)), LONGEST_LOCK)


class Window:
    """Lets a key guess ten times in any fifteen minutes, and a hundred times a day, from wherever."""

    def __init__(self, cache: Cache, clock: Clock) -> None:
        self._cache = cache
        self._clock = clock

    async def admit(self, key: str) -> str | timedelta:
        """Count a guess before it is checked, and say where it was counted; or how long it has to wait.

        It is counted first and summed afterwards, so of parallel ones no more than ten find room.
        """
        slots = self._slots(key)
        await self._cache.increment(slots[0], WINDOW + SLOT)
        counts = [int(await self._cache.get(slot) or 0) for slot in slots]
        today = await self._cache.increment(f"{key}:day", DAY)
        if sum(counts) <= MOST_GUESSES and today <= MOST_GUESSES_A_DAY:
            return slots[0]
        await self.take_back(key, slots[0])
        if today > MOST_GUESSES_A_DAY:
            return LONGEST_LOCK
        return self._until_free(counts)

    async def take_back(self, key: str, slot: str) -> None:
        """The guess was right, or never checked: it does not count."""
        await uncount(self._cache, slot, WINDOW + SLOT)
        await uncount(self._cache, f"{key}:day", DAY)

    async def forget(self, key: str) -> None:
        """Start again from nothing."""
        await self._cache.delete(*self._slots(key), f"{key}:day")

    def _slots(self, key: str) -> list[str]:
        """The counters that hold the last fifteen minutes and the begun slot, the present one first."""
        now = int(self._clock.now().timestamp() // SLOT.total_seconds())
        return [f"{key}:{now - back}:slot" for back in range(WINDOW // SLOT + 1)]

    def _until_free(self, counts: list[int]) -> timedelta:
        """When the oldest slot that holds guesses is forgotten."""
        oldest = max((back for back, count in enumerate(counts) if count > 0), default=0)
        into_slot = self._clock.now().timestamp() % SLOT.total_seconds()
        return timedelta(seconds=ceil((len(counts) - oldest) * SLOT.total_seconds() - into_slot))
