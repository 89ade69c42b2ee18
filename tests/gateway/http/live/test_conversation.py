"""The sub-protocol `graphql-transport-ws`: initialisation, messages, and what ends a connection."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.graphql.core.schema import Schema
from gateway.http.live import messages
from gateway.http.settings import HttpSettings
from tests.gateway.conftest import TOKENS
from tests.gateway.http.live.peers import BINARY, SETTINGS, SUB_PROTOCOL, TEXT, frame, live_shop, subscribe
from tests.gateway.live.toys import ONE

QUERY = "{ __typename }"
INIT = {"type": "connection_init"}


async def test_a_connection_is_acknowledged_with_the_id_of_the_newest_event(schema: Schema) -> None:
    async with live_shop(schema) as shop, shop.connected() as peer:
        assert peer.response.startswith(b"HTTP/1.1 101 ")
        assert f"sec-websocket-protocol: {SUB_PROTOCOL}\r\n".encode() in peer.response.lower()
        assert await peer.init() == {"type": "connection_ack", "payload": {"eventId": shop.toys.hub.position()}}


@pytest.mark.parametrize("payload", [None, {}, {"other": 1}])
async def test_the_payload_of_an_initialisation_is_optional(schema: Schema, payload: Any) -> None:
    async with live_shop(schema) as shop, shop.connected() as peer:
        peer.send({**INIT, "payload": payload})
        assert (await peer.receive())["type"] == "connection_ack"


async def test_a_client_that_does_not_initialise_is_disconnected_in_time(schema: Schema) -> None:
    async with live_shop(schema, replace(SETTINGS, init_timeout=0.05)) as shop, shop.connected() as peer:
        assert await peer.closed() == (4408, "Connection initialisation timeout")
        assert await shop.emptied()


async def test_pings_do_not_extend_the_time_to_initialise(schema: Schema) -> None:
    async with live_shop(schema, replace(SETTINGS, init_timeout=0.1)) as shop, shop.connected() as peer:
        peer.send({"type": "ping"})
        assert await peer.receive() == {"type": "pong"}
        assert (await peer.closed())[0] == 4408


async def test_an_initialised_client_stays_longer_than_the_time_to_initialise(schema: Schema) -> None:
    async with live_shop(schema, replace(SETTINGS, init_timeout=0.05)) as shop, shop.acknowledged() as peer:
        await asyncio.sleep(0.1)
        assert (await peer.ask(QUERY))["type"] == "next"


@pytest.mark.parametrize("is_acknowledged", [True, False])
async def test_a_second_initialisation_ends_the_connection(schema: Schema, is_acknowledged: bool) -> None:
    async with live_shop(schema) as shop, shop.connected() as peer:
        if is_acknowledged:
            await peer.init()
            peer.send(INIT)
        else:
            peer.send(INIT, INIT)
        assert await peer.closed() == (4429, "Too many initialisation requests")


@pytest.mark.parametrize("before", [[], [INIT]], ids=["before", "while initialising"])
async def test_operations_need_an_acknowledged_connection(
    schema: Schema, before: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with live_shop(schema) as shop, shop.connected() as peer:
        monkeypatch.setattr(shop.toys.api, "open_session", lambda *_: asyncio.sleep(60))
        peer.send(*before, subscribe("mutation { thingSend { errors { code } } }"))
        assert await peer.closed() == (4401, "Unauthorized")
    assert shop.toys.db.log == []


async def test_a_ping_is_answered_at_any_time_with_its_payload(schema: Schema) -> None:
    async with live_shop(schema) as shop, shop.connected() as peer:
        peer.send({"type": "ping", "payload": {"at": 1}})
        assert await peer.receive() == {"type": "pong", "payload": {"at": 1}}
        await peer.init()
        peer.send(
            {"type": "ping"}, {"type": "pong"}, {"type": "pong", "payload": {}}, {"type": "ping", "payload": None}
        )
        assert [await peer.receive(), await peer.receive()] == [{"type": "pong"}, {"type": "pong"}]


async def test_a_ping_is_answered_while_the_session_opens(schema: Schema, monkeypatch: pytest.MonkeyPatch) -> None:
    async with live_shop(schema) as shop, shop.connected() as peer:
        monkeypatch.setattr(shop.toys.api, "open_session", lambda *_: asyncio.sleep(60))
        peer.send(INIT, {"type": "ping"})
        assert await peer.receive() == {"type": "pong"}


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (frame(TEXT, b"{"), "The message is not valid JSON."),
        (frame(TEXT, b""), "The message is not valid JSON."),
        (frame(TEXT, b"[]"), "The message must be a JSON object."),
        (frame(TEXT, b'{"type":"ping","payload":1}'), "The `payload` of `ping` must be an object or null."),
        (frame(TEXT, b'{"type":"next","id":"1","payload":{}}'), "The `type` of the message is missing or unknown"),
        (frame(BINARY, b'{"type":"ping"}'), "Messages must be text."),
    ],
)
@pytest.mark.parametrize("is_acknowledged", [True, False])
async def test_a_message_that_the_protocol_does_not_have_ends_the_connection(
    schema: Schema, octets: bytes, reason: str, is_acknowledged: bool
) -> None:
    async with live_shop(schema) as shop, shop.connected() as peer:
        if is_acknowledged:
            await peer.init()
        peer.raw(octets)
        code, told = await peer.closed()
    assert (code, told[: len(reason)]) == (4400, reason)


async def test_a_malformed_message_ends_the_operations_that_run(schema: Schema) -> None:
    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        await shop.subscribed(peer)
        peer.send("nonsense")
        assert (await peer.closed())[0] == 4400
        assert await shop.emptied()


@pytest.mark.parametrize("offered", [None, "graphql-ws", "chat, superchat"])
async def test_another_sub_protocol_is_not_acceptable(schema: Schema, offered: str | None) -> None:
    async with live_shop(schema) as shop, shop.connected({"sec-websocket-protocol": offered}) as peer:
        assert peer.response.startswith(b"HTTP/1.1 101 ")
        assert b"sec-websocket-protocol" not in peer.response.lower()
        assert await peer.closed() == (4406, "Subprotocol not acceptable")
        assert await shop.emptied()


async def test_the_sub_protocol_is_chosen_among_several(schema: Schema) -> None:
    offered = {"sec-websocket-protocol": f"graphql-ws,  {SUB_PROTOCOL}"}
    async with live_shop(schema) as shop, shop.connected(offered) as peer:
        assert f"sec-websocket-protocol: {SUB_PROTOCOL}\r\n".encode() in peer.response.lower()
        await peer.init()


@pytest.mark.parametrize(
    ("payload", "headers", "actor"),
    [
        ({"authorization": "Bearer staff"}, {}, "00000000-0000-0000-0000-000000000007"),
        ({"Authorization": "bearer staff", "X-Company": "main"}, {}, "00000000-0000-0000-0000-000000000007"),
        ({}, {"authorization": "Bearer staff"}, "00000000-0000-0000-0000-000000000007"),
        ({"authorization": None}, {"authorization": "Bearer staff"}, "00000000-0000-0000-0000-000000000007"),
        ({"authorization": "Bearer staff"}, {"authorization": "Bearer none"}, "00000000-0000-0000-0000-000000000007"),
        ({}, {}, None),
    ],
)
async def test_a_client_says_who_it_is_in_the_payload_or_in_headers(
    schema: Schema, payload: Any, headers: Any, actor: str | None
) -> None:
    async with live_shop(schema) as shop, shop.connected(headers) as peer:
        await peer.init(payload)
        assert (await peer.ask("{ me }"))["payload"]["data"] == {"me": actor}


@pytest.mark.parametrize(
    ("payload", "closed"),
    [
        ({"authorization": "Bearer none"}, (4403, "The token is not valid.")),
        ({"authorization": "staff"}, (4403, "The Authorization header must be `Bearer <token>`.")),
        ({"x-company": "other"}, (4403, "There is no active company 'other'.")),
        ({"authorization": 5}, (4400, "`authorization` in the payload of `connection_init` must be a string.")),
        ({"X-Company": ["main"]}, (4400, "`x-company` in the payload of `connection_init` must be a string.")),
        ({"lastEventId": 5}, (4400, "`lastEventId` must be a string, the id of an event.")),
    ],
)
async def test_a_client_that_is_not_accepted_learns_why(
    schema: Schema, payload: Any, closed: tuple[int, str]
) -> None:
    async with live_shop(schema) as shop, shop.connected() as peer:
        peer.send({**INIT, "payload": payload})
        assert await peer.closed() == closed
        assert await shop.emptied()


async def test_a_fault_while_a_session_opens_shows_nothing_of_the_inside(
    schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_given: Any) -> None:
        raise ValueError("the secret inside")

    async with live_shop(schema) as shop, shop.connected() as peer:
        monkeypatch.setattr(shop.toys.api, "open_session", fail)
        peer.send(INIT)
        assert await peer.closed() == (1013, "Something went wrong on our side. Try again later.")


async def test_a_session_that_does_not_open_in_time_ends_the_connection_and_is_no_fault(
    schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(HttpSettings(), execution_timeout=0.05)
    with capture_logs() as lines:
        async with live_shop(schema, settings) as shop, shop.connected() as peer:
            monkeypatch.setattr(shop.toys.api, "open_session", lambda *_: asyncio.sleep(60))
            peer.send(INIT)
            reason = "The operation took longer than 0.05 seconds and was cancelled."
            assert await peer.closed() == (1013, reason)
            assert await shop.emptied()
    assert [line["codes"] for line in lines if line["event"] == "request"] == [[], ["TIMEOUT"]]
    assert "fault" not in [line["event"] for line in lines]


async def test_a_fault_while_a_message_is_handled_ends_the_connection(
    schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_text: str) -> None:
        raise ValueError("the secret inside")

    async with live_shop(schema) as shop, shop.connected() as peer:
        monkeypatch.setattr(messages, "parse", fail)
        peer.send(INIT)
        assert (await peer.closed())[0] == 1013


async def test_the_end_of_the_session_ends_the_connection(schema: Schema, monkeypatch: pytest.MonkeyPatch) -> None:
    async with live_shop(schema) as shop, shop.acknowledged({"authorization": "Bearer staff"}) as peer:
        await shop.subscribed(peer)
        monkeypatch.delitem(TOKENS, "staff")
        await shop.toys.change(ONE)
        assert await peer.closed() == (4401, "The session has ended. Log in again.")
        assert await shop.emptied()


async def test_an_expired_token_ends_the_connection_so_that_the_client_refreshes_it(
    schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with live_shop(schema) as shop:
        monkeypatch.setattr(shop.toys.api._authentication, "seconds_left", lambda _token: 0.1)
        async with shop.acknowledged({"authorization": "Bearer staff"}) as peer:
            assert await peer.closed() == (4403, "The access token has expired. Refresh it and connect again.")


async def test_a_client_may_close_the_connection(schema: Schema) -> None:
    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        await shop.subscribed(peer)
        peer.raw(frame(8, b"\x03\xe8Normal Closure"))
        assert await peer.closed() == (1000, "Normal Closure")
        assert await shop.emptied()


async def test_a_client_that_disappears_leaves_nothing(schema: Schema) -> None:
    async with live_shop(schema) as shop:
        async with shop.acknowledged() as peer:
            await shop.subscribed(peer)
            peer.writer.transport.abort()
        assert await shop.emptied()


async def test_a_reason_is_never_longer_than_a_close_frame_allows(schema: Schema) -> None:
    async with live_shop(schema) as shop, shop.connected() as peer:
        peer.send({**INIT, "payload": {"x-company": "ü" * 200}})
        code, reason = await peer.closed()
    assert (code, reason) == (4403, "There is no active company '" + "ü" * 47)
