"""Objects with a revision are rendered once for each selection, and only what is volatile is read again."""

import asyncio
import tracemalloc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, cast

import orjson
import pytest
import strawberry
from graphql import OperationDefinitionNode, parse
from graphql.execution.values import VariableValues

from domains.kernel.actor import Actor
from domains.kernel.database import Database
from domains.kernel.ports import Cache
from gateway.answers.dependencies import Dependency, Kind
from gateway.graphql.core.context import Context, Info, RequestMetadata
from gateway.graphql.core.errors import RequestRefused
from gateway.graphql.core.fields import PUBLIC, computed, query, relation
from gateway.graphql.core.schema import build_schema
from gateway.graphql.engine import batch
from gateway.graphql.engine.execution import Document
from gateway.graphql.engine.limits import GraphQLLimits
from gateway.graphql.engine.plan import Plan
from gateway.graphql.engine.renderings.memory import ASKED_SIZE, Rendering, RenderingMemory
from gateway.graphql.engine.response_budget import ResponseBudget
from gateway.live.presence import Presence
from gateway.services import Services
from tests.gateway.toy_shop import COMPANY, RecordingDatabase

LOADED: list[tuple[str, list[Any]]] = []
UNITS: dict[str, int] = {}
READS: list[str] = []
GATES: list[asyncio.Event] = []


@dataclass(frozen=True, slots=True)
class SizeModel:
    name: str
    label: str = "Größe"


@dataclass(frozen=True, slots=True)
class ShirtModel:
    id: str
    revision: tuple[str, int] | None
    name: str
    sizes: list[SizeModel]
    colours: Sequence[str] = ("red", "blue")
    text: str = 'a "text"\n\u2028\0'
    brand: str | None = None


async def load_units(_context: Context, keys: Sequence[str]) -> list[int]:
    LOADED.append(("units", list(keys)))
    await asyncio.sleep(0)
    units = [UNITS.get(key, 1) for key in keys]
    if GATES:
        await GATES.pop().wait()
    return units


async def load_reviews(_context: Context, keys: Sequence[str]) -> list[list[SizeModel]]:
    LOADED.append(("reviews", list(keys)))
    await asyncio.sleep(0)
    return [[SizeModel(f"of {key}")] for key in keys]


@strawberry.type
class Size:
    depends_on: ClassVar[Dependency] = Dependency(Kind.SHOP, by="name")

    name: str
    label: str
    stock: int = relation("name", load_units, volatile=True, depends_on=Dependency(Kind.STOCK, by="name"))


@strawberry.type
class Shirt:
    revision_attribute: ClassVar[str] = "revision"
    depends_on: ClassVar[Dependency] = Dependency(Kind.PRODUCT, by="id")

    id: str
    name: str
    text: str
    colours: list[str]
    brand: str | None
    sizes: list[Size] = relation("id", load_reviews, many=True, known="sizes", stable=True)
    reviews: list[Size] = relation("id", load_reviews, many=True)
    stock: int = relation("id", load_units, volatile=True)

    @computed
    def title(self) -> str:
        READS.append(self.id)
        return self.name.title()


SHIRTS = [
    ShirtModel(f"s{n}", (f"s{n}", 1), f"shirt {n}", [SizeModel(f"s{n}-{index}") for index in range(n)])
    for n in range(4)
]


@strawberry.type
class Root:
    @query(PUBLIC)
    async def shirts(self, info: Info) -> list[Shirt]:
        return cast("list[Shirt]", [*SHIRTS])


SCHEMA = build_schema([Root]).graphql
FIELDS = "id title text colours brand __typename stock sizes { name label stock }"
EVERYTHING = f"{{ shirts {{ {FIELDS} }} }}"


@pytest.fixture(autouse=True)
def nothing_loaded() -> Iterator[None]:
    for record in (LOADED, READS, UNITS, GATES):
        cast("Any", record).clear()
    yield
    SHIRTS[1] = replace(SHIRTS[1], revision=("s1", 1), name="shirt 1")


