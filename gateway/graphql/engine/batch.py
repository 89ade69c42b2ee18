"""Runs a plan level by level: each field once for all its sources, each relation of a level in one load.

The answer is GraphQL's own (nulls, errors, paths, order), which tests compare with graphql-core's; only the work is
laid out differently. A relation is data, so nothing runs per object that can run per level.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from inspect import isawaitable
from itertools import chain
from typing import Any, Final

from graphql import ExecutionResult, GraphQLError, GraphQLObjectType, GraphQLResolveInfo, OperationType, located_error
from graphql.execution.values import VariableValues, get_argument_values
from graphql.pyutils import Path

from domains.kernel.pagination.pages import PageArgs
from gateway.graphql.core.context import Context
from gateway.graphql.core.errors import RequestRefused
from gateway.graphql.engine.answer_budget import Tally
from gateway.graphql.engine.introspection import Introspection, introspects
from gateway.graphql.engine.levels import (
    POSITIONS,
    Level,
    Misfit,
    Position,
    all_done,
    has_exception,
    is_dense,
    items,
    named_type,
    outcome,
    pass_leaves,
    read,
    set_null,
    unexpected_null,
)
from gateway.graphql.engine.limits import GraphQLLimits
from gateway.graphql.engine.plan import Plan, PlannedField, Shape

CALL: Final = 10  # values that could be read while the schema's resolver is called once
ROWS: Final = 2_500  # rows that one batch gives as a rule: more would hold the event loop while they are made
SLICE: Final = 250  # objects of a level that one field is read of at once


class Run:
    """One execution of a plan. `given` is how many values its variables hold, all of which a field may be given."""

    def __init__(
        self, plan: Plan, context: Context, variables: VariableValues, limits: GraphQLLimits, given: int = 0
    ) -> None:
        self._plan = plan
        self._context = context
        self._variables = variables
        self._limits = limits
        self._given = given
        is_mutation = plan.operation.operation is OperationType.MUTATION
        self._tally = Tally(limits, is_mutation=is_mutation)
        self._introspection: Introspection | None = None
        self._errors: list[GraphQLError] = []
        self._opened: list[tuple[list[PlannedField], Level]] = []
        self._waiting: list[tuple[PlannedField, Level]] = []
        self._nulled: set[tuple[str | int, ...]] = set()

    async def execute(self) -> ExecutionResult:
        """Run the operation: a query's fields together, a mutation's one after the other."""
        data: dict[str, Any] = {}
        root = Level([None], [data])
        if self._plan.operation.operation is OperationType.MUTATION:
            for planned in self._plan.fields:
                if () not in self._nulled:
                    await self._mutate(planned, root)
        else:
            self._opened.append((self._plan.fields, root))
            await self._drain()
        return ExecutionResult(None if () in self._nulled else data, self._errors or None)

    async def _mutate(self, planned: PlannedField, root: Level) -> None:
        """Run one mutation. What was written is answered whatever its size; the next one is then not begun."""
        try:
            self._tally.check()
        except RequestRefused as refused:
            self._complete(planned, root, [refused], has_errors=True)
            return
        self._opened.append(([planned], root))
        await self._drain()

    async def _settle(self) -> None:
        """Fill the objects that were opened, and those that open meanwhile; others have their turn in between."""
        while self._opened:
            fields, level = self._opened.pop()
            for planned in fields:
                self._fill(planned, level)
                if self._tally.is_due:
                    await self._tally.pause()

    def _fill(self, planned: PlannedField, level: Level) -> None:
        """Fill a field that needs no waiting, or queue it behind a placeholder that keeps the order."""
        self._tally.add_values(len(level.sources))
        if planned.get is not None:
            values, has_errors = read(planned.get, level.sources)
            self._complete(planned, level, values, has_errors=has_errors)
            return
        for result in level.results:
            result[planned.key] = planned.constant
        if planned.constant is None:
            self._waiting.append((planned, level))

    async def _drain(self) -> None:
        """Fill what is opened and wait for what is queued, all of a level at once, until nothing is."""
        await self._settle()
        while self._waiting:
            waiting, self._waiting = self._waiting, []
            loads: dict[Any, list[tuple[PlannedField, Level]]] = {}
            jobs: list[Awaitable[None]] = []
            for planned, level in waiting:
                if introspects(self._plan.schema, planned):
                    jobs.append(self._introspect(planned, level))
                elif planned.relation is None:
                    jobs.append(self._call(planned, level))
                else:
                    loads.setdefault(planned.relation.load, []).append((planned, level))
            jobs += [self._load(group) for group in loads.values()]
            await all_done(jobs)

    async def _load(self, group: list[tuple[PlannedField, Level]]) -> None:
        """Load the relations of a level that share a loader, by one batch of keys."""
        keys: list[list[Any]] = []
        for planned, level in group:
            keys.append(self._keys(planned, level))
            self._tally.add_work(len(level.sources))
            await self._tally.pause()
        distinct = dict.fromkeys(chain.from_iterable(keys))
        wanted = [key for key in distinct if key is not None and not isinstance(key, Exception)]
        found = await self._found(group[0][0], wanted)
        for (planned, level), part in zip(group, keys, strict=True):
            nothing: Any = [] if planned.shape.item is not None else None
            values = [key if isinstance(key, Exception) else nothing if key is None else found[key] for key in part]
            self._complete(planned, level, values, has_errors=has_exception(values))
            await self._tally.pause()
        await self._settle()

    async def _found(self, planned: PlannedField, keys: list[Any]) -> dict[Any, Any]:
        """The values of a relation by their keys, loaded in batches that give a few thousand rows as a rule."""
        found: dict[Any, Any] = {}
        if planned.relation is None:
            return found
        loader = self._context.loaders.of(planned.relation.load)
        loaded = 0
        size = max(1, ROWS // _rows_of(planned, keys))
        for start in range(0, len(keys), size):
            batch = keys[start : start + size]
            try:
                values = await loader.load_level(batch)
            except Exception as error:  # noqa: BLE001 - every field of the batch reports it
                values = [error] * len(batch)
            found |= zip(batch, values, strict=True)
            rows = sum([len(value) for value in values if type(value) is list])
            self._tally.expect(loaded := loaded + rows)
            self._tally.add_work(len(batch) + rows)
            await self._tally.pause()
        return found

    def _keys(self, planned: PlannedField, level: Level) -> list[Any]:
        """The key of each source; an exception where a guard or the page's arguments refuse it."""
        relation = planned.relation
        if relation is None:
            return []
        try:
            if planned.guard is not None:
                planned.guard.check(self._context.actor)
            keys = [getattr(source, relation.key) for source in level.sources]
            if not planned.is_page:
                return keys
            page = PageArgs(**self._arguments(planned))
            page.size  # noqa: B018 - raises when the arguments ask for too many
        except Exception as error:  # noqa: BLE001 - every source of the level reports it
            return [error] * len(level.sources)
        return [(key, page) for key in keys]

    async def _introspect(self, planned: PlannedField, level: Level) -> None:
        if self._introspection is None:
            self._introspection = Introspection(self._plan, self._arguments, self._limits)
        level.results[0][planned.key] = await self._introspection.answer(planned)

    async def _call(self, planned: PlannedField, level: Level) -> None:
        """Ask the schema's own resolver for each source."""
        given = self._given if planned.arguments is None else 0
        self._tally.add_work((CALL + given) * len(level.sources))
        await self._tally.pause()
        values = [self._invoke(planned, level, index) for index in range(len(level.sources))]
        pending = [index for index, value in enumerate(values) if isawaitable(value)]
        if len(pending) == 1:
            values[pending[0]] = await outcome(values[pending[0]])
        elif pending:
            outcomes = await asyncio.gather(*(outcome(values[index]) for index in pending))
            for index, value in zip(pending, outcomes, strict=True):
                values[index] = value
        self._complete(planned, level, values, has_errors=has_exception(values))
        await self._settle()

    def _invoke(self, planned: PlannedField, level: Level, index: int) -> Any:
        try:
            info = self._info(planned, [*level.path(index), planned.key])
            resolve: Any = planned.definition.resolve
            return resolve(level.sources[index], info, **self._arguments(planned))
        except Exception as error:  # noqa: BLE001 - the field reports it
            return error

    def _arguments(self, planned: PlannedField) -> dict[str, Any]:
        if planned.arguments is not None:
            return planned.arguments
        return get_argument_values(planned.definition, planned.nodes[0], self._variables)

    def _info(self, planned: PlannedField, keys: list[str | int]) -> GraphQLResolveInfo[Context]:
        path: Path | None = None
        for key in keys:
            path = Path(path, key, None)
        return GraphQLResolveInfo(
            field_name=planned.nodes[0].name.value,
            field_nodes=planned.nodes,
            return_type=planned.definition.type,
            parent_type=planned.parent,
            path=path,  # type: ignore[arg-type] # never None: the field's own key is in it
            schema=self._plan.schema,
            fragments=self._plan.fragments,
            root_value=None,
            operation=self._plan.operation,
            variable_values=self._variables,
            context=self._context,
            is_awaitable=isawaitable,  # type: ignore[arg-type] # the same question
            abort_signal=None,
            async_helpers=None,  # type: ignore[arg-type] # for resolvers that spawn work of their own; none here does
        )

    def _complete(self, planned: PlannedField, level: Level, values: Sequence[Any], *, has_errors: bool) -> None:
        """Complete the value of each source and go on below; with `has_errors`, exceptions are among the values."""
        if planned.is_text:
            self._tally.add_texts(values)
        if planned.shape.leaf is not None and not has_errors and pass_leaves(planned, level, values):
            return
        if has_errors and planned.shape.nullable and all(each is values[0] for each in values):
            self._refuse(planned, level, values[0])
            return
        below = Level([], [], level, planned)
        if not has_errors and self._open_all(planned, level, below, values):
            self._descend(planned, below)
            return
        below.cut(0)
        for index, value in enumerate(values):
            mark = len(below.sources)
            try:
                level.results[index][planned.key] = self._place(value, planned.shape, below, index, ())
            except Misfit as misfit:
                below.cut(mark)
                self._record(misfit, below, index)
                self._nullify(level, index)
        if below.sources:
            self._tally.add_values(len(below.sources))
            self._descend(planned, below)

    def _refuse(self, planned: PlannedField, level: Level, error: Exception) -> None:
        """Make a field null in all objects of a level for one reason, such as a right that the actor lacks."""
        for index, result in enumerate(level.results):
            result[planned.key] = None
            if len(self._errors) < self._limits.errors:
                self._record(Misfit(error, ()), Level([], [], level, planned), index)

    def _open_all(self, planned: PlannedField, level: Level, below: Level, values: Sequence[Any]) -> bool:
        """Open plain objects, or plain lists of them, in one go; False when they must be completed one by one."""
        shape, key = planned.shape, planned.key
        item = shape.item
        if not isinstance((item or shape).named, GraphQLObjectType):
            return False
        sources, owners, results, positions = below.sources, below.owners, below.results, below.positions
        for index, value in enumerate(values):
            if item is None and value is not None:
                opened: dict[str, Any] = {}
                level.results[index][key] = opened
                sources.append(value)
                results.append(opened)
                owners.append(index)
                positions.append(())
            elif item is not None and type(value) is list and len(value) <= len(POSITIONS) and is_dense(value):
                self._tally.add_values(len(value))
                listed: list[dict[str, Any]] = [{} for _ in value]
                level.results[index][key] = listed
                sources += value
                results += listed
                owners += [index] * len(listed)
                positions += POSITIONS[: len(listed)]
            elif value is None and shape.nullable:
                level.results[index][key] = None
            else:
                return False
        return True

    def _place(self, value: Any, shape: Shape, below: Level, owner: int, position: Position) -> Any:
        """What a value becomes in the response. Raises Misfit where null would stand and must not."""
        mark = len(below.sources)
        try:
            return self._place_exactly(value, shape, below, owner, position)
        except Exception as error:
            misfit = error if isinstance(error, Misfit) else Misfit(error, position)
            if not shape.nullable:
                raise misfit from error
            below.cut(mark)
            self._record(misfit, below, owner)
            return None

    def _place_exactly(self, value: Any, shape: Shape, below: Level, owner: int, position: Position) -> Any:
        if isinstance(value, Exception):
            raise value
        if value is None:
            if shape.nullable:
                return None
            raise unexpected_null(below.planned)
        if shape.leaf is not None:
            return shape.leaf(value)
        if shape.item is None:
            return self._open(value, shape, below, owner, position)
        item = shape.item
        return [self._place(each, item, below, owner, (*position, i)) for i, each in enumerate(items(value))]

    def _open(self, value: Any, shape: Shape, below: Level, owner: int, position: Position) -> dict[str, Any]:
        """An empty result for an object, to be filled with its level."""
        if not isinstance(shape.named, GraphQLObjectType):
            self._plan.concrete(shape.named, value)
        result: dict[str, Any] = {}
        below.sources.append(value)
        below.results.append(result)
        below.owners.append(owner)
        below.positions.append(position)
        return result

    def _descend(self, planned: PlannedField, below: Level) -> None:
        named = named_type(planned.shape)
        parts: dict[GraphQLObjectType, Level] = {}
        if isinstance(named, GraphQLObjectType):
            parts[named] = below
        else:
            self._part(named, planned, below, parts)
        for concrete, part in parts.items():
            fields = self._plan.below(planned, concrete)
            self._opened += [(fields, each) for each in part.slices(SLICE)]

    def _part(self, named: Any, planned: PlannedField, below: Level, parts: dict[GraphQLObjectType, Level]) -> None:
        """Part the objects of an interface or union by their types."""
        for index, source in enumerate(below.sources):
            concrete = self._plan.concrete(named, source)
            part = parts.setdefault(concrete, Level([], [], below.parent, planned))
            part.sources.append(source)
            part.results.append(below.results[index])
            part.owners.append(below.owners[index])
            part.positions.append(below.positions[index])

    def _record(self, misfit: "Misfit", below: Level, owner: int) -> None:
        if below.parent is None or below.planned is None:
            return
        path = [*below.parent.path(owner), below.planned.key, *misfit.position]
        if len(self._errors) >= self._limits.errors or any(
            tuple(path[:length]) in self._nulled for length in range(len(path) + 1)
        ):
            return
        self._errors.append(located_error(misfit.error, below.planned.nodes, path))

    def _nullify(self, level: Level, index: int) -> None:
        """Make an object null in its parent, or the nearest thing above it that may be null."""
        parent, planned = level.parent, level.planned
        if parent is None or planned is None:
            self._nulled.add(())
            return
        owner, position = level.owners[index], level.positions[index]
        shapes = [planned.shape]
        for _ in position:
            shapes.append(shapes[-1].item or planned.shape)
        for depth in range(len(position), -1, -1):
            if shapes[depth].nullable:
                set_null(parent.results[owner], [planned.key, *position[:depth]])
                self._nulled.add((*parent.path(owner), planned.key, *position[:depth]))
                return
        self._nullify(parent, owner)


def _rows_of(planned: PlannedField, keys: list[Any]) -> int:
    """How many rows the value of one key has as a rule: one, some, or those of a page."""
    if not planned.is_page:
        return planned.relation.size if planned.relation and planned.shape.item else 1
    sizes: list[int] = [page.size for _, page in keys]
    return max([1, *sizes])
