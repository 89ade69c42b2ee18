"""A client of WebSockets that may send any bytes, and the toy shop in a real server with the client's view of it."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from domains.kernel.clock import SystemClock
from gateway.graphql.core.schema import Schema
from gateway.graphql.engine.limits import GraphQLLimits
from gateway.http.settings import HttpSettings
from gateway.rate_limits.rate_limits import RateLimits
from tests.gateway.conftest import make_app
from tests.gateway.live.toys import CHANGED, ONE, Toys, toy_site
from tests.gateway.servers import Served, serving
from tests.gateway.toy_shop import THING_CHANNEL, RecordingDatabase

HERE: Final = "127.0.0.1"
SUB_PROTOCOL: Final = "graphql-transport-ws"
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
FIN, MASKED = 0x80, 0x80
HANDSHAKE: Final = {
    "host": "shop.test",
    "connection": "Upgrade",
    "upgrade": "websocket",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-version": "13",
    "sec-websocket-protocol": SUB_PROTOCOL,
}
QUERY: Final = "{ __typename }"
MUTATION: Final = "mutation { thingSend { errors { code } } }"
COMPLETE: Final = {"id": "1", "type": "complete"}
SETTINGS: Final = HttpSettings(access_log=False)


def frame(
    opcode: int, payload: bytes = b"", *, is_last: bool = True, mask: bytes | None = b"\x00\x00\x00\x00"
) -> bytes:
    """A frame of a client, masked as RFC 6455 requires."""
    first = opcode | (FIN if is_last else 0)
    masked = MASKED if mask is not None else 0
    if len(payload) < 126:
        head = struct.pack("!BB", first, len(payload) | masked)
    elif len(payload) < 65_536:
        head = struct.pack("!BBH", first, 126 | masked, len(payload))
    else:
        head = struct.pack("!BBQ", first, 127 | masked, len(payload))
    return head + (mask or b"") + payload


def text(message: Any) -> bytes:
    """A text frame with JSON, or with a text as it is."""
    return frame(TEXT, message.encode() if isinstance(message, str) else orjson.dumps(message))


def head(headers: Mapping[str, str | None] | None = None, target: str = "/graphql", method: str = "GET") -> bytes:
    """The head of a handshake with other or without some headers."""
    given = {**HANDSHAKE, **(headers or {})}
    lines = [
        f"{method} {target} HTTP/1.1",
        *(f"{name}: {value}" for name, value in given.items() if value is not None),
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


@dataclass
class Peer:
    """A WebSocket of a client."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    response: bytes = b""
    pings: list[bytes] = field(default_factory=list)
    answers_pings: bool = True

    def send(self, *messages: Any) -> None:
        """Send messages."""
        self.writer.write(b"".join(map(text, messages)))

    def raw(self, octets: bytes) -> None:
        """Send bytes as they are."""
        self.writer.write(octets)

    async def frame(self) -> tuple[int, bytes]:
        """The next frame. Raises IncompleteReadError at the end of the connection."""
        first, second = await self.reader.readexactly(2)
        assert first & FIN
        assert not second & MASKED
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", await self.reader.readexactly(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", await self.reader.readexactly(8))
        return first & 0x0F, await self.reader.readexactly(length)

    async def receive(self) -> Any:
        """The next message; pings are answered meanwhile."""
        async with asyncio.timeout(10):
            opcode, payload = await self._answered()
        assert opcode == TEXT, (opcode, payload)
        return orjson.loads(payload)

    async def _answered(self) -> tuple[int, bytes]:
        while (received := await self.frame())[0] == PING:
            self.pings.append(received[1])
            if self.answers_pings:
                self.writer.write(frame(PONG, received[1]))
        return received

    async def closed(self) -> tuple[int, str]:
        """The code and the reason of the close, which must be the next frame; then the connection ends."""
        async with asyncio.timeout(10):
            opcode, payload = await self._answered()
            assert opcode == CLOSE, (opcode, payload)
            with suppress(ConnectionError):
                self.writer.write(frame(CLOSE, payload))
                assert await self.reader.read() == b""
        assert len(payload) <= 125
        return struct.unpack("!H", payload[:2])[0], payload[2:].decode()

    async def gone(self) -> bool:
        """Wait for the end of the connection; returns whether no close frame preceded it."""
        async with asyncio.timeout(10):
            try:
                while (await self.frame())[0] != CLOSE:
                    pass
            except (asyncio.IncompleteReadError, ConnectionError):
                return True
        return False

    async def init(self, payload: Mapping[str, Any] | None = None) -> Any:
        """Initialise the connection; returns the acknowledgement."""
        self.send({"type": "connection_init"} if payload is None else {"type": "connection_init", "payload": payload})
        acknowledged = await self.receive()
        assert acknowledged["type"] == "connection_ack"
        return acknowledged

    async def ask(self, query: str, id_: str = "1", **payload: Any) -> Any:
        """Ask for an operation and return the first message about it."""
        self.send(subscribe(query, id_, **payload))
        return await self.receive()


