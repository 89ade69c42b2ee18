"""The rules of GraphQL over WebSocket about operations: `subscribe`, `next`, `error` and `complete`."""

import asyncio
from typing import Any, Final

from tests.clients.protocols.websocket import INITIALISATION, NO_OBJECTS, QUERY, must, refused, should
from tests.gateway.http.live.peers import LiveShop, Peer, subscribe
from tests.gateway.live.toys import ANY, CHANGED, ONE
from tests.gateway.toy_shop import GATE

RULES: Final = INITIALISATION  # and, below, those of operations
SLOW: Final = "{ slow }"


async def received(peer: Peer, number: int) -> list[tuple[str, str]]:
    """The id and type of the messages that come next."""
    messages = [await peer.receive() for _ in range(number)]
    return [(each["id"], each["type"]) for each in messages]


async def is_quiet(peer: Peer) -> bool:
    """Whether nothing precedes the answer to a ping that follows all that was sent."""
    for _ in range(5):
        await asyncio.sleep(0.01)
    peer.send({"type": "ping"})
    return bool(await peer.receive() == {"type": "pong"})


@must("Subscribe")
async def an_id_in_use_is_refused(shop: LiveShop) -> None:
    """A second operation with the id of one that runs closes with 4409 and names the id."""
    async with shop.acknowledged() as peer:
        await shop.subscribed(peer, "mine")
        peer.send(subscribe(CHANGED, "mine", variables={"id": str(ONE)}))
        assert await peer.closed() == (4409, "Subscriber for mine already exists")


@must("Subscribe")
async def an_id_in_use_is_refused_for_every_type_of_operation(shop: LiveShop) -> None:
    """The id is taken by queries and mutations as well."""
    for first, second in ((SLOW, QUERY), (SLOW, "mutation { thingSend { errors { code } } }")):
        async with shop.acknowledged() as peer:
            peer.send(subscribe(first, "mine"), subscribe(second, "mine"))
            assert (await peer.closed())[0] == 4409


@must("Subscribe")
async def an_id_is_free_after_the_operation(shop: LiveShop) -> None:
    """After `complete` of the server an id may be used again."""
    async with shop.acknowledged() as peer:
        for _ in range(3):
            peer.send(subscribe(QUERY, "mine"))
            assert await received(peer, 2) == [("mine", "next"), ("mine", "complete")]


@must("Subscribe")
async def an_id_is_free_after_the_client_completes(shop: LiveShop) -> None:
    """After `complete` of the client an id may be used again at once."""
    async with shop.acknowledged() as peer:
        await shop.subscribed(peer, "mine")
        peer.send({"type": "complete", "id": "mine"}, subscribe(QUERY, "mine"))
        assert await received(peer, 2) == [("mine", "next"), ("mine", "complete")]


@must("Subscribe")
async def an_id_is_free_after_an_error(shop: LiveShop) -> None:
    """After `error` an id may be used again."""
    async with shop.acknowledged() as peer:
        peer.send(subscribe("{ nothing }", "mine"))
        assert await received(peer, 1) == [("mine", "error")]
        peer.send(subscribe(QUERY, "mine"))
        assert await received(peer, 2) == [("mine", "next"), ("mine", "complete")]


@must("Subscribe")
async def an_id_is_a_text(shop: LiveShop) -> None:
    """A missing id, and one of another type, close with 4400."""
    ids: list[Any] = [None, 1, True, [], {}, ""]
    for id_ in ids:
        await refused(shop, subscribe(QUERY, id_))
    await refused(shop, {"type": "subscribe", "payload": {"query": QUERY}})


@must("Subscribe")
async def the_payload_of_subscribe_is_an_object(shop: LiveShop) -> None:
    """A missing payload, null, and one of another type close with 4400."""
    for payload in (None, *NO_OBJECTS):
        await refused(shop, {"type": "subscribe", "id": "1", "payload": payload})
    await refused(shop, {"type": "subscribe", "id": "1"})


