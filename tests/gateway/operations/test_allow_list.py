"""The list of allowed operations over HTTP: by id or by the exact text, and nothing else, for every caller."""

from collections.abc import AsyncIterator, Callable
from hashlib import md5
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from graphql import get_introspection_query
from structlog.testing import capture_logs

from gateway.graphql.core.schema import Schema
from gateway.operations.allow_list import AllowList
from gateway.operations.query_texts import QueryTexts
from gateway.settings import load
from tests.gateway.conftest import client_of, make_api, make_app
from tests.gateway.operations.samples import (
    MUTATION,
    QUERY,
    THINGS,
    apollo,
    by_md5,
    by_sha1,
    digest,
    operation,
    persisted,
    written,
)
from tests.gateway.toy_shop import RecordingDatabase

CALLED = {"data": {"__typename": "Query"}}
REFUSED = {
    "errors": [
        {
            "message": "This operation is not allowed: the server executes only the operations of its list.",
            "extensions": {"code": "OPERATION_NOT_ALLOWED"},
        }
    ]
}
MD5 = md5(QUERY.encode(), usedforsecurity=False).hexdigest()


@pytest.fixture
def allowing(schema: Schema, tmp_path: Path) -> Callable[..., httpx.AsyncClient]:
    """A factory of clients of a server with these manifests."""

    def make(*manifests: Any) -> httpx.AsyncClient:
        files = [written(tmp_path, content, f"{number}.json") for number, content in enumerate(manifests)]
        texts = QueryTexts(allowed=AllowList.read(files))
        settings = load(operations_files=tuple(files), access_log=False).http
        return client_of(make_app(make_api(schema, RecordingDatabase(), texts=texts), settings))

    return make


@pytest.fixture
async def client(allowing: Callable[..., httpx.AsyncClient]) -> AsyncIterator[httpx.AsyncClient]:
    async with allowing(apollo(operation(QUERY), operation(MUTATION)), by_md5(QUERY, THINGS)) as made:
        yield made


@pytest.mark.parametrize(
    "request_body",
    [
        {"query": QUERY},
        {"query": QUERY} | persisted(QUERY),
        persisted(QUERY),
        {"documentId": digest(QUERY)},
        {"documentId": f"sha256:{digest(QUERY)}"},
        {"documentId": MD5},
        {"documentId": MD5, "query": QUERY},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": MD5}}},
        {"documentId": digest(THINGS), "variables": {"first": 0}},
    ],
)
async def test_a_listed_operation_is_executed(client: httpx.AsyncClient, request_body: dict[str, Any]) -> None:
    response = await client.post("/graphql", json=request_body)
    assert response.status_code == 200
    assert "errors" not in response.json()
    assert response.json()["data"] in (CALLED["data"], {"things": {"nodes": []}})


async def test_listed_operations_are_executed_by_get(client: httpx.AsyncClient) -> None:
    for parameters in ({"documentId": MD5}, {"query": QUERY}, {"documentId": f"sha256:{digest(QUERY)}"}):
        response = await client.get("/graphql", params=parameters)
        assert (response.status_code, response.json()["data"]) == (200, CALLED["data"])
    extensions = orjson.dumps(persisted(QUERY)["extensions"]).decode()
    assert (await client.get("/graphql", params={"extensions": extensions})).json()["data"] == CALLED["data"]


async def test_a_mutation_is_executed_by_id_and_never_by_get(client: httpx.AsyncClient) -> None:
    sent = await client.post("/graphql", json=persisted(MUTATION))
    assert (sent.status_code, "thingSend" in sent.json()["data"]) == (200, True)
    extensions = orjson.dumps(persisted(MUTATION)["extensions"]).decode()
    for parameters in ({"extensions": extensions}, {"documentId": digest(MUTATION)}, {"query": MUTATION}):
        response = await client.get("/graphql", params=parameters)
        assert (response.status_code, response.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    "request_body",
    [
        {"query": "{ __typename }"},
        {"query": QUERY + " "},
        {"query": QUERY.replace("Name", "Other")},
        {"query": "{ nowhere"},
        {"query": get_introspection_query()},
        {"query": "{ __typename }"} | persisted("{ __typename }"),
        {"query": QUERY} | persisted("{ __typename }"),
        persisted("{ __typename }"),
        {"documentId": "unknown"},
        {"documentId": MD5.upper()},
    ],
)
async def test_every_other_operation_is_refused(client: httpx.AsyncClient, request_body: dict[str, Any]) -> None:
    for accept in ("application/json", "application/graphql-response+json"):
        response = await client.post("/graphql", json=request_body, headers={"accept": accept})
        assert (response.status_code, response.json()) == (403, REFUSED)


async def test_staff_are_bound_by_the_list_too(client: httpx.AsyncClient) -> None:
    response = await client.post(
        "/graphql", json={"query": "{ __typename }"}, headers={"authorization": "Bearer staff"}
    )
    assert (response.status_code, response.json()) == (403, REFUSED)


async def test_a_listed_id_with_another_text_is_refused(client: httpx.AsyncClient) -> None:
    response = await client.post("/graphql", json={"documentId": MD5, "query": THINGS})
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")


async def test_an_operation_that_was_refused_is_not_stored(client: httpx.AsyncClient) -> None:
    text = "query Fine { __typename }"
    await client.post("/graphql", json={"query": text} | persisted(text))
    assert (await client.post("/graphql", json=persisted(text))).json() == REFUSED


async def test_there_is_no_graphiql_beside_a_list(client: httpx.AsyncClient) -> None:
    response = await client.get("/graphql", headers={"accept": "text/html"})
    assert response.headers["content-type"].startswith("application/")
    assert (await client.get("/")).json()["graphiql"] is None


async def test_introspection_is_executed_when_it_is_listed(allowing: Callable[..., httpx.AsyncClient]) -> None:
    async with allowing({"introspection": get_introspection_query()}, by_sha1(QUERY)) as client:
        response = await client.post("/graphql", json={"documentId": "introspection"})
        assert response.json()["data"]["__schema"]["queryType"]["name"] == "Query"


async def test_a_refused_operation_is_a_security_event(client: httpx.AsyncClient) -> None:
    with capture_logs() as lines:
        await client.post("/graphql", json={"query": "{ __typename }"})
    (event,) = [line for line in lines if line["event"] == "security"]
    assert (event["kind"], event["code"], event["reason"]) == (
        "authorization",
        "OPERATION_NOT_ALLOWED",
        "OperationNotListed",
    )
