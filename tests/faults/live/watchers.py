"""A member of staff who watches the orders of a shop, and connects again whenever the connection ends."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from tests.faults.api import Client
from tests.faults.shop import Placed, Shop

SUB_PROTOCOL: Final = Subprotocol("graphql-transport-ws")
CREATED: Final = "subscription { orderCreated { order { id } } }"
ORDERS: Final = """query ($after: String) {
  orders(first: 100, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }"""
PAUSE: Final = 0.1


@dataclass
class Watcher:
    """Watches by the events, and reads the list of orders again when the server says that events were missed.

    `connections` counts the subscriptions, `missed` how often events were missed, `told` the events of each order.
    """

    staff: Client
    urls: Sequence[str]
    first: int = 0
    orders: set[str] = field(default_factory=set)
    told: Counter[str] = field(default_factory=Counter)
    connections: int = 0
    missed: int = 0
    last_event_id: str | None = None
    is_connected: bool = False

    async def run(self) -> None:
        """Watch until cancelled, each time at the next server."""
        for number in count(self.first):
            url = self.urls[number % len(self.urls)].replace("http", "ws") + "/graphql"
            try:
                async with connect(url, subprotocols=[SUB_PROTOCOL], open_timeout=5) as socket:
                    await self._watch(socket)
            except (OSError, WebSocketException, TimeoutError):
                await asyncio.sleep(PAUSE)
            finally:
                self.is_connected = False

    async def _watch(self, socket: ClientConnection) -> None:
        authorization = {"authorization": f"Bearer {self.staff.token}"}
        await _send(socket, {"type": "connection_init", "payload": authorization})
        acknowledged = orjson.loads(await socket.recv())
        assert acknowledged["type"] == "connection_ack"
        if self.last_event_id is None:
            self.last_event_id = acknowledged["payload"]["eventId"]
        payload = {"query": CREATED, "extensions": {"lastEventId": self.last_event_id}}
        await _send(socket, {"id": "1", "type": "subscribe", "payload": payload})
        self.connections, self.is_connected = self.connections + 1, True
        async for message in socket:
            received = orjson.loads(message)
            assert received["type"] == "next", received
            await self._receive(received["payload"])

    async def _receive(self, result: dict[str, Any]) -> None:
        assert "errors" not in result, result
        if result["extensions"].get("missed"):
            self.missed += 1
            await self._refetch()
        else:
            order = result["data"]["orderCreated"]["order"]["id"]
            self.orders.add(order)
            self.told[order] += 1
        self.last_event_id = result["extensions"]["eventId"]

    async def _refetch(self) -> None:
        """Read all orders again, as a client does after it has missed events."""
        page: dict[str, Any] = {"endCursor": None, "hasNextPage": True}
        while page["hasNextPage"]:
            found = await self.staff.done(ORDERS, after=page["endCursor"])
            self.orders |= {node["id"] for node in found["nodes"]}
            page = found["pageInfo"]


async def _send(socket: ClientConnection, message: dict[str, Any]) -> None:
    await socket.send(orjson.dumps(message).decode())


@asynccontextmanager
async def watching(watchers: Sequence[Watcher]) -> AsyncIterator[None]:
    """Let all of them watch during the block. Raises an error of any of them."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(watcher.run()) for watcher in watchers]
        yield
        for task in tasks:
            task.cancel()


async def order_of(shop: Shop, *, first: int = 0) -> str:
    """The id of a guest's new order of an item; `first` selects a server."""
    buyer = shop.buyer(first=first)
    placed = await buyer.order(await buyer.fill(shop.items[0].line()))
    assert isinstance(placed, Placed)
    return placed.id
