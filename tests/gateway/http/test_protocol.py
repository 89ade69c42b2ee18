"""GraphQL over HTTP: the reading of the public audit suite (npm `graphql-http`, `serverAudits`), each by its id."""

from typing import Any

import httpx
import orjson
import pytest

from gateway.http.negotiation import media_type

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
HEADERS = {"content-type": JSON, "accept": GRAPHQL}
TYPENAME = "{ __typename }"


async def post(client: httpx.AsyncClient, body: Any, accept: str | None = GRAPHQL) -> httpx.Response:
    headers = {"content-type": JSON} | ({"accept": accept} if accept else {})
    return await client.post("/graphql", content=orjson.dumps(body), headers=headers)


def content_type(response: httpx.Response) -> str:
    return response.headers["content-type"]


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        pytest.param(GRAPHQL, GRAPHQL, id="22EB"),
        pytest.param(JSON, JSON, id="4655"),
        pytest.param("*/*", JSON, id="47DE"),
        pytest.param("", JSON, id="80D8"),
        pytest.param(f"{JSON};q=0.5, {GRAPHQL}", GRAPHQL, id="weighed"),
        pytest.param("APPLICATION/JSON", JSON, id="any case"),
        pytest.param(f"{GRAPHQL}, " + "a;b=c;d, " * 6_000, JSON, id="too long to be read"),
    ],
)
async def test_the_response_has_the_accepted_media_type(
    client: httpx.AsyncClient, accept: str, answered: str
) -> None:
    response = await post(client, {"query": TYPENAME}, accept)
    assert (response.status_code, content_type(response)) == (200, f"{answered}; charset=utf-8")
    assert response.json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize("accept", ["image/png", "application/jsonx", "text/html;q=0, image/*"])
async def test_an_unsupported_media_type_is_refused(client: httpx.AsyncClient, accept: str) -> None:
    response = await post(client, {"query": TYPENAME}, accept)
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (406, "NOT_ACCEPTABLE")


def test_a_media_type_has_a_bounded_number_of_parameters() -> None:
    parameters = "".join(f"; p{number}=x" for number in range(10_000))
    assert media_type(f"{JSON}{parameters}").parameters == {f"p{number}": "x" for number in range(10)}


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(JSON, id="78D5"),
        pytest.param(f"{JSON}; charset=utf-8", id="BF61"),
        pytest.param('Application/JSON; Charset="UTF-8"', id="any case"),
    ],
)
async def test_a_post_in_json_is_accepted(client: httpx.AsyncClient, given: str) -> None:
    query = '{ echo(text: "Grüße 🎁") }'
    response = await client.post("/graphql", content=orjson.dumps({"query": query}), headers={"content-type": given})
    assert response.json()["data"] == {"echo": "Grüße 🎁"}


@pytest.mark.parametrize(
    "given",
    [
        None,
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "application/json-patch+json",
        "text/plain; application/json",
        "application/json; charset=latin-1",
    ],
)
async def test_a_post_of_another_type_is_refused(client: httpx.AsyncClient, given: str | None) -> None:
    headers = {"content-type": given} if given else {}
    response = await client.post("/graphql", content=orjson.dumps({"query": TYPENAME}), headers=headers)
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (
        415,
        "UNSUPPORTED_MEDIA_TYPE",
    )


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate"])
async def test_a_compressed_body_is_refused(client: httpx.AsyncClient, encoding: str) -> None:
    headers = {"content-type": JSON, "content-encoding": encoding}
    response = await client.post("/graphql", content=b"\x1f\x8b\x08\x00", headers=headers)
    assert response.status_code == 415


async def test_a_get_executes_queries(client: httpx.AsyncClient) -> None:
    parameters = {
        "query": "query ($t: String) { echo(text: $t) }",
        "variables": '{"t": "by URL"}',
        "operationName": "",
    }
    response = await client.get("/graphql", params=parameters, headers={"accept": GRAPHQL})
    assert (response.status_code, response.json()["data"]) == (200, {"echo": "by URL"})


async def test_a_get_cannot_execute_mutations(client: httpx.AsyncClient, db: Any) -> None:
    response = await client.get("/graphql", params={"query": "mutation { thingSend { errors { code } } }"})
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert db.log == []


