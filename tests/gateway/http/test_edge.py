"""Request ids, client addresses, headers, cross-origin access, the access log, probes, faults."""

import asyncio
import json
from ipaddress import ip_network
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from structlog.testing import capture_logs

from domains.kernel.errors import NotFound, RateLimited
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.core.guards import requires
from gateway.graphql.core.schema import Schema
from gateway.http.file_routes.bearer import actor_of
from gateway.http.probes import Readiness
from gateway.http.requests import Headers, client_ip
from gateway.http.settings import HttpSettings, Network
from tests.gateway.conftest import client_of, make_api, make_app
from tests.gateway.toy_shop import RecordingDatabase

QUERY = {"query": "{ __typename }"}
PROXIES: tuple[Network, ...] = (ip_network("10.0.0.0/8"), ip_network("::1/128"))


@pytest.mark.parametrize("given", ["abcdef12", "018f-aa.bb_cc:dd-00", "x" * 64])
async def test_a_valid_request_id_is_used(client: httpx.AsyncClient, given: str) -> None:
    response = await client.post("/graphql", json=QUERY, headers={"x-request-id": given})
    assert response.headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["short", "x" * 65, "with space", "new\tline1", "<script>1", ""])
async def test_an_invalid_request_id_is_replaced(client: httpx.AsyncClient, given: str) -> None:
    response = await client.post("/graphql", json=QUERY, headers={"x-request-id": given})
    assert response.headers["x-request-id"] != given
    assert len(response.headers["x-request-id"]) == 36


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("203.0.113.9", None, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.2", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.2", "198.51.100.66, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.2", "198.51.100.66, 198.51.100.1, 10.0.0.3", "198.51.100.1"),
        ("10.0.0.2", "10.0.0.4, 10.0.0.3", "10.0.0.4"),
        ("10.0.0.2", "not an address", "10.0.0.2"),
        ("10.0.0.2", "198.51.100.66, junk, 10.0.0.3", "10.0.0.3"),
        ("10.0.0.2", "", "10.0.0.2"),
        ("::1", "2001:db8::0:1", "2001:db8::1"),
        ("10.0.0.2", "198.51.100.1:4711", "198.51.100.1"),
        ("10.0.0.2", "198.51.100.66:1, 198.51.100.1:4711, 10.0.0.3:80", "198.51.100.1"),
        ("10.0.0.2", "[2001:db8::0:1]:443", "2001:db8::1"),
        ("10.0.0.2", "[2001:db8::1]", "2001:db8::1"),
        ("10.0.0.2", "::ffff:198.51.100.1", "198.51.100.1"),
        ("10.0.0.2", "[::ffff:198.51.100.1]:80", "198.51.100.1"),
        ("::ffff:10.0.0.2", "198.51.100.1", "198.51.100.1"),
        ("::ffff:203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.2", "198.51.100.1, ::ffff:10.0.0.3", "198.51.100.1"),
        ("10.0.0.2", "198.51.100.1:http", "10.0.0.2"),
        ("10.0.0.2", "198.51.100.1:", "10.0.0.2"),
        ("10.0.0.2", "[198.51.100.1", "10.0.0.2"),
        ("10.0.0.2", "[]:80", "10.0.0.2"),
        ("10.0.0.2", "unknown", "10.0.0.2"),
        ("10.0.0.2", "_hidden:80", "10.0.0.2"),
        ("10.0.0.2", "198.51.100.1, " + "x" * 4_000, "10.0.0.2"),
        ("unix", "198.51.100.1", "unix"),
    ],
)
def test_only_a_trusted_proxy_determines_the_client_address(peer: str, forwarded: str | None, found: str) -> None:
    headers = Headers({"x-forwarded-for": forwarded} if forwarded is not None else {})
    assert client_ip({"client": (peer, 1)}, headers, PROXIES) == found


async def test_every_response_has_the_security_headers(client: httpx.AsyncClient) -> None:
    for response in (
        await client.post("/graphql", json=QUERY),
        await client.get("/none"),
        await client.get("/healthz"),
    ):
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["cache-control"] == "no-store"
        assert "server" not in response.headers


async def test_an_unknown_path_is_answered_in_json(client: httpx.AsyncClient) -> None:
    response = await client.get("/none")
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (404, "NOT_FOUND")


