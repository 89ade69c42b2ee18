"""What the operation asks for below a root field, for resolvers that save a statement by it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, InlineFragmentNode, SelectionNode

from gateway.graphql.core.context import Info


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
            if parent.selection_set is not None
            for node in _fields(parent.selection_set.selections, raw.fragments, set())
            if node.name.value == name
        ]
    return bool(nodes)


def _fields(
    selections: Iterable[SelectionNode], fragments: Mapping[str, FragmentDefinitionNode], visited: set[str]
) -> Iterator[FieldNode]:
    for selection in selections:
        if selection.directives:
            continue
        if isinstance(selection, FieldNode):
            yield selection
        elif isinstance(selection, FragmentSpreadNode):
            name = selection.name.value
            if name not in visited:
                visited.add(name)
                yield from _fields(fragments[name].selection_set.selections, fragments, visited)
        elif isinstance(selection, InlineFragmentNode):
            yield from _fields(selection.selection_set.selections, fragments, visited)
