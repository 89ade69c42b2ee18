"""A response is limited in its values, loaded in batches, and completed in turns of the event loop."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, cast

import orjson
import pytest
import strawberry
from graphql import Source
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gateway.graphql.core.context import Context, Info
from gateway.graphql.core.errors import RequestRefused
from gateway.graphql.core.fields import PUBLIC, query, relation
from gateway.graphql.core.relations import DEFAULT_LIST_SIZE
from gateway.graphql.core.schema import build_schema
from gateway.graphql.engine.batch import SLICE_SIZE
from gateway.graphql.engine.execution import Execution
from gateway.graphql.engine.levels import await_all
from gateway.graphql.engine.limits import GraphQLLimits
from gateway.graphql.engine.relation_values import BATCH_ROWS
from gateway.graphql.engine.response_budget import TURN, ResponseBudget
from gateway.graphql.engine.source import QuerySource
from tests.gateway.graphql.engine.random_documents import document
from tests.gateway.graphql.engine.test_batch import context
from tests.gateway.graphql.engine.test_work_limits import most_between_turns

Count = Annotated[int | None, strawberry.argument(description="How many.")]
WIDE = 100
batches: list[int] = []


@dataclass(frozen=True, slots=True)
class Row:
    """A row that has as many others below it as its width says."""

    number: int
    width: int
    text: str = "a text"

    @property
    def key(self) -> tuple[int, int]:
        return self.number, self.width


async def load_rows(_context: Context, keys: Sequence[tuple[int, int]]) -> list[list[Row]]:
    batches.append(len(keys))
    return [[Row(number * width + place, width) for place in range(width)] for number, width in keys]


async def load_row(_context: Context, keys: Sequence[int]) -> list[Row]:
    batches.append(len(keys))
    return [Row(key, 1) for key in keys]


@strawberry.type
class Leaf:
    number: int
    text: str


@strawberry.type
class Branch(Leaf):
    many: "list[Branch]" = relation("key", load_rows, many=True)
    one: Leaf = relation("number", load_row)


@strawberry.type
class Root:
    @query(PUBLIC)
    async def branches(self, info: Info, count: Count = None, width: Count = None) -> list[Branch]:
        return cast("list[Branch]", [Row(number, width or 4) for number in range(count or 3)])


SCHEMA = build_schema([Root], [])


async def answer(text: str) -> Any:
    execution = Execution(SCHEMA, GraphQLLimits())
    read = await execution.document(text)
    return (await execution.run(read, read.operation(None), {}, context())).body["data"]


def values_of(data: Any) -> int:
    """How many fields of objects stand in an answer."""
    if isinstance(data, dict):
        return sum(1 + values_of(each) for each in data.values())
    return sum(map(values_of, data)) if isinstance(data, list) else 0


@pytest.fixture
def tallies(monkeypatch: pytest.MonkeyPatch) -> list[ResponseBudget]:
    """The tallies of the test's executions."""
    made: list[ResponseBudget] = []
    begin = ResponseBudget.__init__

    def watched(self: ResponseBudget, *given: Any, **more: Any) -> None:
        begin(self, *given, **more)
        made.append(self)

    monkeypatch.setattr(ResponseBudget, "__init__", watched)
    return made


@settings(max_examples=200)
@given(st.data())
async def test_a_response_contains_at_most_the_estimated_values_within_the_limit(data: st.DataObject) -> None:
    root = SCHEMA.graphql.type_map["Query"]
    selection, fragments = data.draw(st.composite(document)(SCHEMA.graphql, root, depth=5))
    text = f"query ($all: Boolean) {{ {selection} used: __typename @skip(if: $all) }} {fragments}".replace(
        "($all: Boolean)", "($all: Boolean = false)"
    )
    execution = Execution(SCHEMA, GraphQLLimits(answer_values=300, characters=500))
    try:
        read = await execution.document(text)
        expected = read.cost.of(read.operation(None), {})
        body = (await execution.run(read, read.operation(None), {}, context())).body["data"]
    except RequestRefused:
        return
    except Exception as refused:  # noqa: BLE001 - a document that validation refuses
        assert type(refused).__name__ == "InvalidDocument"  # noqa: PT017 - any other is a failure
        assume(False)
        return
    shown = orjson.dumps(body).decode()
    assert values_of(body) <= min(expected.values, 300)
    assert shown.count("a text") * len("a text") <= 500


async def test_lists_longer_than_estimated_are_refused_at_the_limit(tallies: list[ResponseBudget]) -> None:
    text = f"{{ branches(count: {WIDE}, width: {WIDE}) {{ many {{ many {{ number }} }} }} }}"
    with pytest.raises(RequestRefused, match="limit on values in the answer"):
        await answer(text)
    (tally,) = tallies
    assert tally.values <= GraphQLLimits().answer_values + WIDE


async def test_other_requests_are_answered_while_a_large_response_is_completed(tallies: list[ResponseBudget]) -> None:
    text = f"{{ branches(count: {WIDE}, width: {WIDE}) {{ many {{ number text one {{ number text }} }} }} }}"
    most = await most_between_turns(answer(text), lambda: sum(tally.values for tally in tallies))
    assert tallies[0].values > 60_000
    assert most <= TURN + SLICE_SIZE * WIDE + 10 * WIDE


async def test_relations_of_many_objects_are_loaded_in_batches() -> None:
    batches.clear()
    await answer(f"{{ branches(count: {WIDE}, width: 60) {{ many {{ one {{ number }} }} }} }}")
    assert batches == [WIDE, BATCH_ROWS, BATCH_ROWS, WIDE * 60 - 2 * BATCH_ROWS]
    batches.clear()
    await answer("{ branches(count: 600, width: 1) { many { number } } }")
    assert batches == [
        BATCH_ROWS // DEFAULT_LIST_SIZE,
        BATCH_ROWS // DEFAULT_LIST_SIZE,
        600 - 2 * (BATCH_ROWS // DEFAULT_LIST_SIZE),
    ]


async def test_a_failure_is_raised_only_after_parallel_work_has_ended() -> None:
    ended: list[str] = []

    async def slow() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("slow")

    async def failing() -> None:
        await asyncio.sleep(0)
        raise ValueError("lost")

    with pytest.raises(ValueError, match="lost"):
        await await_all([slow(), failing()])
    assert ended == ["slow"]


@given(st.text(alphabet="a\n\r", max_size=40), st.integers(0, 41))
def test_a_location_equals_the_one_of_graphql_core(text: str, position: int) -> None:
    assert QuerySource(text).get_location(position) == Source(text).get_location(position)
