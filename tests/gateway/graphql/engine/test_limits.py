"""Attacks by query: each is refused with the name, value and maximum of the limit."""

import asyncio
import gc
import weakref
from typing import Any

import httpx
import pytest
from graphql import parse

from gateway.graphql.core.errors import RequestRefused
from gateway.graphql.core.schema import Schema
from gateway.graphql.engine.cost import CostModel
from gateway.graphql.engine.execution import Execution
from gateway.graphql.engine.limits import GraphQLLimits, check_document
from gateway.http.settings import HttpSettings
from tests.gateway.conftest import client_of, make_api, make_app
from tests.gateway.graphql.engine.test_batch import context
from tests.gateway.toy_shop import RecordingDatabase


def doubling_fragments(count: int) -> str:
    """Fragments that each spread the next twice: without memoization, measuring takes 2^count steps."""
    twice = "".join(
        f"fragment F{i} on Maker {{ {field} {field} }}"
        for i, field in ((i, f"things {{ maker {{ ...F{i + 1} }} }}") for i in range(count))
    )
    return f"{{ things {{ nodes {{ maker {{ ...F0 ...F0 }} }} }} }} {twice} fragment F{count} on Maker {{ name }}"


def same_name(makers: int) -> str:
    """One name eight times under each of so many aliases."""
    return " ".join(f"a{i}: things {{ nodes {{ {'name ' * 8} }} }}" for i in range(makers))


def flat_fragments(count: int) -> str:
    spreads = " ".join(f"...F{i}" for i in range(count))
    return f"{{ {spreads} }} " + " ".join(f"fragment F{i} on Query {{ __typename }}" for i in range(count))


def cycle() -> str:
    return "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"


ATTACKS = [
    pytest.param(
        "depth", 17, "{ things { nodes " + "{ maker { things " * 7 + "{ name }" + " } }" * 7 + " } }", id="depth"
    ),
    pytest.param("fields", 41_943_035, doubling_fragments(22), id="22 nested fragments"),
    pytest.param("fragments", 200, flat_fragments(200), id="200 fragments"),
    pytest.param("tokens", 2_001, flat_fragments(1_000), id="1,000 fragments"),
    pytest.param("tokens", 2_001, "{ " + "__typename " * 3_000 + "}", id="tokens"),
    pytest.param("aliases", 31, "{ " + " ".join(f"a{i}: __typename" for i in range(31)) + " }", id="aliases"),
    pytest.param("directives", 51, "{ __typename " + "@include(if: true) " * 51 + "}", id="directives"),
    pytest.param("repeats of one field", 21, "{ " + "__typename " * 21 + "}", id="repeats"),
    pytest.param("repeats of one field", 21, "{ " + "... { __typename } " * 21 + "}", id="repeats inline"),
    pytest.param("fields of one name", 152, "{ " + same_name(19) + " }", id="names"),
    pytest.param("length", 50_001, "{ __typename }" + " " * 49_987, id="length"),
    pytest.param("length", 1_000_018, '{ echo(text: "' + "x" * 1_000_000 + '") }', id="1 MB string"),
    pytest.param("lines", 5_001, "{ __typename }" + "\n" * 5_001, id="lines"),
    pytest.param("lines", 5_001, "{ __typename }" + "\r" * 5_001, id="returns"),
    pytest.param("comments", 2_001, "{ __typename }" + "#\n" * 2_001, id="comments"),
    pytest.param("nesting", 61, "{ a" * 61 + "}" * 61, id="braces"),
    pytest.param("nesting", 61, "{ echo(json: " + "[" * 1_000 + "]" * 1_000 + ") }", id="brackets"),
    pytest.param("nesting", 61, "{ echo(json: " + "{a:" * 600 + "1" + "}" * 600 + ") }", id="objects"),
    pytest.param("list items", 251, "{ echo(json: [" + "1 " * 251 + "]) }", id="list literal"),
    pytest.param("list items", 251, "{ echo(json: {a: {b: [" + "1 " * 251 + "]}}) }", id="list literal inside"),
    pytest.param(
        "cost",
        11_201,
        "{ things(first: 100) { nodes { maker { things { maker { thingPage(first: 8) { nodes { name } } } } } } } }",
        id="cost",
    ),
]