@must("Subscribe")
async def the_query_is_a_text(shop: LiveShop) -> None:
    """A missing query, and one of another type, close with 4400."""
    queries: list[Any] = [None, 1, {}, [], True]
    for query in queries:
        await refused(shop, subscribe(query))
    await refused(shop, {"type": "subscribe", "id": "1", "payload": {}})


@must("Subscribe")
async def the_operation_name_is_a_text_or_null(shop: LiveShop) -> None:
    """`operationName` chooses an operation; a value of another type closes with 4400."""
    async with shop.acknowledged() as peer:
        answer = await peer.ask("query A { a: __typename } query B { b: __typename }", operationName="B")
        assert answer["payload"]["data"] == {"b": "Query"}
        assert (await peer.receive())["type"] == "complete"
        assert (await peer.ask(QUERY, operationName=None))["type"] == "next"
    invalid: list[Any] = [1, True, [], {}]
    for name in invalid:
        await refused(shop, subscribe(QUERY, operationName=name))


@must("Subscribe")
async def variables_are_an_object_or_null(shop: LiveShop) -> None:
    """`variables` are used; values of another type close with 4400."""
    async with shop.acknowledged() as peer:
        answer = await peer.ask("query ($text: String) { echo(text: $text) }", variables={"text": "häuser"})
        assert answer["payload"]["data"] == {"echo": "häuser"}
        assert (await peer.receive())["type"] == "complete"
        assert (await peer.ask(QUERY, variables=None))["type"] == "next"
    for variables in NO_OBJECTS:
        await refused(shop, subscribe(QUERY, variables=variables))


@must("Subscribe")
async def extensions_are_an_object_or_null(shop: LiveShop) -> None:
    """`extensions` of another type close with 4400."""
    for accepted in ({}, {"any": 1}, None):
        async with shop.acknowledged() as peer:
            assert (await peer.ask(QUERY, extensions=accepted))["type"] == "next"
    for extensions in NO_OBJECTS:
        await refused(shop, subscribe(QUERY, extensions=extensions))


@must("Subscribe")
async def operations_run_side_by_side(shop: LiveShop) -> None:
    """Operations with different ids run at once, and their messages may interleave."""
    async with shop.acknowledged() as peer:
        await shop.subscribed(peer, "a")
        await shop.subscribed(peer, "b")
        peer.send(subscribe(QUERY, "c"))
        assert await received(peer, 2) == [("c", "next"), ("c", "complete")]
        await shop.toys.change(ONE)
        assert sorted(await received(peer, 2)) == [("a", "next"), ("b", "next")]


@must("Next")
async def a_subscription_gets_a_result_for_each_event(shop: LiveShop) -> None:
    """Each `next` has the id of the operation and an execution result."""
    async with shop.acknowledged() as peer:
        await shop.subscribed(peer, "mine")
        for _ in range(2):
            await shop.toys.change(ONE)
        messages = [await peer.receive() for _ in range(2)]
    assert [(each["id"], each["type"]) for each in messages] == [("mine", "next")] * 2
    assert all(each["payload"]["data"]["thingChanged"] for each in messages)


@must("Next")
async def a_query_gets_one_result_and_completes(shop: LiveShop) -> None:
    """A single-result operation has at most one `next`, then `complete`."""
    async with shop.acknowledged() as peer:
        peer.send(subscribe(QUERY, "q"))
        assert await received(peer, 2) == [("q", "next"), ("q", "complete")]
        assert await is_quiet(peer)


@must("Next")
async def a_mutation_gets_one_result_and_completes(shop: LiveShop) -> None:
    """Mutations run over the connection too."""
    async with shop.acknowledged() as peer:
        peer.send(subscribe("mutation { thingSend { errors { code } } }", "m"))
        assert await received(peer, 2) == [("m", "next"), ("m", "complete")]


@must("Next")
async def an_error_during_the_execution_is_part_of_a_result(shop: LiveShop) -> None:
    """The result of an operation that has begun has its errors."""
    async with shop.acknowledged() as peer:
        answer = await peer.ask("{ fault ok: __typename }", "q")
        assert answer["payload"]["data"] == {"fault": None, "ok": "Query"}
        assert [each["path"] for each in answer["payload"]["errors"]] == [["fault"]]
        assert await received(peer, 1) == [("q", "complete")]


