"""Executes a plan level by level: each field once for all its sources, each relation of a level in one load.

The response follows the GraphQL specification (nulls, errors, paths, order), and tests compare it with that of
graphql-core. A relation is data, so that it runs once per level and not once per object.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from inspect import isawaitable
from typing import Any, Final

from graphql import ExecutionResult, GraphQLError, GraphQLObjectType, GraphQLResolveInfo, OperationType, located_error
from graphql.execution.values import VariableValues
from graphql.pyutils import Path

from gateway.graphql.core.context import Context
from gateway.graphql.core.errors import RequestRefused
from gateway.graphql.engine.introspection import Introspection, introspects
from gateway.graphql.engine.levels import (
    POSITIONS,
    Level,
    NonNullViolation,
    Position,
    await_all,
    by_type,
    complete_leaves,
    has_exception,
    is_dense,
    items,
    outcome,
    read,
    set_null,
    unexpected_null,
)
from gateway.graphql.engine.limits import GraphQLLimits
from gateway.graphql.engine.plan import Plan, PlannedField, Shape, dependency_of
from gateway.graphql.engine.relation_values import Group, Loading, RelationValues
from gateway.graphql.engine.renderings.levels import Holes, LevelRenderings
from gateway.graphql.engine.renderings.memory import RenderingMemory
from gateway.graphql.engine.renderings.selections import RenderedSelection, rendered_selection
from gateway.graphql.engine.response_budget import ResponseBudget

CALL_COST: Final = 10  # the cost of one resolver call in values read
SLICE_SIZE: Final = 250  # objects of a level whose field is read at once
RENDERED_SLICE_SIZE: Final = 50  # objects that are rendered at once, with all their fields


class PlanExecution:
    """One execution of a plan. `variable_values` is the number of values in its variables: one field may use all.

    With `tags`, the tags of what the answer shows are added to them.
    """

    def __init__(
        self,
        plan: Plan,
        context: Context,
        variables: VariableValues,
        limits: GraphQLLimits,
        variable_values: int = 0,
        tags: set[str] | None = None,
    ) -> None:
        self._tags = tags
        self._plan = plan
        self._context = context
        self._variables = variables
        self._limits = limits
        self._variable_values = variable_values
        is_mutation = plan.operation.operation is OperationType.MUTATION
        self._budget = ResponseBudget(limits, is_mutation=is_mutation)
        self._relations = RelationValues(context, variables, self._budget)
        self._introspection: Introspection | None = None
        self._errors: list[GraphQLError] = []
        self._renderings: LevelRenderings | None = None
        self._open_levels: list[tuple[list[PlannedField], Level]] = []
        self._to_render: list[tuple[RenderedSelection, Level]] = []
        self._queued: list[tuple[PlannedField, Level | Holes]] = []
        self._nulled: set[tuple[str | int, ...]] = set()

    async def execute(self, source: Any = None, renderings: RenderingMemory | None = None) -> ExecutionResult:
        """Execute the operation: the fields of a query concurrently, those of a mutation one after another.

        The root fields are resolved on `source`: for a subscription the event. With a memory of renderings, objects
        in the result may be fragments of JSON.
        """
        if renderings is not None:
            self._renderings = LevelRenderings(renderings, self._budget, self._tags)
        data: dict[str, Any] = {}
        root = Level([source], [data])
        if self._plan.operation.operation is OperationType.MUTATION:
            for planned in self._plan.fields:
                if () not in self._nulled:
                    await self._mutate(planned, root)
        else:
            self._open_levels.append((self._plan.fields, root))
            await self._drain()
        if self._renderings is not None:
            await self._renderings.finish()
        return ExecutionResult(None if () in self._nulled else data, self._errors or None)

    async def _mutate(self, planned: PlannedField, root: Level) -> None:
        """Execute one mutation. Its result is returned whatever its size; above a limit the next one does not run."""
        try:
            self._budget.check()
        except RequestRefused as refused:
            self._complete(planned, root, [refused], has_errors=True)
            return
        self._open_levels.append(([planned], root))
        await self._drain()

    async def _fill_open_levels(self) -> None:
        """Fill the objects of open levels, including levels opened meanwhile, with yields to the event loop."""
        while self._open_levels or self._to_render:
            while self._to_render:
                self._render(*self._to_render.pop())
                await self._budget.pause()
            if self._open_levels:
                await self._fill_level(*self._open_levels.pop())

    async def _fill_level(self, fields: list[PlannedField], level: Level) -> None:
        for planned in fields:
            self._fill(planned, level)
            if self._budget.is_due:
                await self._budget.pause()

    def _render(self, selection: RenderedSelection, level: Level) -> None:
        """Render a level with the values that are loaded already; open and queue what must be executed or loaded."""
        if self._renderings is None:
            return
        rendered, rest = self._renderings.render(selection, level)
        for planned, holes in rendered.holes():
            if (known := self._relations.known(planned, holes.loaded)) is None:
                self._queued.append((planned, holes))
            else:
                self._fill_holes(planned, holes, known)
        if selection.others:
            self._open_levels.append((selection.others, rendered.level))
        if rest.sources:
            self._open_levels.append((selection.fields, rest))

    def _fill(self, planned: PlannedField, level: Level) -> None:
        """Fill a field that needs no await, or queue it after setting a placeholder that keeps the order."""
        self._budget.add_values(len(level.sources))
        if self._tags is not None and planned.depends_on is not None:
            self._tags |= planned.depends_on.tags(level.sources)
        if planned.get is not None:
            values, has_errors = read(planned.get, level.sources)
            self._complete(planned, level, values, has_errors=has_errors)
            return
        if planned.known is not None and planned.guard is None:
            values, has_errors = read(planned.known, level.sources)
            if not has_errors and is_dense(values):
                self._complete(planned, level, values, has_errors=False)
                return
        for result in level.results:
            result[planned.key] = planned.constant
        if planned.constant is None:
            self._queued.append((planned, level))

    async def _drain(self) -> None:
        """Fill open levels and await queued fields, all of a level at once, until none is left."""
        await self._fill_open_levels()
        while self._queued:
            queued, self._queued = self._queued, []
            loads: dict[Any, Group] = {}
            for planned, level in queued:
                if planned.relation is not None:
                    loads.setdefault(planned.relation.load, []).append((planned, level))
            loadings = [await self._relations.begin(group) for group in loads.values()]
            for loading in loadings:
                if not loading.missing:
                    await self._take(loading)
            # Nothing is awaited between the creation of jobs and their start, so none is left when this one ends.
            jobs = [self._job(planned, level) for planned, level in queued if planned.relation is None]
            await await_all([*jobs, *(self._load(loading) for loading in loadings if loading.missing)])
            await self._fill_open_levels()

    def _job(self, planned: PlannedField, level: Level | Holes) -> Awaitable[None]:
        if isinstance(level, Holes):
            raise TypeError(f"{planned.key} has no loader")
        is_introspection = introspects(self._plan.schema, planned)
        return self._introspect(planned, level) if is_introspection else self._call(planned, level)

    async def _load(self, loading: Loading) -> None:
        """Load relations that share a loader, and go on with what they have returned."""
        await self._relations.load(loading)
        await self._take(loading)
        await self._fill_open_levels()

    async def _take(self, loading: Loading) -> None:
        """Take the values of relations."""
        for planned, target, values in loading.values():
            if isinstance(target, Holes):
                self._fill_holes(planned, target, loading.by_key)
            else:
                self._complete(planned, target, values, has_errors=has_exception(values))
            await self._budget.pause()

    def _fill_holes(self, planned: PlannedField, holes: Holes, loaded: dict[Any, Any]) -> None:
        if self._renderings is not None:
            failed = self._renderings.fill(planned, holes, loaded)
            if failed.sources:
                self._open_levels.append((holes.owner.selection.rendered_fields, failed))

    async def _introspect(self, planned: PlannedField, level: Level) -> None:
        if self._introspection is None:
            self._introspection = Introspection(self._plan, self._variables, self._limits)
        level.results[0][planned.key] = await self._introspection.value(planned)

    async def _call(self, planned: PlannedField, level: Level) -> None:
        """Call the schema's resolver for each source."""
        argument_values = 0 if planned.from_variables == [] else self._variable_values
        self._budget.add_work((CALL_COST + argument_values) * len(level.sources))
        await self._budget.pause()
        values = [self._invoke(planned, level, index) for index in range(len(level.sources))]
        pending = [index for index, value in enumerate(values) if isawaitable(value)]
        if len(pending) == 1:
            values[pending[0]] = await outcome(values[pending[0]])
        elif pending:
            outcomes = await asyncio.gather(*(outcome(values[index]) for index in pending))
            for index, value in zip(pending, outcomes, strict=True):
                values[index] = value
        self._complete(planned, level, values, has_errors=has_exception(values))
        await self._fill_open_levels()

    def _invoke(self, planned: PlannedField, level: Level, index: int) -> Any:
        try:
            info = self._info(planned, [*level.path(index), planned.key])
            resolve: Any = planned.resolve
            return resolve(level.sources[index], info, **planned.argument_values(self._variables))
        except Exception as error:  # noqa: BLE001 - the field reports it
            return error

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
            is_awaitable=isawaitable,  # type: ignore[arg-type] # the same check
            abort_signal=None,
            async_helpers=None,  # type: ignore[arg-type] # for resolvers that start tasks; no resolver here does
        )

    def _complete(self, planned: PlannedField, level: Level, values: Sequence[Any], *, has_errors: bool) -> None:
        """Complete the value of each source and its selections; with `has_errors`, some values are exceptions."""
        if planned.is_text:
            self._budget.add_texts(values)
        if planned.shape.leaf is not None and not has_errors and complete_leaves(planned, level, values):
            return
        if has_errors and planned.shape.nullable and all(value is values[0] for value in values):
            self._set_all_null(planned, level, values[0])
            return
        below = Level([], [], level, planned)
        if not has_errors and self._open_plain(planned, level, below, values):
            self._open_level(planned, below)
            return
        below.cut(0)
        for index, value in enumerate(values):
            mark = len(below.sources)
            try:
                level.results[index][planned.key] = self._value_or_null(value, planned.shape, below, index, ())
            except NonNullViolation as violation:
                below.cut(mark)
                self._record(violation, below, index)
                self._nullify(level, index)
        if below.sources:
            self._budget.add_values(len(below.sources))
            self._open_level(planned, below)

    def _set_all_null(self, planned: PlannedField, level: Level, error: Exception) -> None:
        """Set a field to null in all objects of a level for one reason, such as a missing permission."""
        for index, result in enumerate(level.results):
            result[planned.key] = None
            if len(self._errors) < self._limits.errors:
                self._record(NonNullViolation(error, ()), Level([], [], level, planned), index)

    def _open_plain(self, planned: PlannedField, level: Level, below: Level, values: Sequence[Any]) -> bool:
        """Open plain objects or plain lists of them at once; False when they must be completed one by one."""
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
                self._budget.add_values(len(value))
                opened_items: list[dict[str, Any]] = [{} for _ in value]
                level.results[index][key] = opened_items
                sources += value
                results += opened_items
                owners += [index] * len(opened_items)
                positions += POSITIONS[: len(opened_items)]
            elif value is None and shape.nullable:
                level.results[index][key] = None
            else:
                return False
        return True

    def _value_or_null(self, value: Any, shape: Shape, below: Level, owner: int, position: Position) -> Any:
        """The completed value. Raises NonNullViolation for null at a non-null position."""
        mark = len(below.sources)
        try:
            return self._value(value, shape, below, owner, position)
        except Exception as error:
            violation = error if isinstance(error, NonNullViolation) else NonNullViolation(error, position)
            if not shape.nullable:
                raise violation from error
            below.cut(mark)
            self._record(violation, below, owner)
            return None

    def _value(self, value: Any, shape: Shape, below: Level, owner: int, position: Position) -> Any:
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
        return [
            self._value_or_null(element, item, below, owner, (*position, index))
            for index, element in enumerate(items(value))
        ]

    def _open(self, value: Any, shape: Shape, below: Level, owner: int, position: Position) -> dict[str, Any]:
        """The empty result of an object, which is filled with its level."""
        if not isinstance(shape.named, GraphQLObjectType):
            self._plan.concrete(shape.named, value)
        result: dict[str, Any] = {}
        below.sources.append(value)
        below.results.append(result)
        below.owners.append(owner)
        below.positions.append(position)
        return result

    def _open_level(self, planned: PlannedField, below: Level) -> None:
        for concrete, part in by_type(self._plan, planned, below).items():
            self._add_tags(concrete, part)
            if self._renderings is not None:
                selection = rendered_selection(self._plan, planned, concrete)
                if selection is not None:
                    self._to_render += [(selection, level) for level in part.slices(RENDERED_SLICE_SIZE)]
                    continue
            fields = self._plan.below(planned, concrete)
            self._open_levels += [(fields, level) for level in part.slices(SLICE_SIZE)]

    def _add_tags(self, concrete: GraphQLObjectType, level: Level) -> None:
        if self._tags is not None and (dependency := dependency_of(concrete)) is not None:
            self._tags |= dependency.tags(level.sources)

    def _record(self, violation: "NonNullViolation", below: Level, owner: int) -> None:
        if below.parent is None or below.planned is None:
            return
        path = [*below.parent.path(owner), below.planned.key, *violation.position]
        if len(self._errors) >= self._limits.errors or any(
            tuple(path[:length]) in self._nulled for length in range(len(path) + 1)
        ):
            return
        self._errors.append(located_error(violation.error, below.planned.nodes, path))

    def _nullify(self, level: Level, index: int) -> None:
        """Set an object, or its nearest nullable ancestor, to null."""
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
