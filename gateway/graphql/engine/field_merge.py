"""Validation of field merging (GraphQL, section 5.3.2), in time linear in the number of expanded fields.

graphql-core's rule compares every pair of fields of one response name and takes a second for a query of 6 kB. Here
each field is compared with the first of its group, which is sufficient because the relation is an equivalence.
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

MAX_FIELDS = 10_000  # twice the limit of a document: without abstract types, each field is checked once
ADVICE = "Use different aliases on the fields to fetch both if this was intentional."


@dataclass(slots=True, eq=False)
class Selected:
    """A field selected on a type; `definition` is None when the type does not have the field."""

    parent: GraphQLNamedType | None
    node: FieldNode
    definition: GraphQLField | None


Sets = list[tuple[GraphQLNamedType | None, SelectionSetNode]]


class FieldsCanBeMerged(ValidationRule):
    """Replaces graphql-core's OverlappingFieldsCanBeMergedRule, with the same result for every document.

    Fields of an abstract type are checked again for each object type at each level. A document that multiplies them
    above a limit is refused (RequestRefused). Fragments must not form a cycle, which an earlier rule checks.
    """

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._field_count = 0

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        """Check all selections of the operation, including fragments."""
        root = self.context.schema.get_root_type(node.operation)
        # Selections that are merged, and whether only the shapes of their fields must be the same.
        pending: list[tuple[Sets, bool]] = [([(root, node.selection_set)], False)]
        while pending:
            sets, shapes_only = pending.pop()
            for key, fields in self._fields(sets).items():
                if len(fields) > 1 and (conflict := _conflict(fields, shapes_only=shapes_only)):
                    reason, other = conflict
                    message = f'Fields "{key}" conflict because {reason}. {ADVICE}'
                    self.report_error(GraphQLError(message, [fields[0].node, other.node]))
                else:
                    pending += _below(fields, shapes_only=shapes_only)

    def _fields(self, sets: Sets) -> dict[str, list[Selected]]:
        """The fields of these selection sets by response name, each fragment entered once."""
        fields_by_name: dict[str, list[Selected]] = {}
        entered: set[str] = set()
        stack = list(reversed(sets))
        while stack:
            parent, selection_set = stack.pop()
            for selection in selection_set.selections:
                if isinstance(selection, FieldNode):
                    self._field_count += 1
                    key = (selection.alias or selection.name).value
                    fields_by_name.setdefault(key, []).append(
                        Selected(parent, selection, self._definition(parent, selection))
                    )
                elif isinstance(selection, InlineFragmentNode):
                    condition = selection.type_condition
                    stack.append((self._type(condition) if condition else parent, selection.selection_set))
                elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in entered:
                    entered.add(selection.name.value)
                    fragment = self.context.get_fragment(selection.name.value)
                    if isinstance(fragment, FragmentDefinitionNode):
                        stack.append((self._type(fragment.type_condition), fragment.selection_set))
        refuse_above("fields to be merged", self._field_count, MAX_FIELDS)
        return fields_by_name

    def _type(self, condition: Any) -> GraphQLNamedType | None:
        return self.context.schema.get_type(condition.name.value)

    def _definition(self, parent: GraphQLNamedType | None, node: FieldNode) -> GraphQLField | None:
        return self.context.schema.get_field(parent, node.name.value) if is_composite_type(parent) else None


def _conflict(fields: list[Selected], *, shapes_only: bool) -> tuple[str, Selected] | None:
    """The reason why fields of one response name conflict, and the conflicting field; None without a conflict."""
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
    """The merged subselections of these fields: for one object, and across mutually exclusive types."""
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
    """The fields that apply to one object: those of each object type, with all of abstract types."""
    objects: dict[GraphQLNamedType, list[Selected]] = {}
    others: list[Selected] = []
    for field in fields:
        if is_object_type(field.parent):
            objects.setdefault(field.parent, []).append(field)
        else:
            others.append(field)
    return [[*others, *group] for group in objects.values()] or [others]


def _shape(declared: Any) -> str:
    """Lists, nullability and the leaf type; all objects have one shape, since their selections are compared apart."""
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
