"""The root fields of an operation, which rate limits count."""

from collections.abc import Mapping

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
)

from gateway.graphql.engine.plan import BACKREF


def root_fields(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> dict[str, str]:
    """The root fields by their key in the response, those that `@skip` leaves out included, without `__typename`."""
    found: dict[str, str] = {}
    spread: set[str] = set()
    stack = [operation.selection_set]
    while stack:
        for selection in stack.pop().selections:
            if isinstance(selection, FieldNode):
                found.setdefault((selection.alias or selection.name).value, selection.name.value)
            elif isinstance(selection, FragmentSpreadNode):
                if (name := selection.name.value) not in spread:
                    spread.add(name)
                    stack.append(fragments[name].selection_set)
            elif isinstance(selection, InlineFragmentNode):
                stack.append(selection.selection_set)
    return {key: name for key, name in found.items() if not name.startswith("__")}


def sensitive_mutations(schema: GraphQLSchema) -> frozenset[str]:
    """The mutations that are declared as sensitive."""
    fields = schema.mutation_type.fields if schema.mutation_type else {}
    return frozenset(
        name
        for name, field in fields.items()
        if (declared := field.extensions.get(BACKREF)) and declared.metadata.get("is_sensitive")
    )
