"""The root fields of an operation: rate limits count them, log lines and metrics name them."""

from collections.abc import Mapping

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
)

from gateway.graphql.engine.plan import BACKREF, TYPENAME


def root_fields(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> dict[str, str]:
    """The root fields by their key in the response, in the order of the document, without `__typename`.

    Those of fragments and those that `@skip` leaves out are included. The document is valid, so that the names are
    those of the schema.
    """
    found: dict[str, str] = {}
    spread: set[str] = set()
    stack = [*reversed(operation.selection_set.selections)]
    while stack:
        selection = stack.pop()
        if isinstance(selection, FieldNode):
            found.setdefault((selection.alias or selection.name).value, selection.name.value)
        elif isinstance(selection, InlineFragmentNode):
            stack.extend(reversed(selection.selection_set.selections))
        elif isinstance(selection, FragmentSpreadNode) and (name := selection.name.value) not in spread:
            spread.add(name)
            stack.extend(reversed(fragments[name].selection_set.selections))
    return {key: name for key, name in found.items() if name != TYPENAME}


def sensitive_mutations(schema: GraphQLSchema) -> frozenset[str]:
    """The mutations that are declared as sensitive."""
    fields = schema.mutation_type.fields if schema.mutation_type else {}
    return frozenset(
        name
        for name, field in fields.items()
        if (declared := field.extensions.get(BACKREF)) and declared.metadata.get("is_sensitive")
    )
