"""Values read from the database and remembered for a few seconds, for what every request needs and hardly changes."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar
from weakref import WeakSet

from domains.kernel.clock import Clock
from domains.kernel.database import Reader, Tx

TIME_TO_LIVE: Final = timedelta(seconds=5)
MAX_ENTRIES: Final = 1_000
KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")


class ReadCache(Generic[KeyT, ValueT]):
    """Remembers values by key. A change is visible at once in this process and within five seconds in every other."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: dict[KeyT, tuple[datetime, ValueT]] = {}
        self._generation = 0
        self._writers: WeakSet[Reader] = WeakSet()

    async def get(self, db: Reader, key: KeyT, load: Callable[[], Awaitable[ValueT]]) -> ValueT:
        """The remembered value of a key, or what `load` reads with `db`; a transaction reads what it has written."""
        entry = self._entries.get(key)
        if entry is not None and entry[0] > self._clock.now() and db not in self._writers:
            return entry[1]
        return await self.refresh(db, key, load)

    async def refresh(self, db: Reader, key: KeyT, load: Callable[[], Awaitable[ValueT]]) -> ValueT:
        """What `load` reads with `db`, remembered from now on unless it changes meanwhile."""
        generation = self._generation
        value = await load()
        if generation == self._generation and db not in self._writers:
            if len(self._entries) >= MAX_ENTRIES:
                self._entries.clear()
            self._entries[key] = (self._clock.now() + TIME_TO_LIVE, value)
        return value

    def invalidate(self, tx: Tx) -> None:
        """Forget everything, now and when `tx` commits, since it changes what is remembered."""
        self._writers.add(tx)
        self.clear()
        tx.on_commit(self.clear)

    def clear(self) -> None:
        """Forget everything, also what is being read at this moment."""
        self._generation += 1
        self._entries.clear()
