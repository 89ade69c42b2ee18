"""The values of relations for the objects of their levels: known ones, and the others by one batch of keys."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final, TypeAlias

from graphql.execution.values import VariableValues

from domains.kernel.pagination.pages import PageArgs
from gateway.graphql.core.context import Context
from gateway.graphql.core.relations import Derived
from gateway.graphql.engine.levels import Level, has_exception, is_dense, read
from gateway.graphql.engine.loading import LevelLoader
from gateway.graphql.engine.plan import PlannedField
from gateway.graphql.engine.renderings.levels import Holes
from gateway.graphql.engine.response_budget import ResponseBudget

Group: TypeAlias = list[tuple[PlannedField, Level | Holes]]
BATCH_ROWS: Final = 2_500  # expected rows of one batch: more would block the event loop while they are built


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """The value of a source that has it already, in place of a key."""

    value: Any


@dataclass(slots=True, eq=False)
class Loading:
    """A load of relations by one batch of keys: what is known by key, and the keys that are `missing`.

    For each relation it has the keys of its sources, and the keys to load.
    """

    group: Group
    keys: list[list[Any]] = field(default_factory=list)
    loaded_keys: list[list[Any]] = field(default_factory=list)
    by_key: dict[Any, Any] = field(default_factory=lambda: {None: None})
    missing: list[Any] = field(default_factory=list)

    def add(self, keys: list[Any], values: list[Any]) -> int:
        """Add loaded values. Returns the number of rows in their lists."""
        self.by_key.update(zip(keys, values, strict=True))
        return sum([len(value) for value in values if type(value) is list])

    def values(self) -> Iterator[tuple[PlannedField, Level | Holes, list[Any]]]:
        """Each relation with its values for the sources of a level, some exceptions; holes take theirs by key."""
        for (planned, target), own, loaded in zip(self.group, self.keys, self.loaded_keys, strict=True):
            empty: Any = [] if planned.shape.item is not None else None
            found = (
                [] if isinstance(target, Holes) else [empty if key is None else self.by_key[key] for key in loaded]
            )
            yield planned, target, _derived(planned, own, found)


class RelationValues:
    """Loads the values of relations in one execution."""

    def __init__(self, context: Context, variables: VariableValues, budget: ResponseBudget) -> None:
        self._context = context
        self._variables = variables
        self._budget = budget

    def known(self, planned: PlannedField, keys: list[Any]) -> dict[Any, Any] | None:
        """The values by key if all are loaded already."""
        self._budget.add_work(len(keys))
        values = self._loader(planned).known(keys)
        return None if values is None else dict(zip(keys, values, strict=True))

    async def begin(self, group: Group) -> "Loading":
        """The load of relations that share a loader, with the values that are known already."""
        loading = Loading(group)
        for planned, target in group:
            own = [] if isinstance(target, Holes) else self._keys(planned, target)
            loaded = target.loaded if isinstance(target, Holes) else _loaded_keys(planned, own)
            loading.keys.append(own)
            loading.loaded_keys.append(loaded)
            self._budget.add_work(len(loaded))
            await self._budget.pause()
        for key in dict.fromkeys(chain.from_iterable(loading.loaded_keys)):
            if isinstance(key, Exception):
                loading.by_key[key] = key
            elif type(key) is Known:
                loading.by_key[key] = key.value
            elif key is not None:
                loading.missing.append(key)
        loader = self._loader(group[0][0])
        if loading.missing and (known := loader.known(loading.missing)) is not None:
            loading.add(loading.missing, known)
            loading.missing = []
        return loading

    async def load(self, loading: "Loading") -> None:
        """Load what is missing, in batches of a few thousand expected rows. A value may be an exception."""
        loader, keys, rows = self._loader(loading.group[0][0]), loading.missing, 0
        size = max(1, BATCH_ROWS // _rows_of(loading.group[0][0], keys))
        for start in range(0, len(keys), size):
            batch = keys[start : start + size]
            try:
                values = await loader.load_level(batch)
            except Exception as error:  # noqa: BLE001 - every field of the batch reports it
                values = [error] * len(batch)
            loaded = loading.add(batch, values)
            self._budget.expect(rows := rows + loaded)
            self._budget.add_work(len(batch) + loaded)
            await self._budget.pause()

    def _loader(self, planned: PlannedField) -> LevelLoader[Any, Any]:
        if planned.relation is None:
            raise TypeError(f"{planned.key} has no loader")
        return self._context.loaders.of(planned.relation.load)

    def _keys(self, planned: PlannedField, level: Level) -> list[Any]:
        """The key or known value of each source; an exception when a guard or the page arguments refuse it."""
        relation = planned.relation
        if relation is None:
            return []
        try:
            if planned.guard is not None:
                planned.guard.check(self._context.actor)
            if planned.known is not None:
                known, _ = read(planned.known, level.sources)
                return [
                    getattr(source, relation.key) if value is None else _unless_exception(value)
                    for source, value in zip(level.sources, known, strict=True)
                ]
            keys = [getattr(source, relation.key) for source in level.sources]
            if not planned.is_page:
                return keys
            page = PageArgs(**planned.argument_values(self._variables))
            page.size  # noqa: B018 - raises when the arguments ask for too many
        except Exception as error:  # noqa: BLE001 - every source of the level reports it
            return [error] * len(level.sources)
        return [(key, page) for key in keys]


def _loaded_keys(planned: PlannedField, keys: list[Any]) -> list[Any]:
    """The keys to load of the keys of a relation."""
    if planned.relation is None or planned.relation.derived is None:
        return keys
    by = planned.relation.derived.by
    return [key if key is None or isinstance(key, Exception | Known) else by(key) for key in keys]


def _derived(planned: PlannedField, keys: list[Any], found: list[Any]) -> list[Any]:
    """The values of a relation by its keys, of those that were found."""
    if planned.relation is None or planned.relation.derived is None:
        return found
    derived = planned.relation.derived
    if is_dense(keys) and not has_exception(found) and Known not in set(map(type, keys)):
        with suppress(Exception):  # one of many fails: the others still have a value
            return list(map(derived.value, found, keys))
    return [_value(derived, each, key) for key, each in zip(keys, found, strict=True)]


def _value(derived: Derived, found: Any, key: Any) -> Any:
    return found if isinstance(key, Known) else derived.value_or_error(found, key)


def _unless_exception(value: Any) -> Any:
    return value if isinstance(value, Exception) else Known(value)


def _rows_of(planned: PlannedField, keys: list[Any]) -> int:
    """The expected number of rows per key: one, some, or those of a page."""
    if not planned.is_page:
        return planned.relation.size if planned.relation and planned.shape.item else 1
    sizes: list[int] = [page.size for _, page in keys]
    return max([1, *sizes])