async def test_an_unsupported_method_is_refused_with_the_supported_ones(client: httpx.AsyncClient) -> None:
    response = await client.delete("/")
    message = response.json()["errors"][0]["message"]
    assert (response.status_code, message) == (405, "This path supports GET and HEAD only.")


@pytest.mark.parametrize(
    ("origins", "origin", "allowed"),
    [
        ((), "https://shop.test", None),
        (("https://shop.test",), "https://shop.test", "https://shop.test"),
        (("https://shop.test",), "https://evil.test", None),
        (("*",), "https://any.test", "*"),
    ],
)
async def test_other_origins_are_allowed_by_the_settings(
    schema: Schema, origins: tuple[str, ...], origin: str, allowed: str | None
) -> None:
    settings = HttpSettings(cors_origins=origins, access_log=False)
    async with client_of(make_app(make_api(schema, RecordingDatabase()), settings)) as client:
        response = await client.post("/graphql", json=QUERY, headers={"origin": origin})
        assert response.headers.get("access-control-allow-origin") == allowed
        assert response.json()["data"] == {"__typename": "Query"}


async def test_the_access_log_contains_no_secret(schema: Schema) -> None:
    app = make_app(make_api(schema, RecordingDatabase()), HttpSettings())
    secret = "hunter2hunter2"
    with capture_logs() as lines:
        async with client_of(app) as client:
            query = "query Echo($t: String) { echo(text: $t) }"
            body = {"query": query, "operationName": "Echo", "variables": {"t": secret}}
            await client.post("/graphql?t=" + secret, json=body, headers={"authorization": "Bearer staff"})
            await client.post(
                "/graphql", json=body, headers={"authorization": f"Bearer {secret}", "x-request-id": "request-1"}
            )
    requests = [line for line in lines if line["event"] == "request"]
    assert [(line["method"], line["path"], line["status"], line["outcome"], line["codes"]) for line in requests] == [
        ("POST", "/graphql", 200, "ok", []),
        ("POST", "/graphql", 401, "errors", ["UNAUTHENTICATED"]),
    ]
    assert [line["operation"] for line in lines] == ["Echo"] * 3
    assert [line["user"] for line in requests] == ["00000000-0000-0000-0000-000000000007", None]
    assert {line["request_id"] for line in lines[1:]} == {"request-1"}
    assert secret not in json.dumps(lines, default=str)
    assert "staff" not in json.dumps(lines, default=str)


async def test_the_liveness_probe_is_answered_by_a_running_process(client: httpx.AsyncClient) -> None:
    response = await client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_readiness_checks_every_part_and_names_the_failing_one(schema: Schema) -> None:
    state = {"broken": False}

    async def database() -> None:
        if state["broken"]:
            raise ConnectionError("password=hunter2")

    async def broker() -> None:
        return None

    checks = {"database": database, "broker": broker}
    async with client_of(make_app(make_api(schema, RecordingDatabase()), checks=checks)) as client:
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()) == (
            200,
            {"status": "ready", "checks": {"database": "ok", "broker": "ok"}},
        )
        state["broken"] = True
        with capture_logs():
            broken = await client.get("/readyz")
        assert broken.status_code == 503
        assert broken.json() == {"status": "unavailable", "checks": {"database": "failed", "broker": "ok"}}


async def test_a_part_without_an_answer_in_time_has_failed(schema: Schema) -> None:
    async def silent() -> None:
        await asyncio.Event().wait()

    settings = HttpSettings(check_timeout=0.01, access_log=False)
    async with client_of(
        make_app(make_api(schema, RecordingDatabase()), settings, checks={"part": silent})
    ) as client:
        with capture_logs():
            assert (await client.get("/readyz")).json()["checks"] == {"part": "failed"}


async def test_parallel_probes_share_one_check() -> None:
    asked: list[None] = []
    sent: list[Any] = []

    async def database() -> None:
        asked.append(None)

    async def send(message: Any) -> None:
        sent.append(message)

    readiness = Readiness({"database": database}, timeout=5)
    for turn in (1, 2):
        await asyncio.gather(*(readiness({}, None, send) for _ in range(20)))
        assert len(asked) == turn
    assert [message["status"] for message in sent if "status" in message] == [200] * 40


async def fails(_request: Request) -> PlainTextResponse:
    raise ValueError("the secret inside")


