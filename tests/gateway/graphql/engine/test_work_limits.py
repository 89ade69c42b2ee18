"""Every document within the limits needs a bounded number of steps and gives a bounded response."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import orjson
import pytest
from graphql import (
    OverlappingFieldsCanBeMergedRule,
    build_ast_schema,
    execute_sync,
    get_introspection_query,
    parse,
    validate,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.graphql.core.errors import RequestRefused
from gateway.graphql.core.schema import Schema, build_schema
from gateway.graphql.engine import field_merge
from gateway.graphql.engine.execution import Execution
from gateway.graphql.engine.field_merge import FieldsCanBeMerged
from gateway.graphql.engine.introspection import TURN, Introspection
from gateway.graphql.engine.limits import GraphQLLimits
from tests.gateway.graphql.engine.random_documents import document
from tests.gateway.graphql.engine.test_batch import context

SHOP = build_schema()
LIMITS = GraphQLLimits()
STANDARD = {
    "descriptions": True,
    "specified_by_url": True,
    "directive_is_repeatable": True,
    "schema_description": True,
    "input_value_deprecation": True,
}
ANIMALS = build_ast_schema(
    parse("""
    interface Pet { name: String! owner: Person friends(first: Int): [Pet!] }
    type Dog implements Pet {
      name: String! owner: Person friends(first: Int): [Pet!] volume: Int noise: String size: Int!
    }
    type Cat implements Pet {
      name: String! owner: Person friends(first: Int): [Pet!] volume: Int! noise: Int kittens: [Cat]
    }
    type Person { name: String pets: [Pet] best: Animal dog: Dog cat: Cat }
    union Animal = Dog | Cat
    type Query { pet: Pet animal: Animal dog: Dog cat: Cat person: Person }
    """)
)
FIELDS = [
    "name",
    "noise",
    "volume",
    "x: name",
    "x: noise",
    "x: volume",
    "x: kittens { name }",
    "friends { name }",
    "friends(first: 1) { name }",
    "friends(first: $n) { name }",
    "... on Dog { noise x: size }",
    "... on Cat { noise x: volume }",
    "...Mixed",
]
PARENTS = ["pet", "animal", "dog", "cat", "person", "x: pet", "x: dog", "owner", "best", "pets", "x: cat"]
MIXED = (
    "fragment Mixed on Pet { name ... on Dog { x: volume owner { name } } ... on Cat { x: noise owner { x: name } } }"
)
overlapping = st.recursive(
    st.lists(st.sampled_from(FIELDS), min_size=1, max_size=4).map(" ".join),
    lambda inner: st.lists(
        st.builds("{} {{ {} }}".format, st.sampled_from(PARENTS), inner)
        | st.builds("... on {} {{ {} }}".format, st.sampled_from(["Dog", "Cat", "Pet", "Animal", "Person"]), inner)
        | st.sampled_from(FIELDS),
        min_size=1,
        max_size=4,
    ).map(" ".join),
    max_leaves=8,
)


async def answer(query: str, variables: dict[str, Any] | None = None, limits: GraphQLLimits = LIMITS) -> Any:
    execution = Execution(SHOP, limits)
    read = await execution.document(query)
    return await execution.run(read, read.operation(None), variables or {}, context())


# ------------------------------------------------------------------------------------------------ introspection


@pytest.mark.parametrize("options", [STANDARD, {}, {"descriptions": False}])
async def test_the_standard_introspection_is_within_the_limits_and_equals_graphql_core(
    options: dict[str, bool],
) -> None:
    query = get_introspection_query(**options)
    ours = orjson.loads(orjson.dumps((await answer(query)).body["data"]))
    assert ours == execute_sync(SHOP.graphql, parse(query)).data


@settings(max_examples=150)
@given(st.data())
async def test_introspection_of_any_shape_equals_graphql_core(data: st.DataObject) -> None:
    selection, fragments = data.draw(st.composite(document)(SHOP.graphql, SHOP.graphql.type_map["__Schema"], depth=5))
    query = f"query ($all: Boolean) {{ __schema {{ {selection} }} }} {fragments}"
    generous = GraphQLLimits(introspection_steps=10**7, introspection_bytes=10**8)
    try:
        ours = (await answer(query, {"all": True}, generous)).body["data"]
    except Exception as refused:  # noqa: BLE001 - a document that validation refuses is the other tests' matter
        assert type(refused).__name__ == "InvalidDocument"  # noqa: PT017 - any other is a failure
        return
    theirs = execute_sync(SHOP.graphql, parse(query), variable_values={"all": True})
    assert orjson.loads(orjson.dumps(ours)) == theirs.data


@pytest.mark.parametrize(
    ("query", "limit"),
    [
        pytest.param(
            "{ __schema { types { ...T } } } fragment T on __Type { "
            + " ".join(f"t{i}: fields {{ ...F }}" for i in range(14))
            + " } fragment F on __Field { "
            + " ".join(f"n{i}: name" for i in range(15))
            + " }",
            "steps of introspection",
            id="aliases of fragments",
        ),
        pytest.param(
            "{ "
            + " ".join(
                f"s{i}: __schema {{ types {{ fields {{ name args {{ name description }} }} }} }}" for i in range(20)
            )
            + " }",
            "steps of introspection",
            id="the schema twenty times",
        ),
        pytest.param(
            "{ __schema { types { fields { type { ofType { fields { "
            + " ".join(f"d{i}: description" for i in range(20))
            + " } } } } } } }",
            "bytes of introspection",
            id="fields of fields",
        ),
    ],
)
async def test_multiplied_introspection_is_refused_at_a_limit(query: str, limit: str) -> None:
    wide = GraphQLLimits(aliases=1_000, introspection_steps=20_000, introspection_bytes=400_000)
    with pytest.raises(RequestRefused) as refused:
        await answer(query, limits=wide)
    assert limit in refused.value.message


async def most_between_turns(work: Any, counted: Callable[[], int]) -> int:
    """The most that is counted between two turns of the event loop while something is done."""
    most = last = 0

    async def canary() -> None:
        nonlocal most, last
        while True:
            most, last = max(most, counted() - last), counted()
            await asyncio.sleep(0)

    beside = asyncio.create_task(canary())
    try:
        await asyncio.sleep(0)
        await work
        await asyncio.sleep(0)
    finally:
        beside.cancel()
    return most


@pytest.mark.parametrize(
    "query",
    [
        pytest.param(get_introspection_query(**STANDARD), id="the standard query"),
        pytest.param(
            "{ __schema { " + " ".join(f"t{i}: types {{ name }}" for i in range(320)) + " } }", id="long lists"
        ),
    ],
)
async def test_introspection_yields_to_the_event_loop_after_a_thousand_steps(
    monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    made: list[Introspection] = []
    begin = Introspection.__init__

    def watched(self: Introspection, *given: Any) -> None:
        begin(self, *given)
        made.append(self)

    monkeypatch.setattr(Introspection, "__init__", watched)
    with suppress(RequestRefused):
        assert await most_between_turns(answer(query), lambda: sum(one.steps for one in made)) < 4 * TURN
    (one,) = made
    assert 10 * TURN < one.steps <= LIMITS.introspection_steps + TURN


async def test_a_list_of_the_schema_counts_a_step_for_each_item() -> None:
    types = len(SHOP.graphql.type_map)
    with pytest.raises(RequestRefused) as refused:
        await answer(
            "{ __schema { a: types { name } b: types { name } } }",
            limits=GraphQLLimits(introspection_steps=2 * types),
        )
    assert "steps of introspection" in refused.value.message


# ------------------------------------------------------------------------------------------------ merging of fields


@settings(max_examples=400)
@given(overlapping)
def test_field_merging_has_the_same_result_as_graphql_core(selection: str) -> None:
    ast = parse(f"query ($n: Int) {{ {selection} }} {MIXED}")
    ours, theirs = (validate(ANIMALS, ast, [rule]) for rule in (FieldsCanBeMerged, OverlappingFieldsCanBeMergedRule))
    assert bool(ours) == bool(theirs), (ours, theirs)


def test_a_merge_conflict_names_the_reason() -> None:
    def reasons(query: str) -> list[str]:
        return [
            error.message.partition(" because ")[2].partition(". ")[0]
            for error in validate(ANIMALS, parse(query), [FieldsCanBeMerged])
        ]

    assert reasons("{ dog { x: name x: noise } }") == ['"name" and "noise" are different fields']
    assert reasons("{ pet { friends(first: 1) { name } friends(first: 2) { name } } }") == [
        "they have differing arguments"
    ]
    assert reasons("{ pet { ... on Dog { noise } ... on Cat { noise } } }") == [
        'they return conflicting types "Int" and "String"'
    ]


def by_types(depth: int) -> str:
    """Friends of friends, each time of dogs, of cats and of any pet: they are merged twice as often at each level."""
    inner = "name"
    for _ in range(depth):
        inner = f"... on Dog {{ friends {{ name }} }} ... on Cat {{ friends {{ name }} }} friends {{ {inner} }}"
    return f"{{ pet {{ {inner} }} }}"


def test_merging_multiplied_by_types_is_refused_at_a_limit() -> None:
    assert validate(ANIMALS, parse(by_types(4)), [FieldsCanBeMerged]) == []
    with pytest.raises(RequestRefused, match="limit on fields to be merged"):
        validate(ANIMALS, parse(by_types(14)), [FieldsCanBeMerged])


OVERLAPPING = (
    "{ "
    + " ".join(
        f"a{i}: products(first: 1) {{ nodes {{ {'variants { id name sku stock price { amount } } ' * 10} }} }}"
        for i in range(14)
    )
    + " }"
)


async def test_merging_compares_each_field_a_bounded_number_of_times(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = 0
    shape = field_merge._shape

    def counted(declared: Any) -> str:
        nonlocal looked
        looked += 1
        return shape(declared)

    monkeypatch.setattr(field_merge, "_shape", counted)
    await Execution(SHOP, GraphQLLimits()).document(OVERLAPPING)
    fields = 14 * (2 + 10 * 7)
    assert fields <= looked <= 4 * fields


# ------------------------------------------------------------------------------------------------ answers


async def test_characters_in_a_response_are_limited(schema: Schema) -> None:
    small = Execution(schema, GraphQLLimits(characters=20))
    read = await small.document('{ a: echo(text: "0123456789") b: echo(text: "0123456789") c: echo(text: "0") }')
    with pytest.raises(RequestRefused, match="limit on characters in the answer"):
        await small.run(read, read.operation(None), {}, context())


async def test_completed_mutations_are_returned_and_later_ones_not_started_at_the_limit(schema: Schema) -> None:
    small = Execution(schema, GraphQLLimits(characters=3))
    read = await small.document(
        "mutation { a: thingSend { __typename errors { message } } b: thingSend { __typename } }"
    )
    body = (await small.run(read, read.operation(None), {}, context())).body
    assert (body["data"]["a"]["__typename"], body["data"]["b"]) == ("ThingChangePayload", None)
    (error,) = body["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["b"], "LIMIT_EXCEEDED")


async def test_values_are_limited_where_objects_cost_little() -> None:
    fields = "id name slug description stock isInStock price { amount currency } "
    query = "{ " + " ".join(f"a{i}: products(first: 100) {{ nodes {{ {fields} ...M }} }}" for i in range(20)) + " }"
    more = " fragment M on Product { variants { id name sku price { amount currency } options { name value } } }"
    with pytest.raises(RequestRefused, match=r"limit on (values|cost)"):
        await answer(query + more)
