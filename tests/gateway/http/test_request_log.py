"""The log of requests: who, what, what came of it, and the events that tell of security; no value that was sent."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from domains.auth import errors as auth
from domains.kernel.errors import DomainError
from domains.role.models import SystemRole
from gateway.graphql.core.schema import Schema
from gateway.http.settings import HttpSettings
from tests.domains.auth.conftest import PASSWORD
from tests.gateway.conftest import client_of, make_api, make_app
from tests.gateway.graphql.auth import operations as ops
from tests.gateway.site import Site
from tests.gateway.toy_shop import RecordingDatabase

WRONG = "wrong horse battery staple"
USERS = "query Staff { users(first: 1) { nodes { id } } }"


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    with capture_logs() as captured:
        yield captured


def events(lines: list[Any]) -> list[tuple[str, str, str, str | None]]:
    security_events = [line for line in lines if line["event"] == "security"]
    assert all(line["request_id"] and line["ip"] for line in security_events)
    return [(line["kind"], line["code"], line["reason"], line["subject_id"]) for line in security_events]


async def test_a_failed_login_logs_the_account_and_no_value(site: Site, lines: list[Any]) -> None:
    user = await site.account()
    await site.refused(ops.LOGIN, email=user.email, password=WRONG)
    await site.refused(ops.LOGIN, email="nobody@example.com", password=WRONG)
    assert events(lines) == [
        ("authentication", "INVALID_CREDENTIALS", "InvalidCredentials", str(user.id)),
        ("authentication", "INVALID_CREDENTIALS", "InvalidCredentials", None),
    ]
    logged = [(line["type"], line["fields"], line["user"]) for line in lines if line["event"] == "security"]
    assert logged == [("mutation", ["login"], None)] * 2
    written = json.dumps(lines)
    assert user.email not in written
    assert "nobody@" not in written
    assert WRONG not in written


async def test_a_login_is_logged(site: Site, lines: list[Any]) -> None:
    user = await site.account()
    tokens = await site.login(user.email)
    assert events(lines) == [("authentication", "LOGGED_IN", "NewSession", str(user.id))]
    assert lines[0]["log_level"] == "info"
    assert tokens["accessToken"] not in json.dumps(lines)
    assert PASSWORD not in json.dumps(lines)


async def test_rate_limited_attempts_are_logged(site: Site, lines: list[Any]) -> None:
    user = await site.account()
    for _ in range(5):
        await site.refused(ops.LOGIN, email=user.email, password=WRONG)
    assert events(lines)[-1] == ("throttling", "ACCOUNT_LOCKED", "AccountLocked", None)


async def test_a_reused_refresh_token_is_logged_with_its_owner(site: Site, lines: list[Any]) -> None:
    user = await site.account()
    token = (await site.login(user.email))["refreshToken"]
    await site.do(ops.REFRESH_TOKEN, refreshToken=token)
    await site.refused(ops.REFRESH_TOKEN, refreshToken=token)
    assert events(lines)[1:] == [("authentication", "SESSION_REVOKED", "SessionRevoked", str(user.id))]
    assert token not in json.dumps(lines)


@pytest.mark.parametrize(
    ("mutation", "values", "event"),
    [
        (ops.REFRESH_TOKEN, {"refreshToken": "x" * 43}, ("authentication", "INVALID_TOKEN", "InvalidToken", None)),
        (
            ops.PASSWORD_RESET,
            {"token": "x" * 43, "newPassword": WRONG},
            ("authentication", "INVALID_RESET_TOKEN", "InvalidResetToken", None),
        ),
        (
            ops.EMAIL_VERIFY,
            {"email": "a@example.com", "ticket": "x" * 43, "code": "123456"},
            ("authentication", "INVALID_CODE", "InvalidCode", None),
        ),
    ],
)
async def test_wrong_codes_and_tokens_are_logged(
    site: Site, lines: list[Any], mutation: str, values: dict[str, str], event: tuple[Any, ...]
) -> None:
    await site.refused(mutation, **values)
    assert events(lines) == [event]
    assert not any(value in json.dumps(lines) for value in values.values())


async def test_denials_are_logged_with_their_actor(site: Site, lines: list[Any]) -> None:
    user = await site.account()
    token = (await site.login(user.email))["accessToken"]
    lines.clear()
    assert await site.denied(USERS) == "UNAUTHENTICATED"
    assert await site.denied(USERS, token) == "FORBIDDEN"
    assert await site.denied(USERS, "forged") == "UNAUTHENTICATED"
    assert events(lines) == [
        ("authentication", "UNAUTHENTICATED", "Unauthenticated", None),
        ("authorization", "FORBIDDEN", "PermissionDenied", None),
        ("authentication", "UNAUTHENTICATED", "Unauthenticated", None),
    ]
    assert [line["user"] for line in lines] == [None, str(user.id), None]
    assert [(line["operation"], line["fields"]) for line in lines] == [("Staff", ["users"])] * 2 + [(None, None)]


async def test_a_denied_export_is_logged(site: Site, lines: list[Any]) -> None:
    token = await site.token()
    lines.clear()
    await site.send("GET", token, "/export/orders.csv")
    await site.send("POST", None, "/import/products")
    assert events(lines) == [
        ("authorization", "FORBIDDEN", "PermissionDenied", None),
        ("authentication", "UNAUTHENTICATED", "Unauthenticated", None),
    ]


async def test_a_role_above_the_actors_is_logged(site: Site, lines: list[Any]) -> None:
    token = await site.token(SystemRole.ADMIN)
    user = await site.account()
    lines.clear()
    wanted = {"id": str(user.id), "roleId": await site.role_id(SystemRole.SUPER_ADMIN)}
    await site.refused(ops.USER_ROLE_ASSIGN, token, **wanted)
    assert [event[:2] for event in events(lines)] == [("authorization", "ROLE_ABOVE_OWN")]


async def test_many_refusals_of_one_kind_are_one_log_line(site: Site, lines: list[Any]) -> None:
    field = 'refreshToken(input: {refreshToken: "x"}) { errors { code } }'
    await site.post(f"mutation {{ {' '.join(f'a{number}: {field}' for number in range(20))} }}")
    assert [(line["code"], line["count"], line["ip"]) for line in lines] == [("INVALID_TOKEN", 20, site.ip)]


@pytest.mark.parametrize(
    ("query", "outcome", "codes"),
    [
        ("query Name { __typename }", "ok", []),
        ("query Name { fault }", "errors", ["INTERNAL_ERROR"]),
        ("query Name { __typename", "errors", ["GRAPHQL_PARSE_FAILED"]),
        ("query Name { none }", "errors", ["GRAPHQL_VALIDATION_FAILED"]),
        ("query Name { a: fault b: fault }", "errors", ["INTERNAL_ERROR"]),
        ('mutation Name { thingChange(input: {name: "later"}) { errors { code } } }', "errors", ["RATE_LIMITED"]),
    ],
)
async def test_an_access_log_line_contains_the_outcome(
    schema: Schema, lines: list[Any], query: str, outcome: str, codes: list[str]
) -> None:
    async with client_of(make_app(make_api(schema, RecordingDatabase()), HttpSettings())) as client:
        await client.post("/graphql", json={"query": query}, headers={"authorization": "Bearer reader"})
    (line,) = [line for line in lines if line["event"] == "request"]
    assert (line["outcome"], line["codes"], line["user"]) == (outcome, codes, "00000000-0000-0000-0000-000000000007")


async def test_an_access_log_line_contains_no_query_string(schema: Schema, lines: list[Any]) -> None:
    async with client_of(make_app(make_api(schema, RecordingDatabase()), HttpSettings())) as client:
        await client.get('/graphql?query={echo(text:"hunter2")}')
        await client.get("/none?token=hunter2")
    assert [(line["path"], line["outcome"], line["codes"]) for line in lines] == [
        ("/graphql", "ok", []),
        ("/none", "errors", ["NOT_FOUND"]),
    ]
    assert "hunter2" not in json.dumps(lines)


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("{ ...F } fragment F on Query { things { totalCount } }", ["things"]),
        ('{ a: me ... on Query { ...F } } fragment F on Query { echo(text: "") b: me }', ["me", "echo", "me"]),
        ("{ __typename }", []),
        ("{ __schema { description } }", ["__schema"]),
        ("{ " + " ".join(f"a{number}: __schema {{ description }}" for number in range(12)) + " }", ["__schema"] * 10),
    ],
)
async def test_the_fields_of_a_line_include_those_of_fragments(
    schema: Schema, lines: list[Any], query: str, fields: list[str]
) -> None:
    async with client_of(make_app(make_api(schema, RecordingDatabase()), HttpSettings())) as client:
        await client.post("/graphql", json={"query": query}, headers={"authorization": "Bearer reader"})
    (line,) = [line for line in lines if line["event"] == "request"]
    assert (line["fields"], line["codes"]) == (fields, [])


@pytest.mark.parametrize("name", ["a\r\nb", "x" * 81, "\x1b[2J", 'n"', "ñ"])
async def test_a_name_that_is_no_short_name_of_graphql_is_not_logged(
    schema: Schema, lines: list[Any], name: str
) -> None:
    async with client_of(make_app(make_api(schema, RecordingDatabase()), HttpSettings())) as client:
        await client.post("/graphql", json={"query": "{ __typename }", "operationName": name})
        await client.post("/graphql", json={"query": f"query {'x' * 90} {{ __typename }}"})
    assert [line["operation"] for line in lines if line["event"] == "request"] == [None, "x" * 80]


def test_every_error_of_access_control_is_a_security_event() -> None:
    def below(kind: type[DomainError]) -> Iterator[type[DomainError]]:
        for each in kind.__subclasses__():
            yield each
            yield from below(each)

    codes = {"UNAUTHENTICATED", "FORBIDDEN", "RATE_LIMITED", "ACCOUNT_LOCKED"}
    codes |= {"INVALID_CREDENTIALS", "INVALID_TOKEN", "SESSION_REVOKED"}
    silent = {kind.__name__ for kind in below(DomainError) if kind.code in codes and kind.security is None}
    assert silent == set()
    assert auth.InvalidCode.security is not None
