"""What the operation asks for below a root field, for resolvers that save a statement by it."""

from typing import Any

from graphql import FieldNode

from gateway.graphql.core.context import Info
from gateway.graphql.engine.root_fields import fields_of


def selects(info: Info, *path: str) -> bool:
    """Whether the fields of this path are selected below a root field, whatever the variables are.

    Selections with a directive do not count.
    """
    raw: Any = info._raw_info  # noqa: SLF001 - strawberry has no public access to the nodes
    nodes: list[FieldNode] = list(raw.field_nodes)
    for name in path:
        nodes = [
            node
            for parent in nodes
            for node in fields_of(parent.selection_set, raw.fragments, with_directives=False)
            if node.name.value == name
        ]
    return bool(nodes)