@pytest.mark.parametrize(("limit", "value", "query"), ATTACKS)
async def test_an_attack_is_refused_with_the_limit_while_others_are_answered(
    client: httpx.AsyncClient, limit: str, value: int, query: str
) -> None:
    attack, canary = await asyncio.gather(
        client.post("/graphql", json={"query": query}), client.post("/graphql", json={"query": "{ __typename }"})
    )
    assert canary.json()["data"] == {"__typename": "Query"}
    assert attack.status_code == 400
    (error,) = attack.json()["errors"]
    maximum = error["extensions"]["maximum"]
    assert error["message"] == f"The query exceeds the limit on {limit}: {value}, at most {maximum} allowed."
    assert error["extensions"] == {"code": "LIMIT_EXCEEDED", "limit": limit, "value": value, "maximum": maximum}
    assert "data" not in attack.json()


@pytest.mark.parametrize("query", [cycle(), "{ ...A } fragment A on Query { __typename ...A }"])
async def test_a_cycle_of_fragments_is_a_validation_error(client: httpx.AsyncClient, query: str) -> None:
    response = await client.post("/graphql", json={"query": query})
    assert response.json()["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


@pytest.mark.parametrize(
    ("limit", "value", "variables"),
    [
        ("list items", 251, {"j": [1] * 251}),
        ("list items", 251, {"j": {"deep": [[1] * 251]}}),
        ("values in variables", 5_001, {"j": [[[0] * 250] * 20]}),
        ("nesting of variables", 61, {"j": eval("[" * 61 + "]" * 61)}),  # noqa: S307 - a literal of brackets
    ],
)
async def test_variables_are_limited(client: httpx.AsyncClient, limit: str, value: int, variables: Any) -> None:
    body = {"query": "query ($j: JSON) { echo(json: $j) }", "variables": variables}
    response = await client.post("/graphql", json=body)
    assert response.status_code == 400
    extensions = response.json()["errors"][0]["extensions"]
    assert (extensions["limit"], extensions["value"]) == (limit, value)


async def test_measuring_costs_grows_with_the_text_and_not_with_the_paths(schema: Schema) -> None:
    """Forty fragments that each spread the next twice would take 2^40 steps without memoization."""
    ast = parse(doubling_fragments(40))
    with pytest.raises(RequestRefused, match="limit on fields"):
        check_document(ast, GraphQLLimits(depth=10_000, same_name=10_000))
    assert CostModel(schema.graphql, ast).of(ast.definitions[0], {}).cost == 1_000_000_000  # type: ignore[arg-type]


def test_a_thousand_fragments_are_measured_once_each(schema: Schema) -> None:
    chain = "".join(f"fragment F{i} on Query {{ ...F{i + 1} ...F{i + 1} }} " for i in range(900))
    ast = parse("{ ...F0 } " + chain + "fragment F900 on Query { things(first: 2) { nodes { name } } }")
    model = CostModel(schema.graphql, ast)
    # Cost and values, at their greatest.
    assert model.of(ast.definitions[0], {}) == (1_000_000_000, 1_000_000_000)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "variables", "cost"),
    [
        ("{ __typename }", {}, 0),
        ("{ things { nodes { name } } }", {}, 1 + 20),
        ("{ things(first: 3) { nodes { name } } }", {}, 1 + 3),
        ("{ things(last: 3) { edges { node { name } } } }", {}, 1 + 3),
        ("query ($n: Int) { things(first: $n) { nodes { name } } }", {"n": 7}, 1 + 7),
        ("query ($n: Int) { things(first: $n) { nodes { name } } }", {}, 1 + 20),
        ("query ($n: Int) { things(first: $n) { nodes { name } } }", {"n": None}, 1 + 20),
        ("query ($n: Int) { things(first: $n) { nodes { name } } }", {"n": 90.0}, 1 + 90),
        ("query ($n: Int = 80) { things(first: $n) { nodes { name } } }", {}, 1 + 80),
        ("query ($n: Int = 80) { things(first: $n) { nodes { name } } }", {"n": 5}, 1 + 5),
        ("query ($n: Int) { things(first: $n) { nodes { maker { name } } } }", {"n": 0}, 1 + 2),
        ("{ things(first: 3) { nodes { maker { things { name } } } } }", {}, 1 + 3 * (1 + 1 + 10)),
        ("{ things(first: 3) { ...P } } fragment P on ThingConnection { nodes { name } }", {}, 1 + 3),
        (
            "{ things(first: 2) { nodes { maker { thingPage(first: 4) { nodes { name } } } } } }",
            {},
            1 + 2 * (2 + 1 + 4),
        ),
        ("mutation { a: thingSend { thing { name } } b: thingSend { thing { name } } }", {}, 2 * (10 + 1)),
    ],
)
async def test_the_cost_of_an_operation_is_what_it_may_load(
    ask: Any, query: str, variables: dict[str, Any], cost: int
) -> None:
    answer = await ask(query, variables)
    assert answer["extensions"]["cost"] == {"requested": cost, "maximum": 10_000}


