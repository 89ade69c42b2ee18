"""Invalid values for every argument of every operation: no fault, and nothing changes."""

from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from graphql import GraphQLEnumType, get_named_type

from gateway.graphql.core.schema import build_schema
from tests.gateway.graphql.core.test_tenants import contents, variables
from tests.gateway.sample_shop import create_objects, user_tokens
from tests.gateway.schema_operations import Operation, emptied, operations, replaced
from tests.gateway.site import Site

SCHEMA = build_schema().graphql
NUMBERS_OUT_OF_RANGE = [2**31, -(2**31) - 1, 2**63, 10**400]
# What is never a value of the type, so that the request must be refused and change nothing.
NEVER: dict[str, list[Any]] = {
    "ID": ["not-a-uuid", "", "01a1fc47", 5, "\x00", {}],
    "String": ["a\x00b", 5, True, {}],
    "Int": [*NUMBERS_OUT_OF_RANGE, "3", 1.5, "NaN"],
    "Decimal": ["NaN", "Infinity", "1e400", "a price", "", {}],
    "Boolean": ["true", 1, {}],
    "DateTime": ["yesterday", 5, "2026-13-45T99:00:00Z"],
    "CurrencyCode": ["EURO", "XXQ", 5],
}
# What may be a value of the type; whether it is accepted is for the operation, but it must not break it.
ODD: dict[str, list[Any]] = {
    "String": ["", " ", "' or 1=1 --", "%_\\", "a" * 60_000, "\N{RIGHT-TO-LEFT OVERRIDE}\N{SNOWMAN}", "{{7*7}}"],
    "Int": [0, -1, -(2**31), 2**31 - 1],
    "Decimal": ["-1", "0", "0.00001", "999999999999999999", "1e14", 7],
    "ID": ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"],
    "DateTime": ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"],
    "JSON": [[], "text", None, {"a": {"b": {"c": [1] * 50}}}],
}


def leaves(operation: Operation, values: dict[str, list[Any]]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each argument with each value that `values` has for its type."""
    for path, kind in operation.paths():
        named = get_named_type(kind)
        bad = ["NO_SUCH_MEMBER", 5] if isinstance(named, GraphQLEnumType) else values.get(named.name, [])
        yield from ((path, value) for value in bad)


@pytest.fixture
async def shop(make_site: Callable[..., Site]) -> tuple[Site, str, dict[str, str]]:
    """A sample shop and the token of its administrator."""
    site = make_site()
    site.headers = {"content-type": "application/json"}
    admin, customer = await user_tokens(site)
    return site, admin, await create_objects(site, admin, customer)


def faults(status: int, answer: dict[str, Any]) -> bool:
    """Whether a response contains a fault."""
    codes = {error["extensions"]["code"] for error in answer.get("errors", [])}
    return status >= 500 or "INTERNAL_ERROR" in codes


async def test_a_value_of_the_wrong_type_is_refused_and_changes_nothing(
    shop: tuple[Site, str, dict[str, str]], owner: Any
) -> None:
    site, token, ids = shop
    before = await contents(owner, site.company_id)
    tried = 0
    for operation in operations(SCHEMA):
        for path, value in leaves(operation, NEVER):
            body = replaced(variables(operation, ids), path, operation.field, value)
            content = orjson.dumps({"query": operation.text}).decode()[:-1] + ',"variables":' + _json(body) + "}"
            response = await site.send(who=token, content=content.encode())
            answer = response.json()
            where = (operation.name, path, value, answer)
            assert not faults(response.status_code, answer), where
            assert answer["errors"][0]["message"], where
            tried += 1
    assert tried > 500
    assert await contents(owner, site.company_id) == before


async def test_a_valid_but_unusual_value_causes_no_fault(shop: tuple[Site, str, dict[str, str]]) -> None:
    site, token, ids = shop
    tried = 0
    for operation in operations(SCHEMA):
        for path, value in leaves(operation, ODD):
            odd = replaced(variables(operation, ids), path, operation.field, value)
            response = await site.post(operation.text, token, **odd)
            assert not faults(response.status_code, response.json()), (operation.name, path, value, response.text)
            tried += 1
    assert tried > 500


async def test_an_empty_list_causes_no_fault(shop: tuple[Site, str, dict[str, str]]) -> None:
    site, token, ids = shop
    tried = set()
    for operation in operations(SCHEMA):
        for path in operation.lists():
            empty = emptied(variables(operation, ids), path, operation.field)
            response = await site.post(operation.text, token, **empty)
            assert not faults(response.status_code, response.json()), (operation.name, path, response.text)
            tried.add(operation.name)
    assert {"activityTrack", "cartItemsAdd", "cartSync", "stockBulkUpdate", "stockSet", "products", "nodes"} <= tried


async def test_a_lone_surrogate_is_refused(shop: tuple[Site, str, dict[str, str]]) -> None:
    site, token, _ = shop
    query = b"query ($s: String!) { productSuggestions(search: $s) { __typename } }"
    content = b'{"query":"' + query + rb'","variables":{"s":"\ud800"}}'
    response = await site.send(who=token, content=content)
    assert response.status_code == 400
    assert response.json()["errors"][0]["message"]


async def test_a_megabyte_of_text_is_refused_with_the_limit(shop: tuple[Site, str, dict[str, str]]) -> None:
    site, token, _ = shop
    query = "query ($s: String!) { productSuggestions(search: $s) { __typename } }"
    response = await site.post(query, token, s="a" * 2_000_000)
    assert response.status_code == 413
    assert "bytes" in response.json()["errors"][0]["message"]


def _json(value: Any) -> str:
    """JSON, integers of any size included."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{_json(key)}:{_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_json, value)) + "]"
    return str(value) if type(value) is int else orjson.dumps(value).decode()
