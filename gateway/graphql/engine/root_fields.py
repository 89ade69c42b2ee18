"""The fields of selections, and the root fields of an operation, which rate limits count and log lines name."""

from collections.abc import Iterator, Mapping

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from gateway.graphql.engine.plan import BACKREF, TYPENAME


def fields_of(
    selection_set: SelectionSetNode | None,
    fragments: Mapping[str, FragmentDefinitionNode],
    entered: set[str] | None = None,
    *,
    with_directives: bool = True,
) -> Iterator[FieldNode]:
    """The fields of a selection set and of its fragments, in the order of the document.

    A named fragment is entered once, and not when it is among those that were `entered` before. Without
    `with_directives`, what has a directive is left out.
    """
    entered = set() if entered is None else entered
    stack = [*reversed(selection_set.selections)] if selection_set else []
    while stack:
        selection = stack.pop()
        if selection.directives and not with_directives:
            continue
        if isinstance(selection, FieldNode):
            yield selection
        elif isinstance(selection, InlineFragmentNode):
            stack.extend(reversed(selection.selection_set.selections))
        elif isinstance(selection, FragmentSpreadNode) and (name := selection.name.value) not in entered:
            entered.add(name)
            stack.extend(reversed(fragments[name].selection_set.selections))


def root_fields(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> dict[str, str]:
    """The root fields by their key in the response, in the order of the document, without `__typename`.

    Those of fragments and those that `@skip` leaves out are included. The document is valid, so that the names are
    those of the schema.
    """
    found: dict[str, str] = {}
    for field in fields_of(operation.selection_set, fragments):
        found.setdefault((field.alias or field.name).value, field.name.value)
    return {key: name for key, name in found.items() if name != TYPENAME}


def sensitive_mutations(schema: GraphQLSchema) -> frozenset[str]:
    """The mutations that are declared as sensitive."""
    fields = schema.mutation_type.fields if schema.mutation_type else {}
    return frozenset(
        name
        for name, field in fields.items()
        if (declared := field.extensions.get(BACKREF)) and declared.metadata.get("is_sensitive")
    )
