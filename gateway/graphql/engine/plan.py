"""Compilation of an operation: its fields, the source of each value, and the type to complete it to."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLAbstractType,
    GraphQLField,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    Undefined,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_object_type,
)
from graphql.execution.values import VariableValues, get_argument_values, get_directive_values
from graphql.language import Node
from graphql.type import GraphQLIncludeDirective, GraphQLSkipDirective
from strawberry.types.field import StrawberryField

from gateway.answers.dependencies import Cached, Dependency
from gateway.graphql.core.guards import Guard
from gateway.graphql.core.relations import Relation
from gateway.graphql.engine.input_coercion import direct_resolver
from gateway.graphql.engine.serializers import leaf_of

BACKREF = "strawberry-definition"
TYPENAME = "__typename"
TEXTS = {"String", "JSON"}  # whose values may be long


@dataclass(slots=True, eq=False)
class Shape:
    """The type to complete a value to: a leaf, an object or abstract type, or a list; nullable or non-null."""

    nullable: bool
    leaf: Callable[[Any], Any] | None = None
    named: GraphQLObjectType | GraphQLAbstractType | None = None
    item: "Shape | None" = None


@dataclass(slots=True, eq=False)
class PlannedField:
    """One field of a selection, compiled to run for many sources at once.

    Its value is a `constant`, read by `get`, read by `known` and where that is null loaded by `relation`, or returned
    by `resolve`, the schema's resolver. `arguments` are those without variables, unless one has variables inside;
    `from_variables` are the others, each with its variable, and non-null or not.
    """

    key: str
    nodes: list[FieldNode]
    parent: GraphQLObjectType
    definition: GraphQLField
    shape: Shape
    constant: str | None = None
    get: Callable[[Any], Any] | None = None
    known: Callable[[Any], Any] | None = None
    relation: Relation | None = None
    is_page: bool = False
    is_text: bool = False
    guard: Guard | None = None
    depends_on: Dependency | None = None
    resolve: Callable[..., Any] | None = None
    arguments: dict[str, Any] | None = None
    from_variables: list[tuple[str, str, bool]] | None = None
    below: dict[GraphQLObjectType, list["PlannedField"]] = field(default_factory=dict)
    rendered: dict[GraphQLObjectType, Any] = field(default_factory=dict)

    def argument_values(self, variables: VariableValues) -> dict[str, Any]:
        """The arguments with these variables, not to be changed. Raises GraphQLError for an invalid one."""
        if self.from_variables is None or self.arguments is None:
            return get_argument_values(self.definition, self.nodes[0], variables)
        if not self.from_variables:
            return self.arguments
        values = self.arguments.copy()
        for name, variable, is_non_null in self.from_variables:
            value = variables.coerced.get(variable, Undefined)
            if value is Undefined or (value is None and is_non_null):
                return get_argument_values(self.definition, self.nodes[0], variables)
            values[name] = value
        return values


class Plan:
    """An operation compiled for one result of its `@skip` and `@include`; selections are compiled on first use."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        operation: OperationDefinitionNode,
        variables: VariableValues,
    ) -> None:
        self.schema = schema
        self.fragments = dict(fragments)
        self.operation = operation
        self._conditions = variables
        self._concrete: dict[Any, dict[type, GraphQLObjectType]] = {}
        root = cast("GraphQLObjectType", schema.get_root_type(operation.operation))
        self.fields = self._select([operation.selection_set.selections], root)
        self.cached = _cached(operation, self.fields)

    def below(self, planned: PlannedField, concrete: GraphQLObjectType) -> list[PlannedField]:
        """The selection on a field's value of this type."""
        fields = planned.below.get(concrete)
        if fields is None:
            selections = [node.selection_set.selections for node in planned.nodes if node.selection_set is not None]
            fields = planned.below[concrete] = self._select(selections, concrete)
        return fields

    def concrete(self, named: Any, value: Any) -> GraphQLObjectType:
        """The object type of a value of an interface or union, by its class. Raises TypeError when there is none."""
        by_class = self._concrete.setdefault(named, {})
        value_class = type(value)
        if value_class not in by_class:
            types = self.schema.get_possible_types(named)
            concrete = next((each for each in types if each.extensions[BACKREF].origin is value_class), None)
            concrete = concrete or next(
                (each for each in types if each.is_type_of and each.is_type_of(value, None)),  # type: ignore[arg-type] # no `is_type_of` uses the info
                None,
            )
            if concrete is None:
                raise TypeError(f"{value_class.__name__} is not a type of {named}")
            by_class[value_class] = concrete
        return by_class[value_class]

    def _select(
        self, selections: Iterable[Iterable[SelectionNode]], object_type: GraphQLObjectType
    ) -> list[PlannedField]:
        grouped: dict[str, list[FieldNode]] = {}
        visited: set[str] = set()
        for part in selections:
            self._collect(part, object_type, grouped, visited)
        return [self._plan(key, nodes, object_type) for key, nodes in grouped.items()]

    def _collect(
        self,
        selections: Iterable[SelectionNode],
        object_type: GraphQLObjectType,
        grouped: dict[str, list[FieldNode]],
        visited: set[str],
    ) -> None:
        for selection in selections:
            if selection.directives and not self._is_included(selection):
                continue
            if isinstance(selection, FieldNode):
                grouped.setdefault((selection.alias or selection.name).value, []).append(selection)
            elif isinstance(selection, InlineFragmentNode):
                if self._applies(selection.type_condition, object_type):
                    self._collect(selection.selection_set.selections, object_type, grouped, visited)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in visited:
                visited.add(selection.name.value)
                fragment = self.fragments[selection.name.value]
                if self._applies(fragment.type_condition, object_type):
                    self._collect(fragment.selection_set.selections, object_type, grouped, visited)

    def _is_included(self, selection: SelectionNode) -> bool:
        skip = get_directive_values(GraphQLSkipDirective, selection, self._conditions)
        if skip and skip["if"]:
            return False
        include = get_directive_values(GraphQLIncludeDirective, selection, self._conditions)
        return not include or bool(include["if"])

    def _applies(self, condition: Any, object_type: GraphQLObjectType) -> bool:
        if condition is None:
            return True
        named = self.schema.get_type(condition.name.value)
        return named is object_type or (is_abstract_type(named) and self.schema.is_sub_type(named, object_type))

    def _plan(self, key: str, nodes: list[FieldNode], object_type: GraphQLObjectType) -> PlannedField:
        definition = cast("GraphQLField", self.schema.get_field(object_type, nodes[0].name.value))
        planned = PlannedField(key, nodes, object_type, definition, shape_of(definition.type))
        planned.is_text = get_named_type(definition.type).name in TEXTS
        if nodes[0].name.value == TYPENAME:
            planned.constant = object_type.name
            return planned
        declared: StrawberryField | None = definition.extensions.get(BACKREF)
        if declared is not None:
            planned.guard = declared.metadata.get("guard")
            planned.depends_on = declared.metadata.get("depends_on")
            planned.relation = declared.metadata.get("relation") or declared.metadata.get("page")
            if planned.relation is not None and planned.relation.known is not None:
                planned.known = attrgetter(planned.relation.known)
            planned.is_page = "page" in declared.metadata
            planned.get = declared.metadata.get("computed")
            if declared.is_basic_field:
                planned.get = attrgetter(declared.python_name)
        if planned.get is None and planned.relation is None:
            direct = None if declared is None else direct_resolver(definition, declared)
            planned.resolve = direct or definition.resolve
        _plan_arguments(planned)
        return planned


