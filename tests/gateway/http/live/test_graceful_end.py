"""A server that stops: live connections are told, what they have asked for is answered, and nothing new begins."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from gateway.graphql.core.schema import Schema
from gateway.http.live import protocol
from gateway.http.settings import HttpSettings
from tests.gateway.http.live.event_peers import COMPLETE as STREAM_COMPLETE
from tests.gateway.http.live.event_peers import streamed, watched
from tests.gateway.http.live.peers import (
    COMPLETE,
    MUTATION,
    QUERY,
    SETTINGS,
    LiveShop,
    Peer,
    head,
    held_mutations,
    live_shop,
    subscribe,
    text,
)
from tests.gateway.servers import code
from tests.gateway.toy_shop import GATE

STOPPING = (1001, "The server is stopping. Connect again.")


async def stop(shop: LiveShop) -> None:
    """Let the server stop, and wait until it has begun to."""
    shop.served.server.should_exit = True
    await shop.until(lambda: not shop.served.server.servers[0].is_serving())


@asynccontextmanager
async def stopped_at_the_end(schema: Schema, settings: HttpSettings = SETTINGS) -> AsyncIterator[LiveShop]:
    """The toy shop, whose server must have stopped at the end."""
    async with live_shop(schema, settings) as shop:
        yield shop
        async with asyncio.timeout(10):
            await shop.served.task


async def test_websockets_are_told_that_the_server_stops(schema: Schema) -> None:
    async with stopped_at_the_end(schema) as shop, shop.connected() as fresh, shop.acknowledged() as subscribed:
        await shop.subscribed(subscribed)
        await stop(shop)
        assert [await each.closed() for each in (fresh, subscribed)] == [STOPPING] * 2


async def test_streams_end_so_that_their_clients_connect_again(schema: Schema) -> None:
    async with stopped_at_the_end(schema) as shop, watched(shop) as peer:
        await stop(shop)
        assert await peer.event() is None
        assert await peer.gone()


@pytest.mark.parametrize("operation", ["query", "mutation"])
async def test_an_operation_that_runs_is_answered_before_the_close(schema: Schema, operation: str) -> None:
    GATE.clear()
    async with stopped_at_the_end(schema) as shop, shop.acknowledged() as peer:
        waiting = held_mutations(shop) if operation == "mutation" else GATE
        await shop.subscribed(peer, "subscription")
        peer.send(subscribe(MUTATION if operation == "mutation" else "{ slow }"))
        await shop.until(lambda: bool(GATE._waiters) or shop.toys.db.log == ["begin"])
        await stop(shop)
        peer.send(subscribe(MUTATION, "late"))
        await shop.until(lambda: shop.subscriptions == 0)
        waiting.set()
        assert (await peer.receive())["type"] == "next"
        assert await peer.receive() == COMPLETE
        assert await peer.closed() == STOPPING
    assert shop.toys.db.log == (["begin", "commit"] if operation == "mutation" else [])


@pytest.mark.parametrize("operation", ["query", "mutation"])
async def test_an_operation_that_runs_is_answered_before_its_stream_ends(schema: Schema, operation: str) -> None:
    GATE.clear()
    async with stopped_at_the_end(schema) as shop:
        waiting = held_mutations(shop) if operation == "mutation" else GATE
        async with streamed(shop, MUTATION if operation == "mutation" else "{ slow }") as peer:
            await peer.begin()
            await shop.until(lambda: bool(GATE._waiters) or shop.toys.db.log == ["begin"])
            await stop(shop)
            waiting.set()
            assert (await peer.result())["data"]
            assert await peer.event() == STREAM_COMPLETE
            assert await peer.event() is None


async def test_a_server_that_stops_refuses_handshakes(schema: Schema) -> None:
    GATE.clear()
    async with stopped_at_the_end(schema) as shop:
        reader, writer = await asyncio.open_connection("127.0.0.1", shop.served.port)
        slow = asyncio.create_task(shop.raw(b"GET /graphql?query={slow} HTTP/1.1\r\n\r\n"))
        await shop.until(lambda: bool(GATE._waiters))
        await stop(shop)
        writer.write(head())
        head_of_response = await reader.readuntil(b"\r\n\r\n")
        assert head_of_response.startswith(b"HTTP/1.1 503 ")
        GATE.set()
        assert code(await _with_errors(reader, head_of_response)) == (503, "UNAVAILABLE")
        assert (await slow).startswith(b"HTTP/1.1 200 ")
        writer.close()


async def _with_errors(reader: asyncio.StreamReader, response: bytes) -> bytes:
    return response + await reader.read()


async def test_a_handshake_that_has_just_arrived_is_told_too(schema: Schema) -> None:
    async with live_shop(schema) as shop:
        reader, writer = await asyncio.open_connection("127.0.0.1", shop.served.port)
        await shop.until(lambda: len(shop.served.server.server_state.connections) == 1)
        (connection,) = shop.served.server.server_state.connections
        connection.data_received(head() + text({"type": "connection_init"}))
        (connection,) = shop.served.server.server_state.connections
        connection.shutdown()
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
        assert await Peer(reader, writer).closed() == STOPPING
        writer.close()


async def test_a_client_that_does_not_answer_does_not_keep_the_server(
    schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "CLOSE_SECONDS", 0.1)
    async with stopped_at_the_end(schema) as shop, shop.acknowledged():
        await stop(shop)
        async with asyncio.timeout(10):
            await shop.served.task
        assert shop.served.server.server_state.connections == set()


@pytest.mark.parametrize("is_stream", [False, True], ids=["websocket", "stream"])
async def test_a_mutation_does_not_keep_the_server_beyond_its_time(schema: Schema, is_stream: bool) -> None:
    settings = replace(SETTINGS, shutdown_timeout=1)
    async with stopped_at_the_end(schema, settings) as shop:
        held_mutations(shop)
        if is_stream:
            async with streamed(shop, MUTATION) as stream:
                await shop.until(lambda: shop.toys.db.log == ["begin"])
                await stop(shop)
                await stream.gone()
        else:
            async with shop.acknowledged() as peer:
                peer.send(subscribe(MUTATION))
                await shop.until(lambda: shop.toys.db.log == ["begin"])
                await stop(shop)
                await peer.gone()
    assert shop.toys.db.log == ["begin"]


async def test_the_end_of_a_session_lets_its_mutation_be_answered(
    schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with live_shop(schema) as shop:
        monkeypatch.setattr(shop.toys.api._authentication, "seconds_left", lambda _token: 0.1)
        async with shop.acknowledged({"authorization": "Bearer staff"}) as peer:
            waiting = held_mutations(shop)
            await shop.subscribed(peer, "subscription")
            peer.send(subscribe(MUTATION))
            await shop.until(lambda: shop.toys.db.log == ["begin"] and shop.subscriptions == 0)
            peer.send(subscribe(QUERY, "late"))
            waiting.set()
            assert (await peer.receive())["type"] == "next"
            assert await peer.receive() == COMPLETE
            assert (await peer.closed())[0] == 4403
