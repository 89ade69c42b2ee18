"""Batch loading: one loader per batch function and request, and the matching of rows to requested keys."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from aiodataloader import DataLoader

C = TypeVar("C")
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class LevelLoader(Generic[K, V]):
    """Loads the keys of a whole level at once, without a future for each of them, and remembers the values.

    Single keys are batched by a DataLoader, which is created when one is asked for.
    """

    __slots__ = ("_batch", "_loading", "_single", "_values")

    def __init__(self, batch: Callable[[list[K]], Awaitable[list[V]]]) -> None:
        self._batch = batch
        self._values: dict[K, V] = {}
        self._loading: asyncio.Lock | None = None
        self._single: DataLoader[K, V] | None = None

    async def load_level(self, keys: list[K]) -> list[V]:
        """The values of these distinct keys in their order; keys that an earlier level loaded are not loaded again.

        Keys in a pending load are not loaded again either: a relation that derives from another shares its batch.
        """
        values = self._values
        if self._loading is None:
            self._loading = asyncio.Lock()
        async with self._loading:
            missing = [key for key in keys if key not in values] if values else keys
            if missing:
                loaded = await self._batch(missing)
                values.update(zip(missing, loaded, strict=True))
        return [values[key] for key in keys]

    def known(self, keys: Sequence[K]) -> list[V] | None:
        """The values of these keys if all are loaded or cached already."""
        values = self._values
        try:
            return [values[key] for key in keys]
        except KeyError:
            return None

    def load(self, key: K) -> "asyncio.Future[V]":
        """The value of a key, batched with others of this turn of the event loop."""
        if self._single is None:
            self._single = DataLoader(self.load_level)
        return self._single.load(key)

    def cache_values(self, values: Mapping[K, V]) -> None:
        """Cache known values, so that they are not loaded."""
        self._values.update(values)

    def cache_value(self, key: K, value: V) -> None:
        """Cache a known value, so that it is not loaded."""
        self._values[key] = value


class Loaders(Generic[C]):
    """The loaders of one request, each created on first use."""

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
        """Clear all caches, since a write may have changed the values."""
        self._loaders.clear()

    def close(self) -> None:
        """Release all loaders at the end of the request.

        Context and loaders reference each other: without this, the data of a request would wait for the garbage
        collector, which then stops the whole process for a third of a second.
        """
        self._loaders.clear()
        del self._context


def one_per_key(keys: Sequence[K], rows: Iterable[V], key_of: Callable[[V], K]) -> list[V | None]:
    """The row of each key, or None: the result of a loader of a single relation."""
    rows_by_key = {key_of(row): row for row in rows}
    return [rows_by_key.get(key) for key in keys]


def many_per_key(keys: Sequence[K], rows: Iterable[V], key_of: Callable[[V], K]) -> list[list[V]]:
    """The rows of each key in their order: the result of a loader of a `many` relation."""
    rows_by_key: defaultdict[K, list[V]] = defaultdict(list)
    for row in rows:
        rows_by_key[key_of(row)].append(row)
    return [rows_by_key[key] for key in keys]
