"""Expiring counters, limited in number; a flood of counters does not evict lockouts in force."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

SAMPLE: Final = 16


@dataclass(slots=True)
class _Counter:
    count: int
    expires_at: datetime


class Counters:
    """Counters by key, up to a number.

    Anonymous clients create counters, one for each network or account in their requests, and an IPv6 customer has
    65,536 networks or more. Above the limit, a counter of the most frequent kind is evicted: among its oldest, the
    one with the lowest count. So a flood of one kind evicts its own counters, and a lockout in force is evicted last.
    A kind is the first word of a key, and also its last one when that is a word (`auth:password:6f…:gate`).
    """

    def __init__(self, maximum: int) -> None:
        self._maximum = maximum
        # A dict of this many would be searched for its first key at each eviction.
        self._kinds: dict[tuple[str, str], OrderedDict[str, _Counter]] = {}
        self._size = 0

    def __iter__(self) -> Iterator[str]:
        for kind in self._kinds.values():
            yield from kind

    def count(self, key: str, now: datetime) -> int | None:
        """The count of a key, or None when it has no unexpired counter."""
        kind = self._kinds.get(_kind(key))
        counter = kind.get(key) if kind else None
        return None if counter is None or counter.expires_at <= now else counter.count

    def add(self, key: str, by: int, now: datetime, ttl: timedelta) -> int:
        """Add to a counter and return it; a new or expired one starts its time to live."""
        counter = self._counter(key, now, now + ttl)
        counter.count += by
        return counter.count

    def put(self, key: str, count: int, now: datetime, expires_at: datetime) -> None:
        """Set a counter and its expiry."""
        counter = self._counter(key, now, expires_at)
        counter.count, counter.expires_at = count, expires_at

    def drop(self, key: str) -> None:
        """Delete a counter."""
        kind = self._kinds.get(_kind(key))
        if kind and kind.pop(key, None) is not None:
            self._size -= 1

    def _counter(self, key: str, now: datetime, expires_at: datetime) -> _Counter:
        """The unexpired counter of a key, or a new one with this expiry."""
        kind = self._kinds.setdefault(_kind(key), OrderedDict())
        counter = kind.get(key)
        if counter is None or counter.expires_at <= now:
            self.drop(key)
            while self._size >= self._maximum:
                self._evict(now)
            counter = kind[key] = _Counter(0, expires_at)
            self._size += 1
        return counter

    def _evict(self, now: datetime) -> None:
        """Evict one counter, or all expired ones of the sample. The rest of the sample is checked last next time."""
        kind = max(self._kinds.values(), key=len)
        sample = list(islice(kind, SAMPLE))
        evicted = [key for key in sample if kind[key].expires_at <= now]
        evicted = evicted or [min(sample, key=lambda key: kind[key].count)]
        for key in sample:
            kind.move_to_end(key)
        for key in evicted:
            self.drop(key)


def _kind(key: str) -> tuple[str, str]:
    words, _, last = key.rpartition(":")
    return words.partition(":")[0], last if words and last.isalpha() else ""