async def test_a_fault_of_a_route_returns_only_its_request_id(schema: Schema) -> None:
    app = make_app(make_api(schema, RecordingDatabase()), routes=[Route("/fails", fails)])
    async with client_of(app) as client:
        with capture_logs() as lines:
            response = await client.get("/fails", headers={"x-request-id": "request-2"})
    assert response.status_code == 500
    assert response.json()["errors"][0]["extensions"] == {"code": "INTERNAL_ERROR", "requestId": "request-2"}
    assert "secret" not in response.text
    assert [line["event"] for line in lines] == ["fault"]


@pytest.mark.parametrize(
    ("token", "status", "code"),
    [
        (None, 401, "UNAUTHENTICATED"),
        ("nobody", 401, "UNAUTHENTICATED"),
        ("reader", 403, "FORBIDDEN"),
        ("staff", 200, None),
    ],
)
async def test_a_route_authenticates_like_graphql(
    schema: Schema, token: str | None, status: int, code: str | None
) -> None:
    api = make_api(schema, RecordingDatabase())

    async def imported(request: Request) -> PlainTextResponse:
        await actor_of(request, api, requires(PermissionResource.PRODUCTS, PermissionAction.IMPORT), HttpSettings())
        return PlainTextResponse("done")

    async with client_of(make_app(api, routes=[Route("/import", imported, methods=["POST"])])) as client:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        response = await client.post("/import", headers=headers)
    assert response.status_code == status
    if code:
        assert response.json()["errors"][0]["extensions"]["code"] == code
        assert ("www-authenticate" in response.headers) == (status == 401)


async def test_authentication_counts_towards_the_time_limit_of_a_request(
    schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    settings, api = HttpSettings(execution_timeout=0.01, access_log=False), make_api(schema, RecordingDatabase())
    monkeypatch.setattr(api, "authenticate", never)

    async def imported(request: Request) -> PlainTextResponse:
        await actor_of(request, api, requires(PermissionResource.PRODUCTS, PermissionAction.IMPORT), settings)
        return PlainTextResponse("done")

    async with client_of(make_app(api, settings, routes=[Route("/import", imported, methods=["POST"])])) as client:
        answers = [await client.post("/graphql", json=QUERY), await client.post("/import")]
    assert [answer.status_code for answer in answers] == [503, 503]
    assert [answer.json()["errors"][0]["extensions"]["code"] for answer in answers] == ["TIMEOUT", "TIMEOUT"]


@pytest.mark.parametrize(
    ("error", "status"), [(NotFound("Nothing there."), 404), (RateLimited("Later.", retry_after=3), 429)]
)
async def test_a_domain_error_of_a_route_has_its_status(schema: Schema, error: Exception, status: int) -> None:
    async def refuses(_request: Request) -> PlainTextResponse:
        raise error

    async with client_of(make_app(make_api(schema, RecordingDatabase()), routes=[Route("/r", refuses)])) as client:
        response = await client.get("/r")
    assert response.status_code == status
    assert response.json()["errors"][0]["message"] == str(error)
    assert response.headers.get("retry-after") == ("3" if status == 429 else None)


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"authorization": "Bearer nobody"}, 401, "UNAUTHENTICATED"),
        ({"authorization": "Basic abc"}, 401, "UNAUTHENTICATED"),
        ({"authorization": "Bearer"}, 401, "UNAUTHENTICATED"),
        ({"authorization": "Bearer a b"}, 401, "UNAUTHENTICATED"),
        ({"authorization": "Bearer " + "x" * 5_000}, 401, "UNAUTHENTICATED"),
        ({"x-company": "elsewhere"}, 404, "COMPANY_NOT_FOUND"),
        ({"x-company": "No Slug!"}, 404, "COMPANY_NOT_FOUND"),
    ],
)
async def test_an_invalid_token_or_company_refuses_the_request(
    client: httpx.AsyncClient, headers: dict[str, str], status: int, code: str
) -> None:
    response = await client.post("/graphql", json=QUERY, headers=headers)
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (status, code)
    assert "data" not in response.json()


async def test_a_valid_token_and_company_are_accepted(client: httpx.AsyncClient) -> None:
    headers: Any = {"authorization": "bearer staff", "x-company": "main"}
    response = await client.post("/graphql", json={"query": "{ me }"}, headers=headers)
    assert response.json()["data"] == {"me": "00000000-0000-0000-0000-000000000007"}
