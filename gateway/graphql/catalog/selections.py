"""What an operation selects below a field, for resolvers that save a statement by it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from graphql import FieldNode, FragmentDefinitionNode, Node, SelectionSetNode

from domains.catalog.documents.live_values import LiveValue, LiveValues
from gateway.graphql.core.context import Info
from gateway.graphql.engine.root_fields import fields_of

_FIELDS: Final[Mapping[str, LiveValue]] = {
    "stock": LiveValue.UNITS,
    "isInStock": LiveValue.UNITS,
    "description": LiveValue.DESCRIPTION,
    "highlight": LiveValue.DESCRIPTION,
    "longDescription": LiveValue.LONG_DESCRIPTION,
    "viewCount": LiveValue.VIEW_COUNT,
}
_MAX_REMEMBERED: Final = 2_000
# By the identity of the field's node, which the entry keeps alive.
_remembered: dict[int, tuple[Node, frozenset[LiveValue]]] = {}


def live_values_of(info: Info) -> LiveValues:
    """The live values that are selected anywhere below a field, whatever `@skip` and `@include` say.

    What is read in vain costs little, and nothing that is selected is left out but what relations of other objects
    lead to, which is loaded when it is needed.
    """
    raw = info._raw_info  # noqa: SLF001 - Strawberry has no public access to the field's nodes
    (node, *others) = raw.field_nodes
    known = _remembered.get(id(node))
    if known is not None and known[0] is node and not others:
        return LiveValues(known[1])
    asked = frozenset(
        _FIELDS[name]
        for each in raw.field_nodes
        for name in _names(each.selection_set, raw.fragments, set())
        if name in _FIELDS
    )
    if not others:
        if len(_remembered) >= _MAX_REMEMBERED:
            _remembered.clear()
        _remembered[id(node)] = (node, asked)
    return LiveValues(asked)


def selects(info: Info, *path: str) -> bool:
    """Whether the fields of this path are selected below a field, whatever the variables are.

    Selections with a directive do not count.
    """
    *above, last = path
    return last in selected_names(info, *above)


def selected_names(info: Info, *path: str) -> set[str]:
    """The names of the fields that are selected below the fields of this path; as of `selects`."""
    raw: Any = info._raw_info  # noqa: SLF001 - Strawberry has no public access to the field's nodes
    nodes: list[FieldNode] = list(raw.field_nodes)
    for name in path:
        nodes = [node for node in _below(nodes, raw.fragments) if node.name.value == name]
    return {node.name.value for node in _below(nodes, raw.fragments)}


def _below(nodes: Iterable[FieldNode], fragments: Mapping[str, FragmentDefinitionNode]) -> Iterator[FieldNode]:
    for parent in nodes:
        yield from fields_of(parent.selection_set, fragments, with_directives=False)


def _names(
    selections: SelectionSetNode | None, fragments: Mapping[str, FragmentDefinitionNode], entered: set[str]
) -> Iterator[str]:
    """The names of all fields of a selection, at any depth."""
    for field in fields_of(selections, fragments, entered):
        yield field.name.value
        yield from _names(field.selection_set, fragments, entered)
