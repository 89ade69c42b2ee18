"""Checks files of operations against the schema and the limits of the server."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from graphql import (
    DefinitionNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    Source,
    TypeNode,
    Visitor,
    parse,
    print_ast,
    validate,
    visit,
)
from graphql.validation import NoDeprecatedCustomRule

from domains.kernel.pagination.pages import MAX_PAGE
from gateway.graphql.core.errors import RequestRefused
from gateway.graphql.core.schema import Schema
from gateway.graphql.engine.execution import Document, Execution, InvalidDocument
from gateway.graphql.engine.limits import GraphQLLimits
from gateway.operations.manifests import ListedDocument, OperationsInvalid, read_manifest, read_text

GRAPHQL_SUFFIXES: Final = {".graphql", ".gql"}
ANONYMOUS: Final = "(anonymous)"
FRAGMENT: Final = "fragment"
NONE: Final = "-"


@dataclass(frozen=True, slots=True)
class CheckedOperation:
    """An operation of a file with its cost, what the server would refuse, and what deserves a look.

    The cost is that with the defaults of variables, and that with the largest pages; None of an invalid document.
    """

    file: Path
    type: str
    name: str
    cost: tuple[int, int] | None = None
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class OperationsCheck:
    """Checks manifests, and GraphQL files as the sources of operations and fragments."""

    def __init__(self, schema: Schema, limits: GraphQLLimits) -> None:
        self._schema: GraphQLSchema = schema.graphql
        self._limits = limits
        self._execution = Execution(schema, limits)

    async def files(self, files: Sequence[Path]) -> list[CheckedOperation]:
        """The operations of all files; a file that is invalid as a whole counts as one with a problem."""
        checked: list[CheckedOperation] = []
        texts: dict[str, str] = {}
        for file in files:
            if file.suffix not in GRAPHQL_SUFFIXES:
                checked += await self._manifest(file, texts)
        return checked + await self._sources([file for file in files if file.suffix in GRAPHQL_SUFFIXES])

    async def _manifest(self, file: Path, texts: dict[str, str]) -> list[CheckedOperation]:
        """The operations of a manifest; `texts` are those of the earlier ones by id."""
        try:
            listed = read_manifest(file)
        except OperationsInvalid as invalid:
            return [CheckedOperation(file, NONE, NONE, problems=(problem,)) for problem in invalid.problems]
        checked: list[CheckedOperation] = []
        for document in listed:
            operations = await self._document(file, document)
            if texts.setdefault(document.id, document.text) != document.text:
                problem = f"The id {document.id[:80]!r} has another text in an earlier file."
                operations = [replace(each, problems=(*each.problems, problem)) for each in operations]
            checked += operations
        return checked

    async def _sources(self, files: Sequence[Path]) -> list[CheckedOperation]:
        """The operations of GraphQL files, each with the fragments that it uses from any of them."""
        checked: list[CheckedOperation] = []
        found: list[tuple[Path, DefinitionNode]] = []
        for file in files:
            try:
                found += [(file, node) for node in parse(Source(read_text(file), str(file))).definitions]
            except OperationsInvalid as invalid:
                checked += [CheckedOperation(file, NONE, NONE, problems=(problem,)) for problem in invalid.problems]
            except GraphQLError as error:
                checked.append(CheckedOperation(file, NONE, NONE, problems=(_with_location(error),)))
        fragments = {node.name.value: node for _, node in found if isinstance(node, FragmentDefinitionNode)}
        for file, node in found:
            if isinstance(node, OperationDefinitionNode):
                needed = [fragments[name] for name in _needed(node, fragments)]
                text = "\n\n".join(map(print_ast, (node, *needed)))
                checked += await self._document(file, ListedDocument("", text))
        return checked + list(_loose(found, fragments))

    async def _document(self, file: Path, listed: ListedDocument) -> list[CheckedOperation]:
        """The operations of one document."""
        try:
            document = await self._execution.document(listed.text)
        except InvalidDocument as invalid:
            problems = tuple(error.message for error in invalid.errors)
        except RequestRefused as refused:
            problems = (refused.message,)
        else:
            problems = tuple(_mismatches(listed, document))
            warnings = tuple(
                error.message for error in validate(self._schema, document.ast, [NoDeprecatedCustomRule])
            )
            return [
                self._operation(file, document, node, problems, warnings) for node in document.operations.values()
            ]
        kind, name = _described(listed)
        return [CheckedOperation(file, kind, name, problems=problems)]

    def _operation(
        self,
        file: Path,
        document: Document,
        node: OperationDefinitionNode,
        problems: tuple[str, ...],
        warnings: tuple[str, ...],
    ) -> CheckedOperation:
        usual, highest = document.cost.of(node, {}), document.cost.of(node, self._largest(node))
        for limit, value, maximum in (
            ("cost", usual.cost, self._limits.cost),
            ("values", usual.values, self._limits.values),
        ):
            if value > maximum:
                problems += (f"The query exceeds the limit on {limit}: {value}, at most {maximum} allowed.",)
        if usual.cost <= self._limits.cost < highest.cost:
            warnings += (
                f"With pages of {MAX_PAGE} it costs {highest.cost}; at most {self._limits.cost} is allowed.",
            )
        name = node.name.value if node.name else ANONYMOUS
        return CheckedOperation(file, node.operation.value, name, (usual.cost, highest.cost), problems, warnings)

    def _largest(self, operation: OperationDefinitionNode) -> Mapping[str, Any]:
        """Values of the variables that make the largest pages."""
        values: dict[str, Any] = {}
        for definition in operation.variable_definitions or ():
            kind = _nullable(definition.type)
            if isinstance(kind, ListTypeNode):
                values[definition.variable.name.value] = [None] * self._limits.list_items
            elif isinstance(kind, NamedTypeNode) and kind.name.value == "Int":
                values[definition.variable.name.value] = MAX_PAGE
        return values


def _nullable(kind: TypeNode) -> TypeNode:
    return kind.type if isinstance(kind, NonNullTypeNode) else kind


def _mismatches(listed: ListedDocument, document: Document) -> Iterator[str]:
    """Differences between what a manifest says about an operation and its text."""
    named = {name: node.operation.value for name, node in document.operations.items()}
    if not named:
        yield "The text has no operation."
    if listed.name is not None and listed.name not in named:
        yield f"The text has no operation named {listed.name[:80]!r}."
    elif listed.type is not None and listed.type not in named.values():
        yield f"The operation is not a {listed.type[:20]!r}."


def _described(listed: ListedDocument) -> tuple[str, str]:
    """The type and the name of an operation in a document that is refused, as far as they are known."""
    try:
        definitions = parse(listed.text).definitions
    except (GraphQLError, RecursionError):
        definitions = ()
    for node in definitions:
        if isinstance(node, OperationDefinitionNode):
            return node.operation.value, node.name.value if node.name else ANONYMOUS
    return listed.type or NONE, listed.name or listed.id or NONE


class _Spreads(Visitor):
    """Collects the names of the fragments that a definition uses itself."""

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, None] = {}

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> None:
        self.names[node.name.value] = None


def _needed(node: DefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]) -> dict[str, None]:
    """The names of known fragments that a definition uses, also through other ones, in the order of their use."""
    needed: dict[str, None] = {}
    remaining = [node]
    while remaining:
        spreads = _Spreads()
        visit(remaining.pop(), spreads)
        new = [name for name in spreads.names if name in fragments and name not in needed]
        needed.update(dict.fromkeys(new))
        remaining += [fragments[name] for name in new]
    return needed


def _loose(
    found: Sequence[tuple[Path, DefinitionNode]], fragments: Mapping[str, FragmentDefinitionNode]
) -> Iterator[CheckedOperation]:
    """What is wrong with definitions beside each operation by itself: repeated names, unused fragments, types."""
    counts = Counter((type(node), _name(node)) for _, node in found)
    used = {
        name for _, node in found if not isinstance(node, FragmentDefinitionNode) for name in _needed(node, fragments)
    }
    for file, node in found:
        kind, name = _kind(node), _name(node)
        if kind == NONE:
            yield CheckedOperation(file, kind, name, problems=("Only operations and fragments are allowed here.",))
        elif name != ANONYMOUS and counts[type(node), name] > 1:
            yield CheckedOperation(file, kind, name, problems=("This name is defined more than once.",))
        elif kind == FRAGMENT and name not in used:
            yield CheckedOperation(file, kind, name, warnings=("No operation uses this fragment.",))


def _kind(node: DefinitionNode) -> str:
    if isinstance(node, OperationDefinitionNode):
        return node.operation.value
    return FRAGMENT if isinstance(node, FragmentDefinitionNode) else NONE


def _name(node: DefinitionNode) -> str:
    named = getattr(node, "name", None)
    return named.value if named is not None else ANONYMOUS


def _with_location(error: GraphQLError) -> str:
    places = ", ".join(f"line {each.line}, column {each.column}" for each in error.locations or ())
    return f"{error.message} ({places})" if places else error.message
