"""A level of an execution: the objects of one field, and functions that read and complete their values at once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import NoneType
from typing import Any

from graphql import GraphQLObjectType

from gateway.graphql.engine.plan import Plan, PlannedField, Shape

Position = tuple[int, ...]
POSITIONS: list[Position] = [(index,) for index in range(1_000)]


@dataclass(slots=True, eq=False)
class Level:
    """Objects of one type that one field returned, with their results and their positions in the parents."""

    sources: list[Any]
    results: list[dict[str, Any]]
    parent: "Level | None" = None
    planned: PlannedField | None = None
    owners: list[int] = field(default_factory=list)
    positions: list[Position] = field(default_factory=list)

    def cut(self, size: int) -> None:
        """Drop the objects after the first `size`; an ancestor of them has become null."""
        del self.sources[size:], self.results[size:], self.owners[size:], self.positions[size:]

    def slices(self, size: int) -> "Iterator[Level]":
        """The same objects in levels of at most this size."""
        if len(self.sources) <= size:
            yield self
            return
        for start in range(0, len(self.sources), size):
            part = slice(start, start + size)
            owners, positions = self.owners[part], self.positions[part]
            yield Level(self.sources[part], self.results[part], self.parent, self.planned, owners, positions)

    def part(self, indexes: Sequence[int]) -> "Level":
        """The objects at these indexes, with the same results."""
        return Level(
            [self.sources[index] for index in indexes],
            [self.results[index] for index in indexes],
            self.parent,
            self.planned,
            [self.owners[index] for index in indexes],
            [self.positions[index] for index in indexes],
        )

    def replace(self, index: int, value: Any) -> None:
        """Set a value in place of the result of an object, unless null has replaced it or an ancestor."""
        if self.parent is None or self.planned is None:
            return
        container: Any = self.parent.results[self.owners[index]]
        key: Any = self.planned.key
        for position in self.positions[index]:
            container, key = container[key], position
            if container is None:
                return
        if container[key] is self.results[index]:
            container[key] = value

    def path(self, index: int) -> list[str | int]:
        """The path of one of the objects in the response."""
        if self.parent is None or self.planned is None:
            return []
        return [*self.parent.path(self.owners[index]), self.planned.key, *self.positions[index]]


class NonNullViolation(Exception):
    """Null or an error at a non-null position; `position` is the index in the field's lists."""

    def __init__(self, error: Exception, position: Position) -> None:
        super().__init__(str(error))
        self.error = error
        self.position = position


def complete_leaves(planned: PlannedField, level: Level, values: Sequence[Any]) -> bool:
    """Complete plain leaves at once; False when they must be completed one by one."""
    leaf, key, nullable = planned.shape.leaf, planned.key, planned.shape.nullable
    if leaf is None:
        return False
    try:
        for result, value in zip(level.results, values, strict=True):
            if value is not None:
                result[key] = leaf(value)
            elif nullable:
                result[key] = None
            else:
                return False
    except Exception:  # noqa: BLE001 - completing them one by one raises it again
        return False
    return True


def read(get: Callable[[Any], Any], sources: list[Any]) -> tuple[list[Any], bool]:
    """The value of each source, and whether some are exceptions."""
    try:
        return list(map(get, sources)), False
    except Exception:  # noqa: BLE001 - one of many fails: the others still have a value
        return [_attempt(get, source) for source in sources], True


def has_exception(values: Sequence[Any]) -> bool:
    """Whether some values are exceptions; checks the set of their types, which is small."""
    return any(issubclass(value_type, Exception) for value_type in set(map(type, values)))


def is_dense(values: list[Any]) -> bool:
    """Whether no value is null; compares the types, which is faster than comparing the values."""
    return NoneType not in set(map(type, values))


def _attempt(get: Callable[[Any], Any], source: Any) -> Any:
    try:
        return get(source)
    except Exception as error:  # noqa: BLE001 - the field reports it
        return error


async def await_all(jobs: Sequence[Awaitable[None]]) -> None:
    """Await all concurrently. When one raises, the others are cancelled and awaited before it is raised."""
    if len(jobs) <= 1:
        for job in jobs:
            await job
        return
    tasks = [asyncio.ensure_future(job) for job in jobs]
    try:
        await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


async def outcome(awaitable: Awaitable[Any]) -> Any:
    """The result of an awaitable, or the exception that it raised."""
    try:
        return await awaitable
    except Exception as error:  # noqa: BLE001 - the field reports it
        return error


def items(value: Any) -> Iterable[Any]:
    """The items of a list. Raises TypeError for another value."""
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise TypeError(f"{type(value).__name__} is not a list")
    return value


def named_type(shape: Shape) -> Any:
    """The object or abstract type inside a shape's lists."""
    while shape.item is not None:
        shape = shape.item
    return shape.named


def unexpected_null(planned: PlannedField | None) -> TypeError:
    """The error of null in a non-null field."""
    where = f"{planned.parent}.{planned.nodes[0].name.value}" if planned else "the operation"
    return TypeError(f"Cannot return null for non-nullable field {where}.")


def set_null(container: Any, keys: Sequence[Any]) -> None:
    """Set the value at the path to null, unless an ancestor is null already."""
    for key in keys[:-1]:
        container = container[key]
        if container is None:
            return
    container[keys[-1]] = None


def by_type(plan: Plan, planned: PlannedField, below: Level) -> dict[GraphQLObjectType, Level]:
    """The objects of a field, grouped by type where it is an interface or a union."""
    named = named_type(planned.shape)
    if isinstance(named, GraphQLObjectType):
        return {named: below}
    parts: dict[GraphQLObjectType, Level] = {}
    for index, source in enumerate(below.sources):
        part = parts.setdefault(plan.concrete(named, source), Level([], [], below.parent, planned))
        part.sources.append(source)
        part.results.append(below.results[index])
        part.owners.append(below.owners[index])
        part.positions.append(below.positions[index])
    return parts
