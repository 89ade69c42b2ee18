"""What an operation costs: objects weighed by how many a list may hold, each fragment compiled once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_composite_type,
)

from domains.kernel.pagination import DEFAULT_PAGE

OBJECT = 1
MUTATION = 10
INTROSPECTION = 500
LIST = 10
CAP = 1_000_000_000
PAGE_FIELDS = {"nodes", "edges"}


@dataclass(slots=True)
class Child:
    """A field below: how many times it counts (None: as often as the page is long), and the page it opens.

    `page` is a number, the name of the variable that holds it, or None for a field that opens none.
    """

    cost: "Cost"
    times: int | None = 1
    page: int | str | None = None


@dataclass(slots=True)
class Cost:
    """The cost of a selection, still depending on the variables that size its pages."""

    own: int = 0
    children: list[Child] = field(default_factory=list)
    spreads: list[str] = field(default_factory=list)


class CostModel:
    """Weighs the operations of one document: an object 1, a scalar nothing, a mutation 10, a list its size.

    A connection counts its `nodes` and `edges` as many times as `first` or `last` asks for (the default page when
    neither does), any other list ten times.
    """

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self.introspects = False
        self._fragments: dict[str, Cost] = {}
        self._operations: dict[int, Cost] = {}
        for definition in document.definitions:
            if isinstance(definition, FragmentDefinitionNode):
                on = schema.get_type(definition.type_condition.name.value)
                self._fragments[definition.name.value] = self._compile(definition.selection_set, on)
            elif isinstance(definition, OperationDefinitionNode):
                root = schema.get_root_type(definition.operation)
                self._operations[id(definition)] = self._compile(definition.selection_set, root)

    def of(self, operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> int:
        """What one operation of the document costs with these variables, at most a billion."""
        given = _defaults(operation) | dict(variables)
        return self._total(self._operations[id(operation)], DEFAULT_PAGE, given, {})

    def _compile(self, selection_set: SelectionSetNode, parent: GraphQLNamedType | None) -> Cost:
        cost = Cost()
        for selection in selection_set.selections:
            if isinstance(selection, FragmentSpreadNode):
                cost.spreads.append(selection.name.value)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                on = self._schema.get_type(condition.name.value) if condition else parent
                cost.children.append(Child(self._compile(selection.selection_set, on)))
            elif isinstance(selection, FieldNode):
                self._add_field(cost, selection, parent)
        return cost

    def _add_field(self, cost: Cost, node: FieldNode, parent: GraphQLNamedType | None) -> None:
        if node.name.value in ("__schema", "__type"):
            cost.own += INTROSPECTION
            self.introspects = True
            return
        if parent is not None and parent is self._schema.mutation_type:
            cost.own += MUTATION
        definition = _field_of(parent, node.name.value)
        if definition is None or node.selection_set is None:
            return
        child_type = get_named_type(definition.type)
        if not is_composite_type(child_type):
            return
        below = self._compile(node.selection_set, child_type)
        below.own += OBJECT
        if _is_connection(parent) and node.name.value in PAGE_FIELDS:
            cost.children.append(Child(below, times=None))
        elif _is_connection(child_type):
            cost.children.append(Child(below, page=_page(node)))
        else:
            cost.children.append(Child(below, times=LIST if _is_list(definition) else 1))

    def _total(self, cost: Cost, page: int, variables: Mapping[str, Any], known: dict[tuple[str, int], int]) -> int:
        total = cost.own
        for child in cost.children:
            opened = page if child.page is None else _size(child.page, variables)
            times = page if child.times is None else child.times
            total += max(1, times) * self._total(child.cost, opened, variables, known)
        for name in cost.spreads:
            key = (name, page)
            if key not in known and name in self._fragments:
                known[key] = 0
                known[key] = self._total(self._fragments[name], page, variables, known)
            total += known.get(key, 0)
        return min(total, CAP)


def _field_of(parent: GraphQLNamedType | None, name: str) -> GraphQLField | None:
    return parent.fields.get(name) if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType) else None


def _is_connection(named: GraphQLNamedType | None) -> bool:
    return isinstance(named, GraphQLObjectType) and named.name.endswith("Connection") and "pageInfo" in named.fields


def _is_list(definition: GraphQLField) -> bool:
    shown = definition.type
    return isinstance(shown.of_type if isinstance(shown, GraphQLNonNull) else shown, GraphQLList)


def _page(node: FieldNode) -> int | str:
    """How long the page that a field asks for is: a number, or the name of the variable that says so."""
    for argument in node.arguments or ():
        if argument.name.value in ("first", "last"):
            if isinstance(argument.value, VariableNode):
                return argument.value.name.value
            if isinstance(argument.value, IntValueNode) and len(argument.value.value) < 10:
                return max(0, int(argument.value.value))
    return DEFAULT_PAGE


def _defaults(operation: OperationDefinitionNode) -> dict[str, Any]:
    """The whole numbers that variables have when they are not given."""
    return {
        definition.variable.name.value: int(definition.default_value.value)
        for definition in operation.variable_definitions or ()
        if isinstance(definition.default_value, IntValueNode) and len(definition.default_value.value) < 10
    }


def _size(page: int | str, variables: Mapping[str, Any]) -> int:
    """How long a page will be. A whole number may come as 7.0, which GraphQL takes for 7."""
    asked = page if isinstance(page, int) else variables.get(page)
    return max(0, int(asked)) if isinstance(asked, int | float) else DEFAULT_PAGE
