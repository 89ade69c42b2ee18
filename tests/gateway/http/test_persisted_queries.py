"""Automatic persisted queries, as Apollo clients send them: the digest first, the text when the digest is unknown."""

from hashlib import sha256
from typing import Any

import httpx
import orjson
import pytest

from gateway.graphql.core.errors import RequestRefused
from gateway.graphql.core.schema import Schema
from gateway.graphql.engine.execution import Execution
from gateway.graphql.engine.limits import GraphQLLimits

QUERY = "query Name { __typename }"


def persisted(query: str, **given: Any) -> dict[str, Any]:
    digest = sha256(query.encode()).hexdigest()
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest} | given}}


async def test_an_unknown_digest_requests_the_text_and_is_known_afterwards(client: httpx.AsyncClient) -> None:
    unknown = await client.post("/graphql", json=persisted(QUERY))
    assert unknown.status_code == 200
    assert unknown.json() == {
        "errors": [{"message": "PersistedQueryNotFound", "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"}}]
    }
    sent = await client.post("/graphql", json={"query": QUERY} | persisted(QUERY))
    again = await client.post("/graphql", json={"operationName": "Name"} | persisted(QUERY))
    assert sent.json() == again.json()
    assert again.json()["data"] == {"__typename": "Query"}


async def test_a_digest_can_be_sent_in_a_url(client: httpx.AsyncClient) -> None:
    await client.post("/graphql", json={"query": QUERY})
    extensions = orjson.dumps(persisted(QUERY)["extensions"]).decode()
    response = await client.get("/graphql", params={"extensions": extensions})
    assert response.json()["data"] == {"__typename": "Query"}


async def test_a_mutation_by_digest_is_refused_in_a_url(client: httpx.AsyncClient) -> None:
    mutation = "mutation { thingSend { errors { code } } }"
    await client.post("/graphql", json={"query": mutation})
    extensions = orjson.dumps(persisted(mutation)["extensions"]).decode()
    assert (await client.get("/graphql", params={"extensions": extensions})).status_code == 405


async def test_a_text_that_does_not_match_its_digest_is_refused(client: httpx.AsyncClient) -> None:
    response = await client.post("/graphql", json={"query": "{ __typename }"} | persisted(QUERY))
    assert response.status_code == 400
    assert response.json()["errors"][0]["message"] == "The `sha256Hash` is not that of the `query`."
    assert (await client.post("/graphql", json=persisted(QUERY))).json()["errors"][0]["message"] == (
        "PersistedQueryNotFound"
    )


@pytest.mark.parametrize(
    "bad",
    [
        {"version": 2},
        {"sha256Hash": "abc"},
        {"sha256Hash": None},
        {"sha256Hash": 1},
        {"sha256Hash": ""},
        {"sha256Hash": "f" * 65},
        {"sha256Hash": "f" * 100_000},
        {"sha256Hash": "\0" * 64},
    ],
)
@pytest.mark.parametrize("query", [{}, {"query": QUERY}])
async def test_a_malformed_digest_is_refused(
    client: httpx.AsyncClient, bad: dict[str, Any], query: dict[str, str]
) -> None:
    response = await client.post("/graphql", json=query | persisted(QUERY, **bad))
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("prefix", ["", "sha256:"])
async def test_a_document_id_is_a_digest(client: httpx.AsyncClient, prefix: str) -> None:
    asked = {"documentId": prefix + sha256(QUERY.encode()).hexdigest()}
    unknown = await client.post("/graphql", json=asked)
    assert (unknown.status_code, len(unknown.json()["errors"])) == (200, 1)
    assert unknown.json()["errors"][0]["message"] == "PersistedQueryNotFound"
    await client.post("/graphql", json={"query": QUERY} | asked)
    assert (await client.post("/graphql", json=asked)).json()["data"] == {"__typename": "Query"}
    assert (await client.get("/graphql", params=asked)).json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize("bad", ["", "a b", "x" * 257, "é", 1, ["a"], "thing", "sha256:abc", "x-own:1"])
async def test_another_document_id_is_refused(client: httpx.AsyncClient, bad: Any) -> None:
    response = await client.post("/graphql", json={"documentId": bad})
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")


async def test_two_ids_of_different_documents_are_refused(client: httpx.AsyncClient) -> None:
    other = sha256(b"{ __typename }").hexdigest()
    response = await client.post("/graphql", json={"query": QUERY, "documentId": other} | persisted(QUERY))
    assert response.status_code == 400
    assert response.json()["errors"][0]["message"] == (
        "`documentId` and `extensions.persistedQuery` name different documents. Send one of them."
    )


async def test_an_invalid_query_is_not_stored(client: httpx.AsyncClient) -> None:
    await client.post("/graphql", json={"query": "{ nowhere }"} | persisted("{ nowhere }"))
    answer = (await client.post("/graphql", json=persisted("{ nowhere }"))).json()
    assert answer["errors"][0]["message"] == "PersistedQueryNotFound"


async def test_stored_queries_are_limited_with_the_documents(schema: Schema) -> None:
    execution = Execution(schema, GraphQLLimits(cached_documents=2))
    for name in ("a", "b", "c"):
        await execution.document(f"{{ {name}: __typename }}")
    digest = sha256(b"{ a: __typename }").hexdigest()
    with pytest.raises(RequestRefused, match="PersistedQueryNotFound"):
        await execution.text(None, digest)
    assert await execution.text(None, sha256(b"{ c: __typename }").hexdigest()) == "{ c: __typename }"
