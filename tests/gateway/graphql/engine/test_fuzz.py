"""Every request gets a JSON response below 500 without internal details."""

import asyncio
from typing import Any

import httpx
import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.graphql.core.schema import build_schema
from tests.gateway.conftest import client_of, make_api, make_app
from tests.gateway.toy_shop import RecordingDatabase, ToyMutation, ToyQuery, ToySubscription

APP = make_app(make_api(build_schema([ToyQuery], [ToyMutation], [ToySubscription]), RecordingDatabase()))
TOKENS = [
    *"{}()[]!$:=|@&",
    "...",
    "query",
    "mutation",
    "subscription",
    "fragment",
    "F",
    "on",
    "Thing",
    "things",
    "nodes",
]
TOKENS += [
    "echo",
    "text",
    "number",
    "json",
    "amount",
    '"a"',
    '"""b"""',
    "1",
    "-0",
    "1.5e9",
    "null",
    "true",
    "$v",
    "Int",
]
TOKENS += [
    "@skip(if: true)",
    "...F",
    "id",
    "maker",
    "thingChange",
    "thingChanged",
    "anyThing",
    "input",
    "name",
    "#c\n",
    '"\\u0001"',
    "\ufeff",
    "é",
]

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=5),
    max_leaves=15,
)
queries = st.lists(st.sampled_from(TOKENS), max_size=25).map(" ".join) | st.text(max_size=60)
variables = st.none() | st.dictionaries(st.sampled_from(["t", "n", "a", "j", "other"]), values, max_size=4)
ECHO = "query ($t: String, $n: Int, $a: Decimal, $j: JSON) { echo(text: $t, number: $n, amount: $a, json: $j) }"


def send(content: bytes, **headers: str) -> httpx.Response:
    async def one() -> httpx.Response:
        async with client_of(APP) as client:
            return await client.post(
                "/graphql", content=content, headers={"content-type": "application/json"} | headers
            )

    return asyncio.run(one())


def faults(response: httpx.Response) -> list[str]:
    """The signs of a fault in a response."""
    errors = response.json().get("errors", ())
    broken = [error["message"] for error in errors if error["extensions"]["code"] == "INTERNAL_ERROR"]
    broken += [error["message"] for error in errors if "Traceback" in error["message"]]
    return broken if response.status_code < 500 else [*broken, f"status {response.status_code}"]


def dumped(value: Any) -> bytes:
    return orjson.dumps(value, default=str) if not _odd(value) else str(value).encode(errors="surrogatepass")


def _odd(value: Any) -> bool:
    try:
        orjson.dumps(value)
    except orjson.JSONEncodeError:
        return True
    return False


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200) | values.map(dumped))
def test_any_body_gets_a_client_error(content: bytes) -> None:
    response = send(content)
    assert response.status_code in (400, 413)
    assert faults(response) == []


@settings(max_examples=150, deadline=None)
@given(queries, variables, st.sampled_from(["application/json", "application/graphql-response+json", "text/html"]))
def test_any_query_gets_a_response_without_a_fault(query: str, given: Any, accept: str) -> None:
    content = dumped({"query": query, "variables": given})
    assert faults(send(content, accept=accept)) == []


@settings(max_examples=100, deadline=None)
@given(variables)
def test_any_variables_get_a_response_without_a_fault(given: Any) -> None:
    assert faults(send(dumped({"query": ECHO, "variables": given}))) == []
