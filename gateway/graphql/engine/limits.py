"""Limits of a query, checked before execution in linear time; each fragment is visited once."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    Lexer,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    Source,
    TokenKind,
    ValueNode,
)

from domains.kernel.text.validation import UNSTORABLE
from gateway.graphql.core.errors import RequestRefused

OPENING = {TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L}
CLOSING = {TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R}
TEXTS = {TokenKind.STRING, TokenKind.BLOCK_STRING, TokenKind.COMMENT}
META_FIELDS: Final = {"__schema", "__type"}


@dataclass(frozen=True, slots=True)
class GraphQLLimits:
    """The maximum of each for one document; `introspection` also enables GraphiQL and suggestions."""

    length: int = 50_000
    lines: int = 5_000
    tokens: int = 2_000
    nesting: int = 60
    depth: int = 15
    aliases: int = 30
    directives: int = 50
    fragments: int = 50
    operations: int = 20
    fields: int = 5_000
    """In all operations; the fields of a fragment count once for each spread."""
    same_name: int = 150
    repeats: int = 20
    list_items: int = 250
    variable_values: int = 5_000
    cost: int = 10_000
    values: int = 100_000
    """The expected values of a response: the fields of each object, ten objects in a list without a page."""
    answer_values: int = 300_000
    """The highest number of values in a response, counted while it is built: lists may be longer than expected."""
    characters: int = 10_000_000
    """In the texts of a response."""
    errors: int = 100
    """Listed in a response; fields that fail beyond this number are null without an error."""
    introspection_steps: int = 100_000
    introspection_bytes: int = 4_000_000
    cached_documents: int = 1_000
    cached_characters: int = 300_000
    introspection: bool = True
    seconds: float = 30.0
    """The time of an operation over a live connection, and of a subscription's execution for one event."""


def refuse_above(limit: str, value: int, maximum: int) -> None:
    """Raise RequestRefused, naming the limit, the value and the maximum, when the value is beyond it."""
    if value > maximum:
        raise RequestRefused(
            "LIMIT_EXCEEDED",
            f"The query exceeds the limit on {limit}: {value}, at most {maximum} allowed.",
            limit=limit,
            value=value,
            maximum=maximum,
        )


def check_text(source: Source, limits: GraphQLLimits) -> int:
    """Limit the text, its lines, tokens and nesting before the recursive parser reads it; refuse NUL characters.

    Long strings must be sent as variables. Returns the number of tokens. Raises RequestRefused, and
    GraphQLSyntaxError for an invalid token.
    """
    query = source.body
    refuse_above("length", len(query), limits.length)
    refuse_above("lines", query.count("\n") + query.count("\r"), limits.lines)
    refuse_above("comments", query.count("#"), limits.tokens)
    if "\x00" in query:
        raise RequestRefused("BAD_REQUEST", "The query contains a NUL character (U+0000).")
    lexer = Lexer(source)
    tokens = nesting = 0
    while (token := lexer.advance()).kind is not TokenKind.EOF:
        tokens += 1
        refuse_above("tokens", tokens, limits.tokens)
        if token.kind in OPENING:
            nesting += 1
            refuse_above("nesting", nesting, limits.nesting)
        elif token.kind in CLOSING:
            nesting -= 1
        elif token.kind in TEXTS and "\x00" in (token.value or ""):
            raise RequestRefused("BAD_REQUEST", "A string in the query contains a NUL character (U+0000).")
    return tokens


@dataclass(slots=True)
class _Definition:
    """The measures of one operation or fragment: its fields and depth, and its fragment spreads by depth.

    Introspection has no depth, but its fields count.
    """

    depth: int = 0
    fields: int = 0
    spreads: list[tuple[str, int | None]] = field(default_factory=list)


