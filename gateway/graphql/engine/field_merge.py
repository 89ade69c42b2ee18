"""Whether fields of one response name can be merged (GraphQL, section 5.3.2), in time linear in the expanded fields.

graphql-core's rule compares every pair of fields of one name: a query of 6 kB kept it busy for a second. Here each
field is compared with the first of its group, which is enough, since what is compared are equalities.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    InlineFragmentNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
    get_named_type,
    is_composite_type,
    is_object_type,
    print_ast,
)
from graphql.language import ListValueNode

from gateway.graphql.engine.limits import refuse_above

MAX_FIELDS = 10_000  # twice as many as a document may have: each is looked at once where no types are abstract
ADVICE = "Use different aliases on the fields to fetch both if this was intentional."


@dataclass(slots=True, eq=False)
class Selected:
    """A field as it is selected on a type; `definition` is None when that type has no such field."""

    parent: GraphQLNamedType | None
    node: FieldNode
    definition: GraphQLField | None


Sets = list[tuple[GraphQLNamedType | None, SelectionSetNode]]


class FieldsCanBeMerged(ValidationRule):
    """Takes the place of graphql-core's OverlappingFieldsCanBeMergedRule, with the same verdict on every document.

    Fields of an abstract type are looked at for each object type beside them, at each level anew. A document that
    multiplies them so is refused (RequestRefused). Fragments must not form a cycle: another rule sees to that.
    """

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._looked_at = 0

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        """Check everything that the operation selects, fragments included."""
        root = self.context.schema.get_root_type(node.operation)
        # Pairs of selections that are answered together, and whether only the shapes of their fields must agree.
        waiting: list[tuple[Sets, bool]] = [([(root, node.selection_set)], False)]
        while waiting:
            sets, shapes_only = waiting.pop()
            for key, fields in self._fields(sets).items():
                if len(fields) > 1 and (conflict := _conflict(fields, shapes_only=shapes_only)):
                    reason, other = conflict
                    message = f'Fields "{key}" conflict because {reason}. {ADVICE}'
                    self.report_error(GraphQLError(message, [fields[0].node, other.node]))
                else:
                    waiting += _below(fields, shapes_only=shapes_only)

    def _fields(self, sets: Sets) -> dict[str, list[Selected]]:
        """The fields of these selection sets by response name, each fragment entered once."""
        found: dict[str, list[Selected]] = {}
        entered: set[str] = set()
        stack = list(reversed(sets))
        while stack:
            parent, selection_set = stack.pop()
            for selection in selection_set.selections:
                if isinstance(selection, FieldNode):
                    self._looked_at += 1
                    key = (selection.alias or selection.name).value
                    found.setdefault(key, []).append(Selected(parent, selection, self._definition(parent, selection)))
                elif isinstance(selection, InlineFragmentNode):
                    condition = selection.type_condition
                    stack.append((self._type(condition) if condition else parent, selection.selection_set))
                elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in entered:
                    entered.add(selection.name.value)
                    fragment = self.context.get_fragment(selection.name.value)
                    if isinstance(fragment, FragmentDefinitionNode):
                        stack.append((self._type(fragment.type_condition), fragment.selection_set))
        refuse_above("fields to be merged", self._looked_at, MAX_FIELDS)
        return found

    def _type(self, condition: Any) -> GraphQLNamedType | None:
        return self.context.schema.get_type(condition.name.value)

    def _definition(self, parent: GraphQLNamedType | None, node: FieldNode) -> GraphQLField | None:
        return self.context.schema.get_field(parent, node.name.value) if is_composite_type(parent) else None


def _conflict(fields: list[Selected], *, shapes_only: bool) -> tuple[str, Selected] | None:
    """Why these fields of one name cannot be one answer, and which differs from the first; None if they can."""
    for group in [] if shapes_only else _on_one_type(fields):
        name, arguments = group[0].node.name.value, _arguments(group[0].node)
        for field in group[1:]:
            if field.node.name.value != name:
                return f'"{name}" and "{field.node.name.value}" are different fields', field
            if _arguments(field.node) != arguments:
                return "they have differing arguments", field
    types = [(field, field.definition.type) for field in fields if field.definition is not None]
    for field, declared in types[1:]:
        if _shape(declared) != _shape(types[0][1]):
            return f'they return conflicting types "{types[0][1]}" and "{declared}"', field
    return None


def _below(fields: list[Selected], *, shapes_only: bool) -> Iterator[tuple[Sets, bool]]:
    """What is selected of these fields, as it is merged: for one object, and across types that exclude each other."""
    groups = [fields] if shapes_only else _on_one_type(fields)
    for group in groups:
        if sets := list(_sets(group)):
            yield sets, shapes_only
    if len(groups) > 1 and (sets := list(_sets(fields))):
        yield sets, True


def _sets(fields: Iterable[Selected]) -> Iterator[tuple[GraphQLNamedType | None, SelectionSetNode]]:
    for field in fields:
        if field.node.selection_set is not None:
            definition = field.definition
            yield get_named_type(definition.type) if definition else None, field.node.selection_set


def _on_one_type(fields: list[Selected]) -> list[list[Selected]]:
    """The fields that one object may answer together: those of each object type, with all of abstract types."""
    objects: dict[GraphQLNamedType, list[Selected]] = {}
    others: list[Selected] = []
    for field in fields:
        if is_object_type(field.parent):
            objects.setdefault(field.parent, []).append(field)
        else:
            others.append(field)
    return [[*others, *group] for group in objects.values()] or [others]


def _shape(declared: Any) -> str:
    """Lists, nulls and the leaf type; any object is one shape, since what is selected of it is compared by itself."""
    if isinstance(declared, GraphQLNonNull):
        return f"{_shape(declared.of_type)}!"
    if isinstance(declared, GraphQLList):
        return f"[{_shape(declared.of_type)}]"
    return "{}" if is_composite_type(declared) else str(declared)


def _arguments(node: FieldNode) -> dict[str, str]:
    return {argument.name.value: _value(argument.value) for argument in node.arguments or ()}


def _value(node: Any) -> str:
    """A value as text, the fields of objects in one order."""
    if isinstance(node, ObjectValueNode):
        fields = sorted((entry.name.value, _value(entry.value)) for entry in node.fields)
        return "{" + ",".join(f"{name}:{value}" for name, value in fields) + "}"
    if isinstance(node, ListValueNode):
        return "[" + ",".join(map(_value, node.values)) + "]"
    return print_ast(node)
