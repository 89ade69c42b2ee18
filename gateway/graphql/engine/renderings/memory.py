"""Renderings in the memory of the process: the JSON of an object with holes, by selection and revision."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import orjson

from domains.kernel.caches.memory import Memory

OVERHEAD: Final = 1_500  # octets of an entry beside its parts, keys and tags
PART_SIZE: Final = 41  # octets of a part beside its text
KEY_SIZE: Final = 500  # octets of the key of a hole, such as a tuple with an id, and of what is loaded for it
TAG_SIZE: Final = 160  # octets of a tag
ASKED_SIZE: Final = 500  # octets of an entry that has a key only


class Hole(NamedTuple):
    """The holes of one field in an object: a key for each, the indexes of their parts, and the keys to load."""

    keys: list[Any]
    places: list[int]
    loaded: list[Any]


class Filling(NamedTuple):
    """What was loaded for the holes of each volatile field, their texts, and the JSON of the object with them."""

    found: Sequence[list[Any]]
    texts: Sequence[Sequence[bytes]]
    whole: orjson.Fragment


@dataclass(slots=True, eq=False)
class Rendering:
    """The JSON of one object: `parts` in their order, empty ones where a hole is.

    `values`, `characters` and `tags` are what the object adds to the budget of an answer and to its tags. `filling`
    is the last one: while the same is loaded, the JSON is the same.
    """

    parts: list[bytes]
    holes: list[Hole]
    values: int
    characters: int
    tags: frozenset[str]
    filling: Filling | None = None

    @property
    def size(self) -> int:
        """The approximate octets that it takes in memory, with its filling."""
        keys = sum([len(hole.keys) for hole in self.holes])
        texts = 2 * sum(map(len, self.parts)) + PART_SIZE * len(self.parts)
        return OVERHEAD + texts + KEY_SIZE * keys + TAG_SIZE * len(self.tags)


class _Asked:
    """In place of a rendering: its key was asked for once."""


_ASKED: Final = _Asked()


class RenderingMemory:
    """Renderings by key, at most `limit` octets; the least recently used are evicted.

    A key is that of a selection and a revision. An object is rendered when it is asked for again: rendering takes
    longer than executing its selection once.
    """

    def __init__(self, limit: int) -> None:
        self._largest = limit // 16
        self._memory: Memory[Hashable, Rendering | _Asked] = Memory(limit)

    def __len__(self) -> int:
        return len(self._memory)

    @property
    def size(self) -> int:
        """The octets that are in use, by a measured estimate."""
        return self._memory.size

    def find(self, key: Hashable, render: Callable[..., Rendering | None], *given: Any) -> Rendering | None:
        """The rendering of a key, made now if the key was asked for once before; None if there is none."""
        found = self._memory.get(key)
        if isinstance(found, Rendering):
            return found
        if found is None:
            self._add(key, _ASKED, ASKED_SIZE)
            return None
        rendering = render(*given)
        if rendering is not None:
            self._add(key, rendering, rendering.size)
        return rendering

    def _add(self, key: Hashable, value: "Rendering | _Asked", size: int) -> None:
        """Remember a rendering, or that its key was asked for, unless it is larger than a sixteenth of the limit."""
        if size <= self._largest:
            self._memory.add(key, value, size)
