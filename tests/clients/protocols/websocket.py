"""The rules of GraphQL over WebSocket: initialisation, pings, and what a message may look like.

The numbers are those of this list; the sections are those of `PROTOCOL.md` in the npm package graphql-ws.
"""

import asyncio
from dataclasses import replace
from typing import Any, Final

from tests.clients.protocols.rules import Rules
from tests.gateway.http.live.peers import BINARY, SETTINGS, SUB_PROTOCOL, LiveShop, Peer, frame, subscribe

INITIALISATION: Final = Rules()
must, should = INITIALISATION.must, INITIALISATION.should
INIT: Final = {"type": "connection_init"}
QUERY: Final = "{ __typename }"
IMPATIENT: Final = replace(SETTINGS, init_timeout=0.1)
NO_OBJECTS: Final[tuple[Any, ...]] = ("text", 1, True, [], [{}])


async def refused(shop: LiveShop, message: Any, *, is_acknowledged: bool = True) -> None:
    """A message, or octets, that end the connection with 4400 and a reason."""
    async with shop.connected() as peer:
        if is_acknowledged:
            await peer.init()
        if isinstance(message, bytes):
            peer.raw(message)
        else:
            peer.send(message)
        code, reason = await peer.closed()
    assert (code, bool(reason)) == (4400, True), message


async def pong_to(peer: Peer, **payload: Any) -> Any:
    """The answer to a ping."""
    peer.send({"type": "ping", **payload})
    return await peer.receive()


@must("Communication")
async def the_sub_protocol_is_confirmed(shop: LiveShop) -> None:
    """The sub-protocol is `graphql-transport-ws`."""
    async with shop.connected() as peer:
        assert f"sec-websocket-protocol: {SUB_PROTOCOL}\r\n".encode() in peer.response.lower()
        await peer.init()


@should("Communication")
async def another_sub_protocol_is_refused(shop: LiveShop) -> None:
    """A client that does not speak the sub-protocol is not served; the reference closes with 4406."""
    async with shop.connected({"sec-websocket-protocol": "graphql-ws"}) as peer:
        assert (await peer.closed())[0] == 4406


@must("Communication")
async def all_messages_are_json_objects_with_a_type(shop: LiveShop) -> None:
    """Messages are JSON texts, and each has a `type`."""
    async with shop.acknowledged() as peer:
        peer.send({"type": "ping"}, subscribe(QUERY))
        assert [(await peer.receive())["type"] for _ in range(3)] == ["pong", "next", "complete"]


@must("Communication")
async def a_client_may_close_normally(shop: LiveShop) -> None:
    """The client ends the connection with 1000, and its operations end with it."""
    async with shop.acknowledged() as peer:
        await shop.subscribed(peer)
        peer.raw(frame(8, b"\x03\xe8"))
        assert (await peer.closed())[0] == 1000
    assert await shop.emptied()


@must("ConnectionInit")
async def the_payload_of_connection_init_is_optional(shop: LiveShop) -> None:
    """The payload is absent, null, or an object."""
    for message in (INIT, {**INIT, "payload": None}, {**INIT, "payload": {}}, {**INIT, "payload": {"any": [1]}}):
        async with shop.connected() as peer:
            peer.send(message)
            assert (await peer.receive())["type"] == "connection_ack"


@must("ConnectionInit")
async def another_payload_of_connection_init_is_invalid(shop: LiveShop) -> None:
    """The payload is nothing but an object or null."""
    for payload in NO_OBJECTS:
        await refused(shop, {**INIT, "payload": payload}, is_acknowledged=False)


@must("ConnectionInit", IMPATIENT)
async def connection_init_comes_in_time(shop: LiveShop) -> None:
    """Without it the server closes with 4408 after the waiting time."""
    async with shop.connected() as peer:
        assert await peer.closed() == (4408, "Connection initialisation timeout")


@must("ConnectionInit")
async def connection_init_comes_once(shop: LiveShop) -> None:
    """A second one closes with 4429, also after the acknowledgement."""
    async with shop.acknowledged() as peer:
        peer.send(INIT)
        assert await peer.closed() == (4429, "Too many initialisation requests")


@must("ConnectionInit")
async def connection_init_comes_once_at_any_given_time(shop: LiveShop) -> None:
    """A second one closes with 4429, also before the acknowledgement."""
    async with shop.connected() as peer:
        peer.send(INIT, INIT)
        assert (await peer.closed())[0] == 4429


@should("ConnectionInit")
async def a_rejected_connection_is_forbidden(shop: LiveShop) -> None:
    """A connection that is rejected, for example by authentication, is closed with 4403."""
    async with shop.connected() as peer:
        peer.send({**INIT, "payload": {"authorization": "Bearer unknown"}})
        assert (await peer.closed())[0] == 4403


@must("ConnectionAck")
async def connection_init_is_acknowledged(shop: LiveShop) -> None:
    """The server answers with `connection_ack`, whose payload is absent, null or an object."""
    async with shop.connected() as peer:
        peer.send(INIT)
        answer = await peer.receive()
    assert answer["type"] == "connection_ack"
    assert isinstance(answer.get("payload"), dict | None)