def planned(text: str) -> Plan:
    ast = parse(text)
    document = Document.of(SCHEMA, text, ast)
    return document.plan(SCHEMA, cast("OperationDefinitionNode", ast.definitions[0]), VariableValues({}, {}))


async def answered(
    plan: Plan, memory: RenderingMemory | None, tags: set[str] | None = None, limits: GraphQLLimits | None = None
) -> bytes:
    db, request = cast("Database", RecordingDatabase()), RequestMetadata("id", "ip", "")
    context = Context(
        Actor.anonymous(COMPANY), cast("Services", None), db, cast("Cache", None), request, cast("Presence", None)
    )
    execution = batch.PlanExecution(plan, context, VariableValues({}, {}), limits or GraphQLLimits(), 0, tags)
    result = await execution.execute(None, memory)
    assert not result.errors
    return orjson.dumps(result.data, default=str)


async def test_a_remembered_object_is_not_read_again() -> None:
    plan, memory = planned(EVERYTHING), RenderingMemory(10**6)
    bodies = [await answered(plan, memory) for _ in range(4)]
    assert set(bodies) == {await answered(plan, None)}
    assert READS == ["s0", "s1", "s2", "s3"] * 3, "executed, rendered, and without a memory"


async def test_what_is_volatile_is_read_for_each_answer_in_one_load() -> None:
    plan, memory = planned(f"{{ shirts {{ {FIELDS} again: stock }} }}"), RenderingMemory(10**6)
    for _ in range(3):
        await answered(plan, memory)
    LOADED.clear()
    UNITS.update({"s2": 7, "s2-1": 0})
    shown = orjson.loads(await answered(plan, memory))["shirts"][2]
    assert (shown["stock"], shown["again"], [size["stock"] for size in shown["sizes"]]) == (7, 7, [1, 0])
    keys = {"s0", "s1", "s2", "s3", "s1-0", "s2-0", "s2-1", "s3-0", "s3-1", "s3-2"}
    assert [(name, len(loaded), set(loaded)) for name, loaded in LOADED] == [("units", len(keys), keys)]


async def test_while_the_same_is_loaded_the_json_of_an_object_is_the_same() -> None:
    plan, memory = planned(EVERYTHING), RenderingMemory(10**6)
    for _ in range(3):
        await answered(plan, memory)
    before = [each.filling for each in renderings(memory)]
    UNITS["s2-1"] = 7
    await answered(plan, memory)
    kept = [each.filling is filling for each, filling in zip(renderings(memory), before, strict=True)]
    assert None not in before
    assert kept == [True, True, False, True]


async def test_answers_that_are_made_at_once_show_what_each_has_loaded() -> None:
    plan, memory, gate = planned(EVERYTHING), RenderingMemory(10**6), asyncio.Event()
    for _ in range(3):
        await answered(plan, memory)
    expected = await answered(plan, None)
    GATES.append(gate)
    first = asyncio.create_task(answered(plan, memory))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not GATES, "the first answer has loaded its units"
    UNITS.update({"s2": 7, "s2-1": 0})
    assert await answered(plan, memory) == await answered(plan, None) != expected
    gate.set()
    assert await first == expected


def renderings(memory: RenderingMemory) -> list[Rendering]:
    return [each for each, _ in memory._memory._entries.values() if isinstance(each, Rendering)]


async def test_a_new_revision_is_shown_at_once() -> None:
    plan, memory = planned(EVERYTHING), RenderingMemory(10**6)
    for _ in range(3):
        await answered(plan, memory)
    SHIRTS[1] = replace(SHIRTS[1], revision=("s1", 2), name="dress")
    READS.clear()
    assert orjson.loads(await answered(plan, memory))["shirts"][1]["title"] == "Dress"
    assert READS == ["s1"]