@must("Error")
async def a_syntax_error_is_an_error_message(shop: LiveShop) -> None:
    """What prevents an execution is `error` with a list of GraphQL errors."""
    async with shop.acknowledged() as peer:
        answer = await peer.ask("{", "q")
    assert (answer["type"], answer["id"]) == ("error", "q")
    assert all(isinstance(each["message"], str) for each in answer["payload"])


@must("Error")
async def a_validation_error_is_an_error_message(shop: LiveShop) -> None:
    """So is a document that does not match the schema, also of a subscription."""
    async with shop.acknowledged() as peer:
        for number, query in enumerate(
            ("{ nothing }", "subscription { nothing }", "query ($a: Int!) { __typename }")
        ):
            assert (await peer.ask(query, str(number)))["type"] == "error"


@must("Error")
async def a_refused_subscription_is_an_error_message(shop: LiveShop) -> None:
    """So is a subscription that the client may not have."""
    async with shop.acknowledged() as peer:
        assert (await peer.ask(ANY, "s"))["type"] == "error"


@must("Error")
async def an_error_message_ends_the_operation(shop: LiveShop) -> None:
    """Nothing follows `error`, not even `complete`, and the connection stays."""
    async with shop.acknowledged() as peer:
        assert (await peer.ask("{ nothing }"))["type"] == "error"
        assert await is_quiet(peer)
        assert (await peer.ask(QUERY))["type"] == "next"


@must("Complete")
async def a_completed_subscription_gets_nothing_more(shop: LiveShop) -> None:
    """After `complete` of the client no event is sent to the operation."""
    async with shop.acknowledged() as peer:
        await shop.subscribed(peer, "mine")
        running = shop.toys.hub.subscriptions
        peer.send({"type": "complete", "id": "mine"})
        await shop.until(lambda: shop.toys.hub.subscriptions < running)
        await shop.toys.change(ONE)
        assert await is_quiet(peer)


@must("Complete")
async def a_completed_query_gets_no_result(shop: LiveShop) -> None:
    """After `complete` of the client the result of a query is not sent when it is there."""
    async with shop.acknowledged() as peer:
        peer.send(subscribe(SLOW, "q"), {"type": "complete", "id": "q"})
        assert await is_quiet(peer)
        GATE.set()
        try:
            assert await is_quiet(peer)
        finally:
            GATE.clear()


@must("Complete")
async def the_completion_of_an_unknown_operation_is_ignored(shop: LiveShop) -> None:
    """`complete` of an id that never was, or that is no more, is no error."""
    async with shop.acknowledged() as peer:
        peer.send({"type": "complete", "id": "never"})
        assert (await peer.ask(QUERY, "q"))["type"] == "next"
        assert await received(peer, 1) == [("q", "complete")]
        peer.send({"type": "complete", "id": "q"}, {"type": "complete", "id": "q"})
        assert await is_quiet(peer)


@must("Complete")
async def the_id_of_a_completion_is_a_text(shop: LiveShop) -> None:
    """A missing id, and one of another type, close with 4400."""
    ids: list[Any] = [None, 1, True, [], {}]
    messages = [{"type": "complete", "id": id_} for id_ in ids]
    for message in ({"type": "complete"}, *messages):
        await refused(shop, message)


@should("Complete")
async def the_client_may_complete_in_any_order(shop: LiveShop) -> None:
    """Completing one operation leaves the others."""
    async with shop.acknowledged() as peer:
        await shop.subscribed(peer, "a")
        await shop.subscribed(peer, "b")
        running = shop.toys.hub.subscriptions
        peer.send({"type": "complete", "id": "a"})
        await shop.until(lambda: shop.toys.hub.subscriptions < running)
        await shop.toys.change(ONE)
        assert await received(peer, 1) == [("b", "next")]
        assert await is_quiet(peer)
