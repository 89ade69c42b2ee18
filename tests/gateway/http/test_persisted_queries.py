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


@pytest.mark.parametrize("bad", [{"version": 2}, {"sha256Hash": "abc"}, {"sha256Hash": None}, {"sha256Hash": 1}])
async def test_a_malformed_digest_is_refused(client: httpx.AsyncClient, bad: dict[str, Any]) -> None:
    response = await client.post("/graphql", json=persisted(QUERY, **bad))
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")


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
        execution.text(None, digest)
    assert execution.text(None, sha256(b"{ c: __typename }").hexdigest()) == "{ c: __typename }"
