"""Batch loading: one loader per batch function and request, and how rows are matched to the keys asked for."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from typing import Any, Generic, TypeVar

from aiodataloader import DataLoader

C = TypeVar("C")
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class LevelLoader(DataLoader[K, V]):
    """A DataLoader that also loads the keys of a whole level at once, without a future for each of them."""

    def __init__(self, batch: Callable[..., Any]) -> None:
        super().__init__(batch)
        self._values: dict[K, V] = {}
        self._loading = asyncio.Lock()

    async def load_level(self, keys: list[K]) -> list[V]:
        """The values of these distinct keys, in their order; what an earlier level loaded is not asked for again.

        Nor is what is being loaded right now: a relation that is worked out of another shares its batch.
        """
        values = self._values
        async with self._loading:
            missing = [key for key in keys if key not in values] if values else keys
            if missing:
                loaded = await self.batch_load_fn(missing)
                values.update(zip(missing, loaded, strict=True))
        return [values[key] for key in keys]

    def know(self, key: K, value: V) -> None:
        """Take a value that is known already, so that it is not loaded."""
        self._values[key] = value
        self.prime(key, value)


class Loaders(Generic[C]):
    """The loaders of one request, each made when first asked for."""

    __slots__ = ("_context", "_loaders")

    def __init__(self, context: C) -> None:
        self._context = context
        self._loaders: dict[Any, LevelLoader[Any, Any]] = {}

    def of(self, load: Callable[[C, Sequence[K]], Awaitable[Sequence[V]]]) -> LevelLoader[K, V]:
        """The loader that batches calls of `load(context, keys)`, which returns one value per key in their order."""
        loader = self._loaders.get(load)
        if loader is None:
            loader = self._loaders[load] = LevelLoader(self._batch(load))
        return loader

    def _batch(self, load: Callable[[C, Sequence[K]], Awaitable[Sequence[V]]]) -> Callable[..., Any]:
        async def batch(keys: list[K]) -> list[V]:
            return list(await load(self._context, keys))

        return batch

    def clear(self) -> None:
        """Forget everything loaded; a write may have changed it."""
        self._loaders.clear()

    def close(self) -> None:
        """Let go of everything at the end of the request.

        Context and loaders hold each other: left to themselves, all that a request has read would wait for the
        garbage collector, which then stops the whole process for a third of a second.
        """
        self._loaders.clear()
        del self._context


def one_per_key(keys: Sequence[K], rows: Iterable[V], key_of: Callable[[V], K]) -> list[V | None]:
    """For each key the row that has it, or None: what a loader of a single relation returns."""
    found = {key_of(row): row for row in rows}
    return [found.get(key) for key in keys]


def many_per_key(keys: Sequence[K], rows: Iterable[V], key_of: Callable[[V], K]) -> list[list[V]]:
    """For each key its rows in the order they came: what a loader of a `many` relation returns."""
    found: defaultdict[K, list[V]] = defaultdict(list)
    for row in rows:
        found[key_of(row)].append(row)
    return [found[key] for key in keys]