def _plan_arguments(planned: PlannedField) -> None:
    """Compute the arguments that are the same for all variables, unless an argument has variables inside."""
    definition, node = planned.definition, planned.nodes[0]
    variables = {
        argument.name.value: argument.value.name.value
        for argument in node.arguments or ()
        if isinstance(argument.value, VariableNode)
    }
    others = [argument for argument in node.arguments or () if argument.name.value not in variables]
    if any(_has_variable(argument.value) for argument in others):
        return
    fixed = GraphQLField(
        definition.type, {name: each for name, each in definition.args.items() if name not in variables}
    )
    planned.arguments = get_argument_values(fixed, FieldNode(name=node.name, arguments=tuple(others)))
    planned.from_variables = [
        (definition.args[name].out_name or name, variable, isinstance(definition.args[name].type, GraphQLNonNull))
        for name, variable in variables.items()
    ]


def dependency_of(concrete: GraphQLObjectType) -> Dependency | None:
    """On what a cached answer depends that shows objects of a type."""
    declared = concrete.extensions.get(BACKREF)
    return getattr(declared.origin, "depends_on", None) if declared is not None else None


def _cached(operation: OperationDefinitionNode, fields: Sequence[PlannedField]) -> Cached | None:
    """How the answer of an operation may be cached; None unless it is a query that has cached fields only."""
    if operation.operation is not OperationType.QUERY:
        return None
    declared: list[Cached] = []
    for each in fields:
        if each.constant is None:
            cached: Cached | None = _declared(each).get("cached")
            if cached is None:
                return None
            declared.append(cached)
    if not declared:
        return None
    depends_on = (dependency for each in declared for dependency in each.depends_on)
    return Cached(tuple(dict.fromkeys(depends_on)), min(each.seconds for each in declared))


def _declared(field: PlannedField) -> Mapping[Any, Any]:
    declared: StrawberryField | None = field.definition.extensions.get(BACKREF)
    return declared.metadata if declared is not None else {}


def condition_variables(nodes: Iterable[Node]) -> set[str]:
    """The names of all variables in `@skip` and `@include` of these definitions."""
    names: set[str] = set()
    stack: list[Any] = [node.selection_set for node in nodes]  # type: ignore[attr-defined] # definitions have one
    while stack:
        selection = stack.pop()
        for directive in getattr(selection, "directives", None) or ():
            values = [argument.value for argument in directive.arguments or ()]
            names.update(value.name.value for value in values if isinstance(value, VariableNode))
        if (inner := getattr(selection, "selection_set", None)) is not None:
            stack.append(inner)
        stack.extend(getattr(selection, "selections", ()))
    return names


def shape_of(declared: GraphQLOutputType) -> Shape:
    """The shape of a field's type."""
    nullable = not isinstance(declared, GraphQLNonNull)
    inner: Any = declared if nullable else cast("GraphQLNonNull[Any]", declared).of_type
    if is_list_type(inner):
        return Shape(nullable, item=shape_of(inner.of_type))
    if is_leaf_type(inner):
        return Shape(nullable, leaf=leaf_of(inner))
    if is_object_type(inner) or is_abstract_type(inner):
        return Shape(nullable, named=inner)
    raise TypeError(f"{declared} is not an output type")


def _has_variable(value: Any) -> bool:
    stack = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, VariableNode):
            return True
        stack.extend(getattr(node, "values", ()))
        stack.extend(entry.value for entry in getattr(node, "fields", ()))
    return False