def subscribe(query: str, id_: str = "1", **payload: Any) -> dict[str, Any]:
    """A message that asks for an operation."""
    return {"id": id_, "type": "subscribe", "payload": {"query": query, **payload}}


@dataclass
class LiveShop:
    """The toy shop in a real server, and the stream of its events."""

    served: Served
    toys: Toys

    @asynccontextmanager
    async def asked(
        self, request: bytes, *, source: str = HERE, window: int | None = None, limit: int = 65_536
    ) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter, bytes]]:
        """A connection from an address, with a receive buffer of this size, and the head of its first response."""
        client = socket.socket()
        client.setblocking(False)
        if window is not None:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        client.bind((source, 0))
        await asyncio.get_running_loop().sock_connect(client, (HERE, self.served.port))
        reader, writer = await asyncio.open_connection(sock=client, limit=limit)
        try:
            writer.write(request)
            async with asyncio.timeout(10):
                response = await reader.readuntil(b"\r\n\r\n")
            yield reader, writer, response
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    @asynccontextmanager
    async def connected(self, headers: Mapping[str, str | None] | None = None, **options: Any) -> AsyncIterator[Peer]:
        """A client whose handshake is answered."""
        async with self.asked(head(headers), **options) as (reader, writer, response):
            yield Peer(reader, writer, response)

    @asynccontextmanager
    async def acknowledged(self, payload: Mapping[str, Any] | None = None, **options: Any) -> AsyncIterator[Peer]:
        """A client that has initialised its connection."""
        async with self.connected(**options) as peer:
            await peer.init(payload)
            yield peer

    async def subscribed(self, peer: Peer, id_: str = "1", query: str = CHANGED, **payload: Any) -> None:
        """Let a client subscribe to the first thing, and wait until it is in the room."""
        before = self.subscriptions
        peer.send(subscribe(query, id_, variables={"id": str(ONE)}, **payload))
        await self.until(lambda: self.subscriptions > before)

    async def raw(self, request: bytes) -> bytes:
        """The response to a request on a connection of its own."""
        async with asyncio.timeout(10):
            return await self.served.raw(request)

    @property
    def subscriptions(self) -> int:
        """The number of open subscriptions of clients; the sessions have one of their own."""
        rooms = self.toys.hub._rooms
        return sum(len(found) for room, found in rooms.items() if room.channel == THING_CHANNEL.name)

    async def until(self, condition: Any) -> None:
        """Wait for a condition."""
        async with asyncio.timeout(10):
            while not condition():  # noqa: ASYNC110 - there is no event for it
                await asyncio.sleep(0.005)

    async def emptied(self) -> bool:
        """Wait until nothing is left of clients."""
        state = self.served.server.server_state
        await self.until(lambda: not state.connections and not state.tasks and not self.toys.hub.subscriptions)
        return True


@asynccontextmanager
async def live_shop(
    schema: Schema,
    settings: HttpSettings = SETTINGS,
    limits: GraphQLLimits | None = None,
    rate_limits: RateLimits | None = None,
    **options: Any,
) -> AsyncIterator[LiveShop]:
    """The toy shop in a real server."""
    async with (
        toy_site(schema, RecordingDatabase(), SystemClock(), limits=limits) as toys,
        serving(make_app(toys.api, settings, limits=rate_limits, **options), settings) as served,
    ):
        yield LiveShop(served, toys)


def codes(message: Any) -> list[str]:
    assert message["type"] == "error"
    return [each["extensions"]["code"] for each in message["payload"]]


def held_mutations(shop: LiveShop) -> asyncio.Event:
    """Let mutations wait in their transaction until the event is set."""
    waiting, run = asyncio.Event(), shop.toys.db.run

    async def held(work: Callable[[Any], Awaitable[Any]], actor: Any) -> Any:
        shop.toys.db.log.append("begin")
        await waiting.wait()
        return await run(work, actor)

    shop.toys.db.run = held  # type: ignore[method-assign] # of this stand-in
    return waiting