@dataclass(slots=True)
class _Measure:
    """The counts of one iterative traversal of a document, which has an explicit stack for any depth."""

    limits: GraphQLLimits
    aliases: int = 0
    directives: int = 0
    names: Counter[str] = field(default_factory=Counter)

    def definition(self, node: OperationDefinitionNode | FragmentDefinitionNode) -> _Definition:
        """Measure one definition."""
        measured = _Definition()
        self.directives += len(node.directives or ())
        for variable in node.variable_definitions or ():
            self.directives += len(variable.directives or ())
            self.values([variable.default_value])
        stack: list[_Selected] = []
        _push(stack, node.selection_set, 1, Counter())
        while stack:
            selection, depth, siblings = stack.pop()
            self.directives += len(selection.directives or ())
            self.values(
                [argument.value for directive in selection.directives or () for argument in directive.arguments or ()]
            )
            if isinstance(selection, FragmentSpreadNode):
                measured.spreads.append((selection.name.value, None if depth is None else depth - 1))
            elif isinstance(selection, InlineFragmentNode):
                _push(stack, selection.selection_set, depth, siblings)
            elif isinstance(selection, FieldNode):
                measured.fields += 1
                self._enter(selection, depth, siblings, measured, stack)
        return measured

    def _enter(
        self,
        node: FieldNode,
        depth: int | None,
        siblings: Counter[str],
        measured: _Definition,
        stack: "list[_Selected]",
    ) -> None:
        if depth is None or node.name.value in META_FIELDS:
            self.values([argument.value for argument in node.arguments or ()])
            below = None
        else:
            self.field(node, siblings)
            measured.depth = max(measured.depth, depth)
            below = depth + 1
        if node.selection_set is not None:
            _push(stack, node.selection_set, below, Counter())

    def field(self, node: FieldNode, siblings: Counter[str]) -> None:
        """Count one field: its alias, the occurrences of its name here and in the document, its list arguments."""
        name = (node.alias or node.name).value
        self.aliases += node.alias is not None
        self.names[name] += 1
        siblings[name] += 1
        refuse_above("repeats of one field", siblings[name], self.limits.repeats)
        self.values([argument.value for argument in node.arguments or ()])

    def values(self, values: Sequence[ValueNode | None]) -> None:
        """Limit list literals in the query."""
        stack = list(values)
        while stack:
            value = stack.pop()
            if isinstance(value, ListValueNode):
                refuse_above("list items", len(value.values), self.limits.list_items)
                stack.extend(value.values)
            elif isinstance(value, ObjectValueNode):
                stack.extend(entry.value for entry in value.fields)


_Selected = tuple[SelectionNode, int | None, Counter[str]]


def _push(stack: list[_Selected], selections: SelectionSetNode, depth: int | None, siblings: Counter[str]) -> None:
    stack.extend((child, depth, siblings) for child in selections.selections)


def check_document(document: DocumentNode, limits: GraphQLLimits) -> None:
    """Limit operations, fragments, aliases, directives, list literals, repeated names, fields and depth.

    Raises RequestRefused.
    """
    fragments = [node for node in document.definitions if isinstance(node, FragmentDefinitionNode)]
    refuse_above("fragments", len(fragments), limits.fragments)
    measure = _Measure(limits)
    named = {fragment.name.value: measure.definition(fragment) for fragment in fragments}
    operations = [
        measure.definition(node) for node in document.definitions if isinstance(node, OperationDefinitionNode)
    ]
    refuse_above("operations", len(operations), limits.operations)
    refuse_above("aliases", measure.aliases, limits.aliases)
    refuse_above("directives", measure.directives, limits.directives)
    refuse_above("fields of one name", max(measure.names.values(), default=0), limits.same_name)
    expanded: dict[str, int] = {}
    fields = sum(_expanded(operation, named, expanded) for operation in operations)
    refuse_above("fields", fields, limits.fields)
    known: dict[str, int] = {}
    for definition in (*operations, *named.values()):
        refuse_above("depth", _full_depth(definition, named, known), limits.depth)


def _full_depth(definition: _Definition, named: dict[str, _Definition], known: dict[str, int]) -> int:
    """The depth of a definition with its fragments, each entered once (a cycle counts 0; validation reports it)."""
    deepest = definition.depth
    for name, above in definition.spreads:
        if name not in known and name in named:
            known[name] = 0
            known[name] = _full_depth(named[name], named, known)
        if above is not None:
            deepest = max(deepest, above + known.get(name, 0))
    return deepest


def _expanded(definition: _Definition, named: dict[str, _Definition], known: dict[str, int]) -> int:
    """The fields of a definition with those of its fragments, counted for each spread (a cycle counts 0)."""
    total = definition.fields
    for name, _ in definition.spreads:
        if name not in known and name in named:
            known[name] = 0
            known[name] = _expanded(named[name], named, known)
        total += known.get(name, 0)
    return total


def check_variables(variables: dict[str, Any], limits: GraphQLLimits) -> int:
    """Limit the variables' size, lists and nesting; refuse NUL, lone surrogates and non-finite numbers.

    Returns the number of their values.
    """
    level: list[Any] = [variables]
    texts: list[str] = []
    count = depth = 0
    while level:
        refuse_above("nesting of variables", depth, limits.nesting)
        below: list[Any] = []
        for value in level:
            count += 1
            if count > limits.variable_values:
                refuse_above("values in variables", count, limits.variable_values)
            if isinstance(value, str):
                texts.append(value)
            elif isinstance(value, dict):
                below.extend(value)
                below.extend(value.values())
            elif isinstance(value, list):
                refuse_above("list items", len(value), limits.list_items)
                below.extend(value)
            elif isinstance(value, float) and not math.isfinite(value):
                raise RequestRefused("BAD_REQUEST", "A variable contains a number that is not finite.")
        level, depth = below, depth + 1
    _require_text("".join(texts))
    return count


def _require_text(text: str) -> None:
    if UNSTORABLE.search(text):
        message = "A variable contains a character that is not text (NUL or a lone surrogate)."
        raise RequestRefused("BAD_REQUEST", message)