async def test_an_object_without_a_revision_is_executed() -> None:
    plan, memory = planned(EVERYTHING), RenderingMemory(10**6)
    SHIRTS[1] = replace(SHIRTS[1], revision=None)
    for number in range(4):
        SHIRTS[1] = replace(SHIRTS[1], name=f"number {number}")
        assert orjson.loads(await answered(plan, memory))["shirts"][1]["title"] == f"Number {number}"


async def test_other_fields_are_executed_beside_the_rendered_ones() -> None:
    text = f"{{ shirts {{ id reviews {{ name label stock }} title {FIELDS} }} }}"
    plan, memory = planned(text), RenderingMemory(10**6)
    bodies = [await answered(plan, memory) for _ in range(3)]
    LOADED.clear()
    assert {*bodies, await answered(plan, memory)} == {await answered(planned(text), None)}
    assert len(READS) == 4 * 3
    assert [name for name, _ in LOADED].count("reviews") == 2


async def test_limits_and_tags_are_those_of_an_execution(monkeypatch: pytest.MonkeyPatch) -> None:
    budgets: list[ResponseBudget] = []

    def budget(*arguments: Any, **options: Any) -> ResponseBudget:
        budgets.append(ResponseBudget(*arguments, **options))
        return budgets[-1]

    monkeypatch.setattr(batch, "ResponseBudget", budget)
    plan, memory = planned(f"{{ shirts {{ {FIELDS} reviews {{ name }} }} }}"), RenderingMemory(10**6)
    tags: list[set[str]] = [set() for _ in range(4)]
    for used, recorded in zip([None, memory, memory, memory], tags, strict=True):
        await answered(plan, used, recorded)
    assert len({(each.values, each.characters) for each in budgets}) == 1
    assert tags == [tags[0]] * 4
    assert {"product:s1", "shop:s3-2", "stock:s3-2", "shop:of s1"} <= tags[0]
    limits = GraphQLLimits(answer_values=budgets[0].values - 1)
    with pytest.raises(RequestRefused, match="values in the answer"):
        await answered(plan, memory, limits=limits)


async def test_plans_that_are_executed_at_once_have_their_own_renderings() -> None:
    texts = [EVERYTHING, f"{{ shirts {{ other: name {FIELDS} }} }}", EVERYTHING.replace("label", "label label")]
    plans, memory = [planned(text) for text in texts], RenderingMemory(10**6)
    expected = [await answered(plan, None) for plan in plans]
    for _ in range(3):
        assert await asyncio.gather(*(answered(plan, memory) for plan in plans)) == expected


async def test_the_memory_is_bounded_and_evicts_what_was_used_least_recently() -> None:
    def rendering(text: bytes) -> Rendering:
        return Rendering([text], [], 1, 0, frozenset())

    memory = RenderingMemory(100_000)
    for key in range(200):
        memory.find(key, lambda: None)
        memory.find(key, lambda: rendering(b"x" * 2_000))
        memory.find(0, lambda: rendering(b"x" * 2_000))
        assert memory.size <= 100_000
    assert len(memory) == 100_000 // rendering(b"x" * 2_000).size
    found = [memory.find(key, lambda: None) is not None for key in (0, 1, 199)]
    assert found == [True, False, True]
    for _ in range(2):
        memory.find("large", lambda: rendering(b"x" * 10_000))
    assert memory.find("large", lambda: None) is None


async def test_the_size_of_a_rendering_is_what_it_takes() -> None:
    plan, memory = planned(f"{{ shirts {{ {FIELDS} }} }}"), RenderingMemory(10**8)
    await answered(plan, memory)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for number in range(300):
            SHIRTS[1] = replace(SHIRTS[3], id=f"s{number}", revision=(f"s{number}", number), name="x" * 500)
            await answered(plan, memory)
            await answered(plan, memory)
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert len(memory) >= 300
    assert ASKED_SIZE * len(memory) < memory.size
    assert 0.6 * taken < memory.size < 1.7 * taken
