"""Errors of responses: stable codes, no internal details, null for nullable fields."""

from typing import Any

import orjson
import pytest
from starlette.requests import Request
from structlog.testing import capture_logs

from domains.kernel.errors import InvalidInput
from domains.kernel.validation import ValidationErrors
from gateway.http.errors import domain_error
from tests.gateway.toy_shop import RecordingDatabase

CHANGE = 'mutation { thingChange(input: {name: "%s"}) { thing { id } errors { code } } }'


async def test_a_fault_returns_a_request_id_and_is_logged_with_its_cause(client: Any) -> None:
    with capture_logs() as lines:
        response = await client.post(
            "/graphql", json={"query": "{ fault me: __typename }"}, headers={"x-request-id": "request-3"}
        )
    assert response.status_code == 200
    assert response.json()["data"] == {"fault": None, "me": "Query"}
    (error,) = response.json()["errors"]
    assert error["extensions"] == {"code": "INTERNAL_ERROR", "requestId": "request-3"}
    assert error["path"] == ["fault"]
    assert "secret" not in response.text
    (line,) = lines
    assert (line["event"], line["request_id"], str(line["exc_info"])) == ("fault", "request-3", "the secret inside")


async def test_a_fault_in_many_fields_is_logged_once(ask: Any) -> None:
    with capture_logs() as lines:
        answer = await ask("{ things(first: 6) { nodes { maker { lost { name } } } } }")
    assert len(answer["errors"]) == 4
    faults = [str(line["exc_info"]) for line in lines if line["event"] == "fault"]
    assert faults == ["the loader's secret"]


async def test_a_fault_in_a_command_rolls_back(ask: Any, db: RecordingDatabase) -> None:
    with capture_logs():
        answer = await ask(CHANGE % "fault", token="staff")
    assert answer["data"] == {"thingChange": None}
    assert answer["errors"][0]["extensions"]["code"] == "INTERNAL_ERROR"
    assert db.log == ["rollback"]


async def test_an_error_of_a_query_is_a_top_level_error(ask: Any) -> None:
    answer = await ask("{ refusal }")
    assert answer["data"] == {"refusal": None}
    assert answer["errors"][0]["message"] == "That will not do."
    assert answer["errors"][0]["extensions"] == {"code": "INVALID", "input": ["refusal"]}


REFUSALS = {
    "message": "No first. No last.",
    "extensions": {
        "code": "INVALID",
        "errors": [
            {"message": "No first.", "code": "INVALID", "input": ["first"]},
            {"message": "No last.", "code": "INVALID", "input": ["last"]},
        ],
    },
}


async def test_several_errors_of_a_query_are_one_error_that_lists_them(ask: Any) -> None:
    answer = await ask("{ refusals }")
    (error,) = answer["errors"]
    assert {name: error[name] for name in REFUSALS} == REFUSALS


def test_several_errors_of_a_route_are_one_error_that_lists_them() -> None:
    found = ValidationErrors([InvalidInput(f"No {name}.", field=(name,)) for name in ("first", "last")])
    response = domain_error(Request({"type": "http"}), found)
    assert (response.status_code, orjson.loads(bytes(response.body))) == (400, {"errors": [REFUSALS]})


@pytest.mark.parametrize(
    ("token", "code"), [(None, "UNAUTHENTICATED"), ("customer", "FORBIDDEN"), ("reader", "FORBIDDEN")]
)
async def test_a_guarded_field_fails_alone(ask: Any, token: str | None, code: str) -> None:
    answer = await ask("{ things(first: 2) { nodes { name parts } } }", token=token)
    assert [node["name"] for node in answer["data"]["things"]["nodes"]] == ["Thing 0", "Thing 1"]
    assert [node["parts"] for node in answer["data"]["things"]["nodes"]] == [None, None]
    assert [(error["path"], error["extensions"]["code"]) for error in answer["errors"]] == [
        (["things", "nodes", 0, "parts"], code),
        (["things", "nodes", 1, "parts"], code),
    ]


async def test_a_guarded_field_is_returned_to_a_permitted_actor(ask: Any) -> None:
    answer = await ask("{ things(first: 1) { nodes { parts } } }", token="staff")
    assert answer["data"]["things"]["nodes"] == [{"parts": 3}]


async def test_unauthenticated_raised_by_a_domain_fails_the_whole_field(ask: Any, db: RecordingDatabase) -> None:
    answer = await ask(CHANGE % "denied", token="customer")
    assert answer["data"] == {"thingChange": None}
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert db.log == ["rollback"]


async def test_a_failed_workflow_returns_what_it_committed_and_the_error(ask: Any, db: RecordingDatabase) -> None:
    answer = await ask("mutation { thingSend { thing { id } errors { code message } } }")
    assert answer["data"] == {
        "thingSend": {"thing": None, "errors": [{"code": "INVALID", "message": "It came back."}]}
    }
    assert db.log == ["commit"]


async def test_mutations_run_sequentially(ask: Any, db: RecordingDatabase) -> None:
    change = 'thingChange(input: {name: "%s"}) { thing { maker { name } } errors { code } }'
    document = f"mutation {{ a: {change % 'a'} b: {change % 'counted'} c: {change % 'later'} }}"
    answer = await ask(document, token="staff")
    assert list(answer["data"]) == ["a", "b", "c"]
    assert [payload["errors"] for payload in answer["data"].values()] == [
        [],
        [{"code": "INVALID"}],
        [{"code": "RATE_LIMITED"}],
    ]
    assert db.log == ["commit", "commit", "rollback"]


async def test_a_failed_mutation_does_not_fail_others(ask: Any, db: RecordingDatabase) -> None:
    document = (
        'mutation { a: thingChange(input: {name: "denied"}) { errors { code } } b: thingSend { errors { code } } }'
    )
    answer = await ask(document, token="staff")
    assert answer["data"] == {"a": None, "b": {"errors": [{"code": "INVALID"}]}}
    assert [error["path"] for error in answer["errors"]] == [["a"]]
    assert db.log == ["rollback", "commit"]


async def test_a_refused_query_does_not_fail_others(ask: Any) -> None:
    answer = await ask("{ things(first: 0) { totalCount } me refusal }")
    assert answer["data"] == {"things": {"totalCount": 40}, "me": None, "refusal": None}
    assert sorted(error["path"] for error in answer["errors"]) == [["me"], ["refusal"]]


@pytest.mark.parametrize(
    ("input", "message"),
    [
        ("{}", "to include required field 'name'"),
        ('{name: "x", other: 1}', "not to include unknown field 'other'"),
    ],
)
async def test_an_input_of_the_wrong_type_is_reported_with_its_location(ask: Any, input: str, message: str) -> None:
    answer = await ask(f"mutation {{ thingChange(input: {input}) {{ errors {{ code }} }} }}", token="staff")
    assert message in answer["errors"][0]["message"]
    assert answer["errors"][0]["locations"]
