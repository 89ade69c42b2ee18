"""Messages of `graphql-transport-ws`: what is one, and what is not."""

from typing import Any

import orjson
import pytest

from gateway.http.live import messages
from gateway.http.live.messages import Complete, ConnectionInit, Malformed, Ping, Pong, Subscribe, parse

QUERY: dict[str, Any] = {"query": "{ a }"}
NO_IDS: list[Any] = [None, 1, "", [], {}, True, "x" * 256]
NO_OBJECTS: list[Any] = ["a", 1, 0, [], True, False, ""]
NO_STRINGS: list[Any] = [1, [], {}, True]


def sent(**message: Any) -> str:
    return orjson.dumps(message).decode()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (sent(type="connection_init"), ConnectionInit({})),
        (sent(type="connection_init", payload=None), ConnectionInit({})),
        (sent(type="connection_init", payload={"a": 1}, other=True), ConnectionInit({"a": 1})),
        (sent(type="ping"), Ping(None)),
        (sent(type="ping", payload=None), Ping(None)),
        (sent(type="ping", payload={}), Ping({})),
        (sent(type="pong", payload={"a": 1}), Pong()),
        (sent(type="complete", id="1"), Complete("1")),
        (sent(type="complete", id="1", payload=3), Complete("1")),
        (sent(type="complete", id="x" * 255), Complete("x" * 255)),
    ],
)
def test_a_message_of_the_protocol_is_parsed(text: str, message: messages.Message) -> None:
    assert parse(text) == message


@pytest.mark.parametrize(
    "payload",
    [
        QUERY,
        QUERY | {"operationName": None, "variables": None, "extensions": None},
        QUERY | {"operationName": "A", "variables": {"a": 1}, "extensions": {"b": 2}, "other": []},
        {"query": ""},
    ],
)
def test_a_subscribe_message_has_its_payload_and_its_size(payload: dict[str, Any]) -> None:
    text = sent(type="subscribe", id="1", payload=payload)
    assert parse(text) == Subscribe("1", payload, len(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "connection_init",
        '{"type":"ping"}}',
        "NaN",
        "[" * 2_000,
        '{"type":"ping","payload":{"a":"\\ud800"}}',
        "null",
        "1",
        '"ping"',
        "true",
        "[]",
        '[{"type":"ping"}]',
        "{}",
        sent(type=None),
        sent(type=1),
        sent(type=["ping"]),
        sent(type={"ping": 1}),
        sent(type=""),
        sent(type="PING"),
        sent(type="start", id="1", payload=QUERY),
        sent(type="connection_ack"),
        sent(type="next", id="1", payload={}),
        sent(type="error", id="1", payload=[{"message": "a"}]),
        sent(Type="ping"),
        *(sent(type=kind, payload=each) for kind in ("connection_init", "ping", "pong") for each in NO_OBJECTS),
        *(sent(type="complete", id=each) for each in NO_IDS),
        sent(type="complete"),
        *(sent(type="subscribe", id=each, payload=QUERY) for each in NO_IDS),
        sent(type="subscribe", payload=QUERY),
        *(sent(type="subscribe", id="1", payload=each) for each in (None, {}, *NO_OBJECTS)),
        sent(type="subscribe", id="1"),
        *(sent(type="subscribe", id="1", payload={"query": each}) for each in (None, *NO_STRINGS)),
        *(sent(type="subscribe", id="1", payload=QUERY | {"operationName": each}) for each in NO_STRINGS),
        *(sent(type="subscribe", id="1", payload=QUERY | {"variables": each}) for each in NO_OBJECTS),
        *(sent(type="subscribe", id="1", payload=QUERY | {"extensions": each}) for each in NO_OBJECTS),
    ],
)
def test_anything_else_is_malformed_for_a_reason_that_fits_a_close_frame(text: str) -> None:
    found = parse(text)
    assert isinstance(found, Malformed)
    assert 0 < len(found.reason.encode()) <= 123


def test_messages_of_the_server_are_json_as_the_protocol_has_them() -> None:
    found = [
        messages.connection_ack({"eventId": "1-0"}),
        messages.pong(None),
        messages.pong({"a": 1}),
        messages.next_result("1", {"data": {}}),
        messages.next_result("1", orjson.Fragment(b'{"data":{"stored":true}}')),
        messages.error("1", [{"message": "a"}]),
        messages.complete("1"),
    ]
    assert [orjson.loads(each) for each in found] == [
        {"type": "connection_ack", "payload": {"eventId": "1-0"}},
        {"type": "pong"},
        {"type": "pong", "payload": {"a": 1}},
        {"id": "1", "type": "next", "payload": {"data": {}}},
        {"id": "1", "type": "next", "payload": {"data": {"stored": True}}},
        {"id": "1", "type": "error", "payload": [{"message": "a"}]},
        {"id": "1", "type": "complete"},
    ]


def test_secrets_of_a_client_are_not_in_the_text_of_a_message() -> None:
    init = ConnectionInit({"authorization": "Bearer the-secret"})
    subscribe = Subscribe("1", {"query": "{ a }", "variables": {"password": "the-secret"}}, 10)
    assert "the-secret" not in f"{init!r} {subscribe!r}"