@pytest.mark.parametrize(
    "parameters", ["query=%ff", "query={a}&query={b}", "query=", "", "query={a}&variables=[", "variables={}"]
)
async def test_an_invalid_url_is_refused(client: httpx.AsyncClient, parameters: str) -> None:
    response = await client.get(f"/graphql?{parameters}")
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
async def test_another_method_is_refused(client: httpx.AsyncClient, method: str) -> None:
    response = await client.request(method, "/graphql")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"notquery": TYPENAME}, id="423L"),
        *(pytest.param({"query": odd}, id=f"LKJ{i}") for i, odd in enumerate([{}, 0, False, []])),
        *(
            pytest.param({"query": TYPENAME, "operationName": odd}, id=f"6C0{i}")
            for i, odd in enumerate([{}, 0, False, []])
        ),
        *(
            pytest.param({"query": TYPENAME, "variables": odd}, id=f"476{i}")
            for i, odd in enumerate(["", 0, False, []])
        ),
        *(
            pytest.param({"query": TYPENAME, "extensions": odd}, id=f"58B{i}")
            for i, odd in enumerate(["", 0, False, []])
        ),
        pytest.param({"query": "query A { __typename } query B { __typename }"}, id="which"),
        pytest.param({"query": TYPENAME, "operationName": "No"}, id="unknown"),
    ],
)
async def test_a_parameter_of_the_wrong_type_is_refused(client: httpx.AsyncClient, body: Any) -> None:
    for accept in (GRAPHQL, JSON):
        response = await post(client, body, accept)
        assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")
        assert "data" not in response.json()


@pytest.mark.parametrize("name", ["variables", "operationName", "extensions"])
async def test_null_parameters_count_as_missing(client: httpx.AsyncClient, name: str) -> None:
    for accept in (GRAPHQL, JSON):
        response = await post(client, {"query": TYPENAME, name: None}, accept)
        assert (response.status_code, response.json()["data"]) == (200, {"__typename": "Query"})


async def test_the_named_operation_is_executed(client: httpx.AsyncClient) -> None:
    query = 'query A { echo(text: "a") } query B { echo(text: "b") }'
    response = await post(client, {"query": query, "operationName": "B", "extensions": {"any": "thing"}})
    assert response.json()["data"] == {"echo": "b"}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        pytest.param("{", "GRAPHQL_PARSE_FAILED", id="572B 865D 556A D586"),
        pytest.param("{ nothing }", "GRAPHQL_VALIDATION_FAILED", id="FDE2 51FE 74FF 5E5B"),
        pytest.param("query ($id: ID!) { thing(id: $id) { id } }", "BAD_USER_INPUT", id="7B9B 86EE"),
    ],
)
async def test_an_invalid_document_has_no_data_and_the_status_of_its_media_type(
    client: httpx.AsyncClient, query: str, code: str
) -> None:
    for accept, status in ((GRAPHQL, 400), (JSON, 200)):
        response = await post(client, {"query": query}, accept)
        assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (status, code)
        assert "data" not in response.json()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="A5BF"),
        pytest.param(b"{ 'not json", id="B6DC BCF8 B7N8"),
        b"null",
        b"true",
        b"NaN",
        b"1",
        b'"text"',
        b"[]",
        b'[{"query": "{ __typename }"}]',
        b'{"query": "\xff\xfe"}',
        b'{"query": "\\ud800"}',
        b'{"query": "{ __typename }", "variables": {"a": NaN}}',
        b'{"query": "{ __typename }", "variables": {"a": Infinity}}',
        b'{"query": "{ __typename }", "variables": {"a": 1e999}}',
        b'{"query": "{ __typename }", "variables": {"a": ' + b"1" * 100_000 + b"}}",
        b'{"query": "{ __typename }", "variables": {"a": "\\u0000"}}',
        b'{"query": "{ __typename }", "variables": {"a": ["\\udfff"]}}',
        b'{"query": "{ __typename }", "variables": {"\\u0000": 1}}',
        b'{"query": "{ __typename \\u0000 }"}',
        b'{"query": "{ echo(text: \\"\\\\u0000\\") }"}',
        b'{"query": "{ __typename # \\u0000 \\n }"}',
        b'{"a":' * 100_000,
        b"[" * 100_000,
        b'{"query": "{ __typename }", "variables": {"a": ' + b"[" * 500 + b"]" * 500 + b"}}",
        b"\xef\xbb\xbf{}",
        b"\x00" * 10,
    ],
)
async def test_an_invalid_body_is_refused(client: httpx.AsyncClient, ask: Any, body: bytes) -> None:
    response = await client.post("/graphql", content=body, headers=HEADERS)
    assert response.status_code == 400
    assert content_type(response) == f"{GRAPHQL}; charset=utf-8"
    assert response.json()["errors"][0]["extensions"]["code"] in ("BAD_REQUEST", "LIMIT_EXCEEDED")
    assert (await ask(TYPENAME))["data"] == {"__typename": "Query"}


async def test_a_lone_surrogate_in_a_string_of_the_query_is_a_syntax_error(client: httpx.AsyncClient) -> None:
    response = await post(client, {"query": '{ echo(text: "\\ud800") }'})
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (400, "GRAPHQL_PARSE_FAILED")


async def test_graphiql_is_served_to_browsers_only(client: httpx.AsyncClient) -> None:
    browser = await client.get("/graphql", headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (browser.status_code, content_type(browser)) == (200, "text/html; charset=utf-8")
    assert "GraphiQL" in browser.text
    program = await client.get("/graphql", headers={"accept": "application/json, text/html;q=0.1"})
    assert program.status_code == 400
