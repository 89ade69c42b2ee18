"""A memory that is bounded by the octets of what is in it."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")


class Memory(Generic[KeyT, ValueT]):
    """Values by key, of `limit` octets at most by the sizes that are given; the least recently used are forgotten."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self._entries: OrderedDict[KeyT, tuple[ValueT, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: KeyT) -> ValueT | None:
        """The value of a key, which is then the most recently used one."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        return entry[0]

    def add(self, key: KeyT, value: ValueT, size: int) -> None:
        """Remember a value of this size in octets in the place of an earlier one; not one above the limit."""
        self._forget(key)
        if size > self.limit:
            return
        self._entries[key] = (value, size)
        self.size += size
        while self.size > self.limit:
            self._forget(next(iter(self._entries)))

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self.size = 0

    def _forget(self, key: KeyT) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.size -= entry[1]
