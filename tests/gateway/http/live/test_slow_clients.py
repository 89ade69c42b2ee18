"""Clients that read slowly, read nothing, or are no longer there."""

import asyncio
import socket
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from gateway.graphql.core.schema import Schema
from gateway.http.live import protocol
from gateway.http.settings import HttpSettings
from tests.gateway.http.live.peers import PING, QUERY, SETTINGS, LiveShop, frame, live_shop, text
from tests.gateway.live.toys import ONE

SMALL = 8_192
SHORT = replace(SETTINGS, write_timeout=0.2)
LISTS = " ".join(f"a{number}: things {{ id name colour price {{ amount currency }} }}" for number in range(25))
LARGE = f"subscription ($id: ID!) {{ thingChanged(id: $id) {{ thing {{ maker {{ {LISTS} }} }} }} }}"
PADDING = text({"type": "ping", "payload": {"padding": "x" * 100_000}})


@asynccontextmanager
async def tight_shop(schema: Schema, settings: HttpSettings = SHORT, **options: Any) -> AsyncIterator[LiveShop]:
    """The toy shop with small send buffers, as the server has them in production."""
    async with live_shop(schema, settings, **options) as shop:
        for listening in shop.served.server.servers[0].sockets:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)
        yield shop


async def test_a_client_that_reads_nothing_while_events_flow_is_dropped(schema: Schema) -> None:
    async with tight_shop(schema) as shop, shop.acknowledged(window=4_096, limit=1_024) as peer:
        await shop.subscribed(peer, query=LARGE)
        for _ in range(30):
            await shop.toys.change(ONE)
        assert await shop.emptied()
    assert shop.served.limits == ["WRITE_TIMEOUT"]


async def test_a_client_that_sends_and_reads_nothing_is_neither_read_nor_kept(schema: Schema) -> None:
    async with tight_shop(schema) as shop, shop.acknowledged(window=4_096, limit=1_024) as peer:
        tracemalloc.start()
        try:
            for _ in range(200):
                peer.raw(PADDING)
                await asyncio.sleep(0)
            assert await shop.emptied()
            held = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, "*/uvicorn/*")])
            assert sum(each.size for each in held.traces) < 500_000
        finally:
            tracemalloc.stop()
            peer.writer.transport.abort()
    assert shop.served.limits == ["WRITE_TIMEOUT"]


async def test_pings_of_a_client_that_reads_nothing_are_not_answered_without_end(schema: Schema) -> None:
    pings = frame(PING, b"x" * 125) * 500
    async with tight_shop(schema) as shop, shop.acknowledged(window=4_096, limit=1_024) as peer:
        (connection,) = shop.served.server.server_state.connections
        for _ in range(50):
            peer.raw(pings)
            await asyncio.sleep(0.001)
            assert connection.transport.get_write_buffer_size() < 3 * len(pings)
        assert await shop.emptied()
        peer.writer.transport.abort()


async def test_a_client_that_reads_slowly_gets_all_results(schema: Schema) -> None:
    async with tight_shop(schema) as shop, shop.acknowledged(window=4_096, limit=1_024) as peer:
        await shop.subscribed(peer, query=LARGE)
        for _ in range(20):
            await shop.toys.change(ONE)
        events = []
        for _ in range(20):
            await asyncio.sleep(0.05)
            events.append((await peer.receive())["payload"]["extensions"]["eventId"])
        assert len(set(events)) == 20
        assert events == sorted(events, key=lambda each: tuple(map(int, each.split("-"))))
        assert (await peer.ask(QUERY, "2"))["type"] == "next"
    assert shop.served.limits == []


async def test_the_server_pings_and_keeps_a_client_that_answers(schema: Schema) -> None:
    async with live_shop(schema, replace(SETTINGS, ping_interval=0.05)) as shop, shop.acknowledged() as peer:
        await shop.subscribed(peer)
        receiving = asyncio.create_task(peer.receive())
        await shop.until(lambda: len(peer.pings) == 4)
        await shop.toys.change(ONE)
        assert (await receiving)["type"] == "next"


async def test_a_client_that_answers_no_pings_is_dropped(schema: Schema) -> None:
    async with live_shop(schema, replace(SETTINGS, ping_interval=0.05)) as shop, shop.acknowledged() as peer:
        await shop.subscribed(peer)
        peer.answers_pings = False
        assert await peer.closed() == (1011, "keepalive ping timeout")
        assert await shop.emptied()
    assert shop.served.limits == ["PING_TIMEOUT"]


async def test_a_client_that_reads_a_large_answer_slowly_is_not_taken_for_a_dead_one(schema: Schema) -> None:
    settings = replace(SETTINGS, ping_interval=0.1)
    async with tight_shop(schema, settings) as shop, shop.acknowledged(window=4_096, limit=1_024) as peer:
        peer.raw(PADDING * 2)
        await asyncio.sleep(0.5)
        for _ in range(2):
            assert (await peer.receive())["type"] == "pong"
        assert (await peer.ask(QUERY))["type"] == "next"
    assert shop.served.limits == []


@pytest.mark.parametrize("reads", [False, True], ids=["stalled", "silent"])
async def test_a_client_that_does_not_answer_a_close_is_cut_off(
    schema: Schema, reads: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "CLOSE_SECONDS", 0.1)
    async with tight_shop(schema) as shop, shop.acknowledged(window=4_096, limit=1_024) as peer:
        if not reads:
            peer.raw(PADDING)
        peer.send("nonsense")
        assert await shop.emptied()
        peer.writer.transport.abort()


async def test_a_client_that_reads_slowly_gets_what_was_sent_before_the_close(
    schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "CLOSE_SECONDS", 0.3)
    async with tight_shop(schema, SETTINGS) as shop, shop.acknowledged(window=4_096, limit=1_024) as peer:
        peer.raw(PADDING)
        peer.send("nonsense")
        octets = bytearray()
        async with asyncio.timeout(20):
            while chunk := await peer.reader.read(512):
                octets += chunk
                await asyncio.sleep(0.01)
        assert len(octets) > 100_000
        assert octets.endswith(b"The message is not valid JSON.")