@must("ConnectionAck")
async def an_acknowledged_client_may_ask(shop: LiveShop) -> None:
    """After the acknowledgement the client requests operations."""
    async with shop.acknowledged() as peer:
        assert (await peer.ask(QUERY))["payload"]["data"] == {"__typename": "Query"}


@must("Ping")
async def a_ping_is_answered_at_once(shop: LiveShop) -> None:
    """A `pong` answers a `ping` as soon as possible, also while operations run."""
    async with shop.acknowledged() as peer:
        peer.send(subscribe("{ slow }"))
        assert await pong_to(peer) == {"type": "pong"}


@must("Ping")
async def a_ping_may_come_at_any_time(shop: LiveShop) -> None:
    """A `ping` is allowed before the initialisation too."""
    async with shop.connected() as peer:
        assert await pong_to(peer) == {"type": "pong"}
        await peer.init()
        assert await pong_to(peer) == {"type": "pong"}


@must("Ping")
async def the_payload_of_a_ping_is_optional(shop: LiveShop) -> None:
    """The payload is absent, null or an object."""
    async with shop.acknowledged() as peer:
        answers = [await pong_to(peer), await pong_to(peer, payload=None), await pong_to(peer, payload={"at": 1})]
    assert {each["type"] for each in answers} == {"pong"}


@must("Ping")
async def another_payload_of_a_ping_is_invalid(shop: LiveShop) -> None:
    """The payload is nothing but an object or null."""
    for payload in NO_OBJECTS:
        await refused(shop, {"type": "ping", "payload": payload})


@must("Pong")
async def a_pong_may_come_unsolicited(shop: LiveShop) -> None:
    """A `pong` is a heartbeat too, at any time, and is not answered."""
    async with shop.connected() as peer:
        peer.send({"type": "pong"}, {"type": "pong", "payload": {"any": 1}}, {"type": "pong", "payload": None})
        await peer.init()
        peer.send({"type": "pong"})
        assert await pong_to(peer) == {"type": "pong"}


@must("Pong")
async def another_payload_of_a_pong_is_invalid(shop: LiveShop) -> None:
    """The payload is nothing but an object or null."""
    for payload in NO_OBJECTS:
        await refused(shop, {"type": "pong", "payload": payload})


@must("Invalid message")
async def what_is_no_json_is_invalid(shop: LiveShop) -> None:
    """A text that is no JSON closes with 4400."""
    for text in ("", "{", "nonsense", '{"type":"ping"}}'):
        await refused(shop, text)


@must("Invalid message")
async def what_is_no_object_is_invalid(shop: LiveShop) -> None:
    """JSON that is no object closes with 4400."""
    for text in ("null", "1", "[]", '"ping"', '[{"type":"ping"}]'):
        await refused(shop, text)


@must("Invalid message")
async def an_unknown_type_is_invalid(shop: LiveShop) -> None:
    """A missing type, one of another type, and one that the document does not have close with 4400."""
    messages: list[Any] = [
        {},
        {"type": None},
        {"type": 1},
        {"type": {}},
        {"type": "start", "id": "1"},
        {"type": "PING"},
    ]
    for message in messages:
        await refused(shop, message)


@must("Invalid message")
async def a_message_in_the_wrong_direction_is_invalid(shop: LiveShop) -> None:
    """Types that only servers send close with 4400."""
    for message in (
        {"type": "connection_ack"},
        {"type": "next", "id": "1", "payload": {"data": None}},
        {"type": "error", "id": "1", "payload": [{"message": "no"}]},
    ):
        await refused(shop, message)


@must("Invalid message")
async def a_message_of_another_format_is_invalid(shop: LiveShop) -> None:
    """Messages are texts: a binary one closes with 4400."""
    await refused(shop, frame(BINARY, b'{"type":"ping"}'))


@must("Invalid message")
async def an_invalid_message_is_invalid_at_any_time(shop: LiveShop) -> None:
    """It closes with 4400 before the initialisation too, and ends what runs."""
    await refused(shop, "nonsense", is_acknowledged=False)
    async with shop.acknowledged() as peer:
        await shop.subscribed(peer)
        peer.send("nonsense")
        assert (await peer.closed())[0] == 4400
    assert await shop.emptied()


@must("Subscribe")
async def operations_need_an_acknowledgement(shop: LiveShop) -> None:
    """Without an initialisation, `subscribe` closes with 4401 at once."""
    async with shop.connected() as peer:
        peer.send(subscribe(QUERY))
        assert await peer.closed() == (4401, "Unauthorized")


@must("Subscribe")
async def operations_wait_for_the_acknowledgement(shop: LiveShop) -> None:
    """Before the acknowledgement, `subscribe` closes with 4401 too."""
    shop.toys.api.open_session = lambda *_: asyncio.sleep(60)  # type: ignore[method-assign, assignment]
    async with shop.connected() as peer:
        peer.send(INIT, subscribe(QUERY))
        assert await peer.closed() == (4401, "Unauthorized")
