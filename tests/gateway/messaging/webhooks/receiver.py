"""A receiver of webhooks: a real HTTP server that records requests and answers as a test wants it to."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

import orjson

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nOK"
Answering: TypeAlias = Callable[[asyncio.StreamWriter], Awaitable[None]]


def answer(status: int, body: bytes = b"", *headers: str) -> bytes:
    """The octets of an answer."""
    lines = [f"HTTP/1.1 {status} Status", f"content-length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@dataclass(slots=True)
class Request:
    """A request as it arrived."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, object]:
        """The body."""
        content: dict[str, object] = orjson.loads(self.body)
        return content


@dataclass(slots=True)
class Receiver:
    """What a server received, and the answers that it gives to the next requests."""

    port: int = 0
    requests: list[Request] = field(default_factory=list)
    answers: list[bytes | Answering] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    running: int = 0
    most_running: int = 0

    @property
    def url(self) -> str:
        """The address of the server."""
        return f"http://127.0.0.1:{self.port}/hook?source=shop"

    @property
    def ids(self) -> list[str]:
        """The ids of the messages, in the order of arrival."""
        return [each.headers["webhook-id"] for each in self.requests]

    async def has_received(self, number: int) -> None:
        """Wait for so many requests."""
        while len(self.requests) < number:
            self.arrived.clear()
            await self.arrived.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read a request and answer it."""
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            self.requests.append(await _read(reader))
            self.arrived.set()
            given = self.answers.pop(0) if self.answers else OK
            if isinstance(given, bytes):
                writer.write(given)
                await writer.drain()
            else:
                await given(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.running -= 1
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = dict(map(_header, head[1:-2]))
    return Request(head[0], headers, await reader.readexactly(int(headers["content-length"])))


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(": ")
    return name.lower(), value


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A server on this machine."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
