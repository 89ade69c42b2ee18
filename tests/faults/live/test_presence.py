"""Presence over two servers: viewers at one that stops are gone at once, at one that is killed within a minute."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx
import orjson
import pytest
from websockets.asyncio.client import ClientConnection, connect

from gateway.live.presence import RENEW_SECONDS
from gateway.live.presence_store import TTL
from tests.faults.live.watchers import SUB_PROTOCOL
from tests.faults.processes import Gateway, Processes
from tests.faults.shop import Shop

WATCH: Final = """subscription ($productId: ID!, $isViewing: Boolean!) {
  productPresence(productId: $productId, isViewing: $isViewing) { viewers } }"""
PRODUCT: Final = "{ products(first: 1) { nodes { id } } }"
SOON: Final = 10.0


@asynccontextmanager
async def viewer(server: Gateway, product_id: str, *, is_viewing: bool = True) -> AsyncIterator[ClientConnection]:
    """A guest who is subscribed at a server."""
    url = server.url.replace("http", "ws") + "/graphql"
    async with connect(url, subprotocols=[SUB_PROTOCOL]) as socket:
        await socket.send('{"type": "connection_init"}')
        assert orjson.loads(await socket.recv())["type"] == "connection_ack"
        payload = {"query": WATCH, "variables": {"productId": product_id, "isViewing": is_viewing}}
        await socket.send(orjson.dumps({"id": "1", "type": "subscribe", "payload": payload}).decode())
        yield socket


async def shows(socket: ClientConnection, viewers: int, seconds: float = SOON) -> list[int]:
    """Wait until a subscription shows so many viewers; what it has shown. Raises TimeoutError."""
    seen: list[int] = []
    async with asyncio.timeout(seconds):
        while not seen or seen[-1] != viewers:
            message: Any = orjson.loads(await socket.recv())
            seen.append(message["payload"]["data"]["productPresence"]["viewers"])
    return seen


@pytest.mark.faults
@pytest.mark.redis
async def test_viewers_of_a_server_that_ends_are_gone(
    processes: Processes, shop_template: tuple[str, Shop], http: httpx.AsyncClient
) -> None:
    here, there = processes.gateway(), processes.gateway()
    await asyncio.gather(here.start(), there.start())
    shop = shop_template[1].behind(http, [here.url])
    staff = await shop.administrator()
    product_id = (await staff.done(PRODUCT))["nodes"][0]["id"]
    async with viewer(here, product_id, is_viewing=False) as watcher:
        assert await shows(watcher, 0) == [0]
        async with viewer(there, product_id), viewer(there, product_id), viewer(here, product_id):
            await shows(watcher, 3)
            there.terminate()
            await there.ended()
            await shows(watcher, 1)
            await there.start()
            async with viewer(there, product_id):
                await shows(watcher, 2)
                there.kill()
                await there.ended()
                gone = await shows(watcher, 1, TTL.total_seconds() + RENEW_SECONDS + SOON)
        await shows(watcher, 0)
    assert gone == [1]
