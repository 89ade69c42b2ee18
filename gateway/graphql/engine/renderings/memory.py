"""Renderings in the memory of the process: the JSON of an object with holes, by selection and revision."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Final

OVERHEAD: Final = 900  # octets of an entry beside its parts, keys and tags
PART_SIZE: Final = 41  # octets of a part beside its text
KEY_SIZE: Final = 250  # octets of the key of a hole, such as a tuple with an id
TAG_SIZE: Final = 160  # octets of a tag
ASKED_SIZE: Final = 500  # octets of an entry that has a key only


@dataclass(frozen=True, slots=True, eq=False)
class Rendering:
    """The JSON of one object: `parts` in their order, empty ones where a hole is.

    For each field of the selection that has holes, `holes` are the keys of the values and the indexes of their parts.
    `values`, `characters` and `tags` are what the object adds to the budget of an answer and to its tags.
    """

    parts: list[bytes]
    holes: list[tuple[list[Any], list[int]]]
    values: int
    characters: int
    tags: frozenset[str]

    @property
    def size(self) -> int:
        """The approximate octets that it takes in memory."""
        keys = sum([len(keys) for keys, _ in self.holes])
        texts = sum(map(len, self.parts)) + PART_SIZE * len(self.parts)
        return OVERHEAD + texts + KEY_SIZE * keys + TAG_SIZE * len(self.tags)


class RenderingMemory:
    """Renderings by key, at most `limit` octets; the least recently used are evicted.

    A key is that of a selection and a revision. An object is rendered when it is asked for again: rendering takes
    longer than executing its selection once.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._renderings: OrderedDict[Hashable, tuple[Rendering | None, int]] = OrderedDict()
        self.size = 0

    def __len__(self) -> int:
        return len(self._renderings)

    def find(self, key: Hashable, render: Callable[[], Rendering | None]) -> Rendering | None:
        """The rendering of a key, made now if the key was asked for once before; None if there is none."""
        found = self._renderings.get(key)
        if found is None:
            self._add(key, None, ASKED_SIZE)
            return None
        self._renderings.move_to_end(key)
        rendering = found[0]
        if rendering is None and (rendering := render()) is not None:
            self._add(key, rendering, rendering.size)
        return rendering

    def _add(self, key: Hashable, rendering: Rendering | None, size: int) -> None:
        """Store a rendering, or that its key was asked for, unless it is larger than a sixteenth of the limit."""
        if size > self._limit // 16:
            return
        self.size += size - self._renderings.get(key, (None, 0))[1]
        self._renderings[key] = (rendering, size)
        while self.size > self._limit:
            _, (_, evicted) = self._renderings.popitem(last=False)
            self.size -= evicted