async def test_a_page_of_more_than_a_hundred_is_refused(ask: Any) -> None:
    answer = await ask("{ things(first: 101) { nodes { name } } }")
    assert answer["data"] == {"things": None}
    assert answer["errors"][0]["message"] == "`first` must be between 0 and 100; it is 101."
    assert answer["errors"][0]["extensions"] == {"code": "OUT_OF_RANGE", "input": ["first"]}


async def test_a_document_is_parsed_once(schema: Schema) -> None:
    execution = Execution(schema, GraphQLLimits(cached_documents=2))
    first = await execution.document("{ __typename }")
    assert await execution.document("{ __typename }") is first
    await execution.document("{ a: __typename }")
    await execution.document("{ b: __typename }")
    assert await execution.document("{ __typename }") is not first


async def test_cached_documents_are_limited_by_their_length(schema: Schema) -> None:
    execution = Execution(schema, GraphQLLimits(cached_characters=100))
    first = await execution.document("{ __typename }" + " " * 40)
    assert await execution.document("{ __typename }" + " " * 40) is first
    await execution.document("{ a: __typename }" + " " * 40)
    assert await execution.document("{ __typename }" + " " * 40) is not first
    long = await execution.document("{ __typename }" + " " * 100)
    assert await execution.document("{ __typename }" + " " * 100) is not long


async def test_a_cached_document_keeps_no_values_of_variables(schema: Schema) -> None:
    class Text(str):
        """A text that can be weakly referenced."""

        __slots__ = ("__weakref__",)

    execution = Execution(schema, GraphQLLimits())
    document = await execution.document("query ($text: String!, $no: Boolean!) { echo(text: $text) @skip(if: $no) }")
    for is_skipped in (False, True):
        text = Text("a large or secret value")
        given = {"text": text, "no": is_skipped}
        answer = await execution.run(document, document.operation(None), given, context())
        assert answer.body["data"] == ({} if is_skipped else {"echo": text})
        remembered = weakref.ref(text)
        del text, given, answer
        gc.collect()
        assert remembered() is None


async def test_introspection_graphiql_and_suggestions_are_disabled_together(schema: Schema) -> None:
    closed = make_api(schema, RecordingDatabase(), GraphQLLimits(introspection=False))
    async with client_of(make_app(closed, HttpSettings(graphiql=False, access_log=False))) as client:
        browser = await client.get("/graphql", headers={"accept": "text/html"})
        assert browser.status_code == 406
        for query in ("{ __schema { types { name } } }", '{ __type(name: "Thing") { name } }'):
            asked = (await client.post("/graphql", json={"query": query})).json()
            assert asked["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
            assert "data" not in asked
        typo = (await client.post("/graphql", json={"query": "{ thinks { nodes { nam } } }"})).json()
        assert "Did you mean" not in typo["errors"][0]["message"]
        known = (await client.post("/graphql", json={"query": "{ __typename }"})).json()
        assert known["data"] == {"__typename": "Query"}


async def test_a_misspelt_field_gets_a_suggestion_where_introspection_is_enabled(ask: Any) -> None:
    answer = await ask("{ thinks { nodes { name } } }")
    assert "Did you mean" in answer["errors"][0]["message"]
