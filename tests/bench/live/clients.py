"""Clients that subscribe over WebSocket or over SSE, and tell when something arrives."""

import asyncio
import re
import struct
import time
from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self

import orjson

SECONDS: Final = 30.0
CLOSE, PING, PONG, TEXT = 8, 9, 10, 1
HANDSHAKE: Final = (
    "GET /graphql HTTP/1.1\r\nHost: bench\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Protocol: graphql-transport-ws\r\nX-Forwarded-For: {client}\r\n\r\n"
)
POST: Final = (
    "POST /graphql HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nAccept: text/event-stream\r\n"
    "X-Forwarded-For: {client}\r\nContent-Length: {length}\r\n\r\n"
)
NAMED: Final = re.compile(rb"bench-(\d+)")


def frame(opcode: int, payload: bytes) -> bytes:
    """A frame of a client whose mask changes nothing."""
    length = len(payload)
    head = struct.pack("!BB", 0x80 | opcode, 0x80 | (min(126, length)))
    return head + (b"" if length < 126 else struct.pack("!H", length)) + bytes(4) + payload


def address_of(number: int) -> str:
    """The network address of a client, for which a proxy vouches."""
    return f"10.9.{number // 250}.{number % 250 + 1}"


@dataclass
class Subscriber(asyncio.Protocol):
    """A client whose operation runs. `arrivals` has when the change of each number arrived."""

    payload: dict[str, Any]
    client: str
    arrivals: dict[int, float] = field(default_factory=dict)
    on_arrival: Callable[[], None] = lambda: None
    is_closed: bool = False
    _transport: Any = None
    _buffer: bytes = b""
    _head: "asyncio.Future[None]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    async def connect(self, port: int) -> Self:
        """Connect to 127.0.0.1 and subscribe. Raises RuntimeError when the server refuses that."""
        await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", port)
        async with asyncio.timeout(SECONDS):
            await self._head
        return self

    def close(self) -> None:
        """Hang up."""
        self._transport.close()

    def connection_made(self, transport: Any) -> None:
        """Send the head of the request."""
        self._transport = transport
        transport.write(self.head())

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end."""
        self.is_closed = True
        if not self._head.done():
            self._head.set_exception(RuntimeError(f"the server ended the connection: {self._buffer[:300]!r}"))

    def data_received(self, data: bytes) -> None:
        """Read what the server sends."""
        self._buffer += data
        if not self._head.done():
            head, separator, rest = self._buffer.partition(b"\r\n\r\n")
            if not separator:
                return
            if not head.startswith((b"HTTP/1.1 101", b"HTTP/1.1 200")):
                self._transport.close()
                return
            self._buffer = rest
            self._head.set_result(None)
            self.answered()
        self.read()

    @abstractmethod
    def head(self) -> bytes:
        """The head of the request."""

    def answered(self) -> None:
        """Go on after the head of the response."""

    @abstractmethod
    def read(self) -> None:
        """Read what is complete in the buffer."""

    def note(self, message: bytes) -> None:
        """Note the changes in a message."""
        now = time.perf_counter()
        for number in NAMED.findall(message):
            self.arrivals.setdefault(int(number), now)
            self.on_arrival()


class WebSocketSubscriber(Subscriber):
    """Over `graphql-transport-ws`."""

    def head(self) -> bytes:
        """The handshake."""
        return HANDSHAKE.format(client=self.client).encode()

    def answered(self) -> None:
        """Initialise the connection."""
        self._transport.write(frame(TEXT, b'{"type":"connection_init"}'))

    def read(self) -> None:
        """Read whole frames."""
        while len(self._buffer) >= 2:
            length, start = self._buffer[1] & 0x7F, 2
            if length == 126:
                length, start = int.from_bytes(self._buffer[2:4], "big"), 4
            if len(self._buffer) < start + length:
                return
            opcode, message = self._buffer[0] & 0x0F, self._buffer[start : start + length]
            self._buffer = self._buffer[start + length :]
            self._receive(opcode, message)

    def _receive(self, opcode: int, message: bytes) -> None:
        if opcode == PING:
            self._transport.write(frame(PONG, message))
        elif opcode == CLOSE:
            self._transport.close()
        elif message.startswith(b'{"type":"connection_ack"'):
            subscribe = {"id": "1", "type": "subscribe", "payload": self.payload}
            self._transport.write(frame(TEXT, orjson.dumps(subscribe)))
        else:
            self.note(message)


class SseSubscriber(Subscriber):
    """Over Server-Sent Events; the pieces of a chunked body end with their events."""

    def head(self) -> bytes:
        """The whole request."""
        body = orjson.dumps(self.payload)
        return POST.format(client=self.client, length=len(body)).encode() + body

    def read(self) -> None:
        """Read whole events."""
        *events, self._buffer = self._buffer.split(b"\n\n")
        for event in events:
            self.note(event)


async def subscribe_all(
    kind: Callable[[dict[str, Any], str], Subscriber],
    port: int,
    payloads: Sequence[dict[str, Any]],
    at_once: int = 50,
) -> list[Subscriber]:
    """A subscriber for each payload, some of them at once."""
    opened: list[Subscriber] = []
    for start in range(0, len(payloads), at_once):
        part = payloads[start : start + at_once]
        opened += await asyncio.gather(
            *(kind(payload, address_of(start + number)).connect(port) for number, payload in enumerate(part))
        )
    return opened
