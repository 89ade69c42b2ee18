"""The level-by-level execution returns the same as graphql-core: values, order, nulls, errors and paths."""

import asyncio
import gc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Annotated, Any, ClassVar, cast

import orjson
import pytest
import strawberry
from graphql import ExecutionResult, GraphQLObjectType, OperationDefinitionNode, execute, parse, validate
from graphql.execution import Executor
from graphql.execution.values import get_variable_values
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domains.kernel.actor import Actor
from domains.kernel.database import Database
from domains.kernel.ports import Cache
from gateway.graphql.core.context import Context, Info, RequestMetadata
from gateway.graphql.core.fields import PUBLIC, computed, deferred, query, relation, subscription
from gateway.graphql.core.relations import Derived
from gateway.graphql.core.schema import build_schema
from gateway.graphql.engine.batch import PlanExecution
from gateway.graphql.engine.execution import Document
from gateway.graphql.engine.limits import GraphQLLimits
from gateway.graphql.engine.plan import BACKREF
from gateway.graphql.engine.renderings.memory import RenderingMemory
from gateway.live.channels import Channel
from gateway.live.presence import Presence
from gateway.services import Services
from tests.gateway.toy_shop import COMPANY, RecordingDatabase


@dataclass(frozen=True, slots=True)
class Row:
    """A source whose values are odd in every way that the schema allows for, and some that it does not."""

    number: int
    text: str | None = "text"
    grid: Sequence[Sequence[int | None]] = ((1, 2), (3,))
    missing: str | None = None
    nothing: int | None = None

    @property
    def revision(self) -> int | None:
        """Determines everything but what is loaded."""
        return None if self.number % 13 == 12 else self.number

    @property
    def count_key(self) -> int | None:
        return None if self.number % 8 == 7 else self.number

    @property
    def share_key(self) -> tuple[int, int] | None:
        return None if self.number % 7 == 6 else (self.number // 2, self.number % 4)

    @property
    def known_one(self) -> "Row | None":
        """Known by some of the sources of a level, unless reading it fails."""
        if self.number % 11 == 10:
            raise ValueError(f"unknown {self.number}")
        return None if self.number % 3 == 0 else Row(self.number + 2)

    @property
    def known_many(self) -> "list[Row | None]":
        """Known by all sources of a level."""
        return [Row(self.number + 2), None] if self.number % 4 == 3 else [Row(self.number + 3)]


async def load_rows(_context: Context, keys: Sequence[int]) -> list[Any]:
    await asyncio.sleep(0)
    return [ValueError(f"no {key}") if key % 7 == 6 else None if key % 5 == 4 else Row(key + 1) for key in keys]


async def load_lists(_context: Context, keys: Sequence[int]) -> list[Any]:
    await asyncio.sleep(0)
    return [[Row(key + 1), None if key % 3 == 2 else Row(key + 2)] for key in keys]


async def load_nothing(_context: Context, _keys: Sequence[int]) -> list[Any]:
    await asyncio.sleep(0)
    raise ValueError("all are lost")


async def load_counts(_context: Context, keys: Sequence[int]) -> list[Any]:
    await asyncio.sleep(0)
    return [ValueError(f"no count of {key}") if key % 9 == 8 else None if key % 6 == 5 else key * 2 for key in keys]


async def load_notes(_context: Context, keys: Sequence[int]) -> list[Any]:
    await asyncio.sleep(0)
    return [[key] if key % 10 == 9 else f"note, {key} \0" for key in keys]


def divided(count: int | None, key: tuple[int, int]) -> int | None:
    return None if count is None else count // key[1]


@strawberry.interface
class Shape:
    size: int


@strawberry.type
class Circle(Shape):
    radius: int


@strawberry.type
class Square(Shape):
    side: int | None


@strawberry.type
class Node:
    revision_attribute: ClassVar[str] = "revision"

    number: int
    text: str | None
    grid: list[list[int]]
    missing: str
    one: "Node | None" = relation("number", load_rows)
    sure: "Node" = relation("number", load_rows)
    many: "list[Node | None]" = relation("number", load_lists, many=True)
    dense: "list[Node] | None" = relation("number", load_lists, many=True)
    lost: "Node | None" = relation("number", load_nothing)
    none: "Node | None" = relation("nothing", load_rows)
    some: "Node | None" = relation("number", load_rows, known="known_one", stable=True)
    all: "list[Node]" = relation("number", load_nothing, many=True, known="known_many", stable=True)
    count: int = relation("count_key", load_counts, volatile=True)
    maybe: int | None = relation("count_key", load_counts, volatile=True)
    note: str | None = relation("number", load_notes, volatile=True)
    share: int | None = relation("share_key", load_counts, volatile=True, derived=Derived(itemgetter(0), divided))
    half: "Node | None" = relation("share_key", load_rows, derived=Derived(itemgetter(0), lambda row, _key: row))
    late: int | None = deferred("count")

    @computed
    def broken(self) -> str | None:
        if self.number % 2:
            raise ValueError(f"broken {self.number}")
        return "whole"

    @computed
    def shapes(self) -> list[Shape]:
        return [Circle(size=1, radius=2), Square(size=3, side=None)]

    @computed
    def either(self) -> Circle | Square:
        return Circle(size=1, radius=2) if self.number % 2 else Square(size=3, side=4)


@strawberry.type
class Root:
    @query(PUBLIC)
    async def node(self, info: Info, number: Annotated[int, strawberry.argument(description="n")] = 1) -> Node | None:
        await asyncio.sleep(0)
        return cast("Node", Row(number))

    @query(PUBLIC)
    async def nodes(self, info: Info) -> list[Node]:
        return cast("list[Node]", [Row(number) for number in range(7)])


@strawberry.type
class Live:
    @subscription(PUBLIC, channel=Channel("rows", {}))
    async def row(
        self, info: Info, event: Row, add: Annotated[int, strawberry.argument(description="n")] = 0
    ) -> Node | None:
        await asyncio.sleep(0)
        return cast("Node", Row(event.number + add))


SCHEMA = build_schema([Root], [], [Live]).graphql
SHAPES = "size ... on Circle { radius } ... on Square { side }"
LEAVES = [
    "number",
    "text",
    "grid",
    "missing",
    "broken",
    "count",
    "other: count",
    "maybe",
    "note",
    "share",
    "other_share: share",
    "__typename",
    "again: number",
    "late",
    f"shapes {{ {SHAPES} }}",
]
LEAVES += [
    "text @skip(if: $yes)",
    "...More",
    "... on Node @include(if: $no) { number }",
    "... { text broken }",
    "number @include(if: $yes)",
]
OBJECTS = ["one", "x: one", "sure", "y: sure", "many", "z: many", "dense", "lost", "none", "some", "all", "half"]
RAW = {"yes": True, "no": False, "n": 3}
MORE = "fragment More on Node { text more: number one { number text } }"

selections = st.recursive(
    st.lists(st.sampled_from(LEAVES), min_size=1, max_size=4).map(" ".join),
    lambda inner: st.lists(
        st.builds(
            "{} {{ {} }}".format,
            st.sampled_from(OBJECTS),
            inner,
        )
        | st.sampled_from(LEAVES),
        min_size=1,
        max_size=3,
    ).map(" ".join),
    max_leaves=6,
)
events = st.builds(Row, st.integers(0, 20))
roots = st.sampled_from(["nodes", "node", "node(number: 5)", "node(number: $n)"])


def context() -> Context:
    db = cast("Database", RecordingDatabase())
    cache, presence = cast("Cache", None), cast("Presence", None)
    request = RequestMetadata("id", "ip", "")
    return Context(Actor.anonymous(COMPANY), cast("Services", None), db, cache, request, presence)


def reported(result: ExecutionResult) -> list[str]:
    """Every error with its path. Where several nulls bubble to one place, the reported one is free (§6.4.4)."""
    return sorted(f"{error.path}: {error.message}" for error in result.errors or ())


async def executed(text: str, source: Any, renderings: RenderingMemory | None, times: int = 1) -> ExecutionResult:
    """The result of the last of several executions of one plan."""
    ast = parse(text)
    operation = next(each for each in ast.definitions if isinstance(each, OperationDefinitionNode))
    variables = get_variable_values(SCHEMA, operation.variable_definitions or (), RAW)
    assert not isinstance(variables, list)
    plan = Document.of(SCHEMA, text, ast).plan(SCHEMA, operation, variables)
    for _ in range(times):
        result = await PlanExecution(plan, context(), variables, GraphQLLimits()).execute(source, renderings)
    return result


async def expected(text: str, source: Any) -> ExecutionResult | None:
    """The result of graphql-core."""
    others = asyncio.all_tasks()
    result: Any = execute(SCHEMA, parse(text), source, context(), RAW, executor_class=Executor)
    if not isinstance(result, ExecutionResult):
        try:
            result = await result
        except asyncio.CancelledError:
            result = None  # it cancels a loader's future that another field waits for; there is nothing to compare
    left = asyncio.all_tasks() - others
    await asyncio.wait(left) if left else None
    return cast("ExecutionResult | None", result)


@pytest.fixture(autouse=True, scope="module")
def small() -> Iterator[None]:
    """Small selections are rendered too."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("gateway.graphql.engine.renderings.selections.FEWEST_VALUES", 1)
        yield


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """Coroutines that are left behind are told of here, where that is ignored, not in a test that comes later."""
    yield
    gc.collect()


def compared(text: str, source: Any = None, *, bubbles: bool) -> tuple[list[Any], Any]:
    """Our results of a valid document and graphql-core's, with their errors unless nulls bubble up.

    Ours are those without renderings, and with them the first time, then rendered, then remembered.
    """
    assert validate(SCHEMA, parse(text)) == []
    theirs = asyncio.run(expected(text, source))
    assume(theirs is not None)
    assert theirs is not None
    ways = [(None, 1), *((RenderingMemory(10**6), times) for times in (1, 2, 3))]
    ours = [asyncio.run(executed(text, source, *way)) for way in ways]
    shown = _shown(theirs, bubbles=bubbles)
    return [_shown(each, bubbles=bubbles) for each in ours], [shown] * len(ways)


def _shown(result: ExecutionResult, *, bubbles: bool) -> Any:
    return orjson.dumps(result.data), bool(result.errors), [] if bubbles else reported(result)


def has_bubbling(selection: str) -> bool:
    return any(bubbling in selection for bubbling in ("missing", "sure", "dense", "all", "count"))


VARIABLES = "($yes: Boolean = true, $no: Boolean = false, $n: Int = 1)"
UNUSED = "used: {} @skip(if: $yes) @include(if: $no) {{ ...More }}"


# graphql-core leaves coroutines of abandoned siblings behind, which Python tells of when it collects them.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::RuntimeWarning")
@settings(max_examples=200, deadline=None)
@given(root=roots, selection=selections)
def test_execution_returns_the_same_result_as_graphql_core(root: str, selection: str) -> None:
    unused = UNUSED.format("node(number: $n)")
    text = f"query {VARIABLES} {{ r: {root} {{ {selection} }} {unused} }} {MORE}"
    ours, theirs = compared(text, bubbles=has_bubbling(selection))
    assert ours == theirs


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::RuntimeWarning")
@settings(max_examples=100, deadline=None)
@given(event=events, root=st.sampled_from(["row", "row(add: 5)", "row(add: $n)"]), selection=selections)
def test_an_event_has_the_same_result_as_with_graphql_core(event: Row, root: str, selection: str) -> None:
    variables = VARIABLES if "$n" in root else VARIABLES.replace(", $n: Int = 1", "")
    text = f"subscription {variables} {{ r: {root} {{ {selection} {UNUSED.format('one')} }} }} {MORE}"
    ours, theirs = compared(text, event, bubbles=has_bubbling(selection))
    assert ours == theirs


async def test_members_of_a_union_are_distinguished() -> None:
    either = "either { __typename ... on Circle { radius } ... on Square { side } }"
    answers = [(await executed(f"{{ node(number: {number}) {{ {either} }} }}", None, None)).data for number in (1, 2)]
    assert answers == [
        {"node": {"either": {"__typename": "Circle", "radius": 2}}},
        {"node": {"either": {"__typename": "Square", "side": 4}}},
    ]


async def test_only_unknown_values_are_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[Sequence[int]] = []

    async def load(_context: Context, keys: Sequence[int]) -> list[Any]:
        loaded.append(keys)
        return [Row(key) for key in keys]

    document = "{ nodes { some { number } } node(number: 1) { all { number } } }"
    field = cast("GraphQLObjectType", SCHEMA.type_map["Node"]).fields["some"].extensions[BACKREF]
    declared = {"relation": replace(field.metadata["relation"], load=load)}
    monkeypatch.setattr(field, "metadata", declared)
    result = await executed(document, None, None)
    assert loaded == [[0, 3, 6]]
    assert result.data is not None
    assert [node["some"]["number"] for node in result.data["nodes"]] == [0, 3, 4, 3, 6, 7, 6]
    assert result.data["node"] == {"all": [{"number": 4}]}


def test_a_page_cannot_be_known() -> None:
    with pytest.raises(ValueError, match="A page depends on its arguments"):
        relation("number", load_rows, page=True, known="known_one")
