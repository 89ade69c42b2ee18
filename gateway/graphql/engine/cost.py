"""The cost of an operation: the objects it may load and the values it may return; fragments are compiled once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

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
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_composite_type,
)
from graphql.language import NullValueNode
from strawberry.types.field import StrawberryField

from domains.kernel.pagination.pages import DEFAULT_PAGE
from gateway.graphql.core.relations import DEFAULT_LIST_SIZE, Relation
from gateway.graphql.engine.limits import META_FIELDS
from gateway.graphql.engine.plan import BACKREF

OBJECT = 1
MUTATION = 10
INTROSPECTION = 500
MAX_COST = 1_000_000_000
PAGE_FIELDS = {"nodes", "edges"}
PAGE_ARGUMENTS = ("first", "last")
IDS = "ids"
MAX_DIGITS = 9


class CostEstimate(NamedTuple):
    """`cost` counts objects that may be loaded, `values` those of the response; each at most a billion."""

    cost: int
    values: int


@dataclass(frozen=True, slots=True)
class PageSize:
    """The size of a page: the largest of these numbers and of the variables with these names.

    For a list of ids it is the length of the list.
    """

    requested: tuple[int | str, ...] = ()
    default: int = DEFAULT_PAGE

    def of(self, variables: Mapping[str, Any]) -> int:
        """The size with these variables. Null counts as absent; GraphQL allows 7.0 for 7."""
        sizes = [variables.get(size) if isinstance(size, str) else size for size in self.requested]
        sizes = [len(size) if isinstance(size, list) else size for size in sizes]
        numbers = [int(size) for size in sizes if isinstance(size, int | float)]
        return max(0, *numbers) if numbers else self.default


@dataclass(slots=True)
class ChildField:
    """A selected field: its multiplier (None: the size of the enclosing page), and the page that it opens, if any."""

    cost: "SelectionCost"
    times: int | PageSize | None = 1
    page: PageSize | None = None


@dataclass(slots=True)
class SelectionCost:
    """The cost of a selection as a function of the variables that size its pages."""

    own: int = 0
    values: int = 0
    children: list[ChildField] = field(default_factory=list)
    spreads: list[str] = field(default_factory=list)


class CostModel:
    """The cost of operations of one document: a loaded object 1, a mutation 10, a list its size, a scalar 0.

    A connection multiplies its `nodes` and `edges` by `first` or `last` (by the default page size without both), any
    other list by its expected size: ten, or the number that its relation declares. An object that is a part of
    another one, such as an amount of money, is not loaded and costs nothing. Each field of each object is a value.
    """

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._fragments: dict[str, SelectionCost] = {}
        self._connection_fragments: set[str] = set()
        self._operations: dict[int, SelectionCost] = {}
        self._fixed: dict[int, CostEstimate] = {}
        self._sizes: set[str] = set()  # the names of the variables that size lists
        for definition in document.definitions:
            if isinstance(definition, FragmentDefinitionNode):
                name, on = definition.name.value, schema.get_type(definition.type_condition.name.value)
                self._fragments[name] = self._compile(definition.selection_set, on)
                if _is_connection(on):
                    self._connection_fragments.add(name)
            elif isinstance(definition, OperationDefinitionNode):
                root = schema.get_root_type(definition.operation)
                self._operations[id(definition)] = self._compile(definition.selection_set, root)

    def of(self, operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> CostEstimate:
        """The cost of one operation of the document with these variables, computed once where none sizes a list."""
        whole = self._operations[id(operation)]
        if not self._sizes:
            fixed = self._fixed.get(id(operation))
            if fixed is None:
                fixed = self._fixed[id(operation)] = self._total(whole, DEFAULT_PAGE, {}, {})
            return fixed
        return self._total(whole, DEFAULT_PAGE, _defaults(operation) | dict(variables), {})

    def _compile(self, selection_set: SelectionSetNode, parent: GraphQLNamedType | None) -> SelectionCost:
        cost = SelectionCost()
        for selection in selection_set.selections:
            if isinstance(selection, FragmentSpreadNode):
                cost.spreads.append(selection.name.value)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                on = self._schema.get_type(condition.name.value) if condition else parent
                cost.children.append(ChildField(self._compile(selection.selection_set, on)))
            elif isinstance(selection, FieldNode):
                self._add_field(cost, selection, parent)
        return cost

    def _add_field(self, cost: SelectionCost, node: FieldNode, parent: GraphQLNamedType | None) -> None:
        if node.name.value in META_FIELDS:
            cost.own += INTROSPECTION
            return
        cost.values += 1
        if parent is not None and parent is self._schema.mutation_type:
            cost.own += MUTATION
        definition = _field_of(parent, node.name.value)
        if definition is None or node.selection_set is None:
            return
        child_type = get_named_type(definition.type)
        if not is_composite_type(child_type):
            return
        child_cost = self._compile(node.selection_set, child_type)
        is_page = _is_connection(parent) and node.name.value in PAGE_FIELDS
        if is_page or _is_loaded(definition):
            child_cost.own += OBJECT
        if is_page:
            cost.children.append(ChildField(child_cost, times=None))
        elif _is_connection(child_type):
            cost.children.append(ChildField(child_cost, page=self._size(node, definition)))
        elif _is_list(definition):
            is_sized = "first" in definition.args or IDS in definition.args
            times = self._size(node, definition) if is_sized else _expected(definition)
            cost.children.append(ChildField(child_cost, times=times))
        else:
            cost.children.append(ChildField(child_cost))

    def _size(self, node: FieldNode, definition: GraphQLField) -> PageSize:
        size = _size(node, definition)
        self._sizes.update([each for each in size.requested if isinstance(each, str)])
        return size

    def _total(
        self,
        cost: SelectionCost,
        page: int,
        variables: Mapping[str, Any],
        totals: dict[tuple[str, int], CostEstimate],
    ) -> CostEstimate:
        total, values = cost.own, cost.values
        for child in cost.children:
            child_page = page if child.page is None else child.page.of(variables)
            times = child.times.of(variables) if isinstance(child.times, PageSize) else child.times
            times = max(1, page if times is None else times)
            child_cost = self._total(child.cost, child_page, variables, totals)
            total, values = total + times * child_cost.cost, values + times * child_cost.values
        for name in cost.spreads:
            key = (name, page if name in self._connection_fragments else 0)
            if key not in totals and name in self._fragments:
                totals[key] = CostEstimate(0, 0)
                totals[key] = self._total(self._fragments[name], page, variables, totals)
            spread = totals.get(key, CostEstimate(0, 0))
            total, values = total + spread.cost, values + spread.values
        return CostEstimate(min(total, MAX_COST), min(values, MAX_COST))


def _field_of(parent: GraphQLNamedType | None, name: str) -> GraphQLField | None:
    return parent.fields.get(name) if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType) else None


def _is_connection(named: GraphQLNamedType | None) -> bool:
    return isinstance(named, GraphQLObjectType) and named.name.endswith("Connection") and "pageInfo" in named.fields


def _is_list(definition: GraphQLField) -> bool:
    field_type = definition.type
    return isinstance(field_type.of_type if isinstance(field_type, GraphQLNonNull) else field_type, GraphQLList)


def _is_loaded(definition: GraphQLField) -> bool:
    """Whether an object is loaded from the database and not an attribute of another object."""
    declared: StrawberryField | None = definition.extensions.get(BACKREF)
    return declared is None or not (declared.is_basic_field or "computed" in declared.metadata)


def _expected(definition: GraphQLField) -> int:
    """The expected size of a list without pagination."""
    declared: StrawberryField | None = definition.extensions.get(BACKREF)
    relation: Relation | None = declared.metadata.get("relation") if declared else None
    return relation.size if relation else DEFAULT_LIST_SIZE


def _size(node: FieldNode, definition: GraphQLField) -> PageSize:
    """The size of the page of a field, as its execution determines it: null counts as not given."""
    requested: list[int | str] = []
    for argument in node.arguments or ():
        value = argument.value
        if argument.name.value not in (*PAGE_ARGUMENTS, IDS) or isinstance(value, NullValueNode):
            continue
        if isinstance(value, VariableNode):
            requested.append(value.name.value)
        elif isinstance(value, ListValueNode):
            requested.append(len(value.values))
        elif (number := _whole_number(value)) is not None:
            requested.append(number)
    default = getattr(definition.args.get("first"), "default_value", None)
    return PageSize(tuple(requested), default if isinstance(default, int) else DEFAULT_PAGE)


def _defaults(operation: OperationDefinitionNode) -> dict[str, Any]:
    """The integer defaults of variables."""
    return {
        definition.variable.name.value: number
        for definition in operation.variable_definitions or ()
        if (number := _whole_number(definition.default_value)) is not None
    }


def _whole_number(value: ValueNode | None) -> int | None:
    """The number in a literal; None for other values and for a number far above the highest page size."""
    return int(value.value) if isinstance(value, IntValueNode) and len(value.value) <= MAX_DIGITS else None
