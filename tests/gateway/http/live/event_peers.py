"""A client of event streams over a raw socket."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

import orjson

from tests.gateway.http.live.peers import HERE, LiveShop
from tests.gateway.live.toys import CHANGED, ONE

COMPLETE: Final = {"event": "complete", "data": ""}


@dataclass
class EventPeer:
    """A response that is read as it arrives."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    status: int
    headers: dict[str, str]
    body: bytearray = field(default_factory=bytearray)
    comments: int = 0

    async def chunk(self) -> bytes:
        """The next chunk; nothing at the end of the response."""
        size = int(await self.reader.readuntil(b"\r\n"), 16)
        data = await self.reader.readexactly(size + 2)
        return data[:-2]

    async def event(self) -> dict[str, Any] | None:
        """The fields of the next event, or None at the end of the response; comments are counted."""
        async with asyncio.timeout(10):
            while True:
                while b"\n\n" not in self.body:
                    if not (chunk := await self.chunk()):
                        assert not self.body
                        return None
                    self.body += chunk
                text, _, rest = bytes(self.body).partition(b"\n\n")
                self.body = bytearray(rest)
                if text != b":":
                    return dict(_field(line) for line in text.decode().split("\n"))
                self.comments += 1

    async def begin(self) -> str:
        """The id with which each stream begins."""
        first = await self.event()
        assert first is not None
        assert first.keys() == {"id"}
        return str(first["id"])

    async def result(self) -> Any:
        """The result in the next event."""
        event = await self.event()
        assert event is not None
        assert event["event"] == "next"
        return orjson.loads(event["data"])

    async def whole(self) -> bytes:
        """The body of a response that is no stream."""
        return await self.reader.readexactly(int(self.headers["content-length"]))

    async def gone(self) -> bool:
        """Wait until the server closes the connection."""
        async with asyncio.timeout(10):
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                while await self.reader.read(65_536):
                    pass
        return True


def _field(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name, value.removeprefix(" ")


@asynccontextmanager
async def streamed(
    shop: LiveShop,
    query: str,
    headers: Mapping[str, str] | None = None,
    *,
    method: str = "POST",
    window: int | None = None,
    source: str = HERE,
    **request: Any,
) -> AsyncIterator[EventPeer]:
    """A client that has asked for an operation by a stream and got the head of the response."""
    asked = _request(method, {"query": query, **request}, headers or {})
    async with shop.asked(asked, source=source, window=window, limit=window or 65_536) as (reader, writer, response):
        status, *lines = response.decode().rstrip().split("\r\n")
        given = (line.partition(": ") for line in lines)
        yield EventPeer(reader, writer, int(status.split()[1]), {name.lower(): value for name, _, value in given})


@asynccontextmanager
async def watched(shop: LiveShop, **options: Any) -> AsyncIterator[EventPeer]:
    """A client that is subscribed to the first thing."""
    before = shop.subscriptions
    async with streamed(shop, CHANGED, **{"variables": {"id": str(ONE)}, **options}) as peer:
        await peer.begin()
        await shop.until(lambda: shop.subscriptions > before)
        yield peer


def _request(method: str, data: Mapping[str, Any], headers: Mapping[str, str]) -> bytes:
    body, target = b"", "/graphql"
    given = {"host": "shop.test", "accept": "text/event-stream", **headers}
    if method == "GET":
        texts = {name: value if isinstance(value, str) else orjson.dumps(value) for name, value in data.items()}
        target += "?" + urlencode(texts)
    else:
        body = orjson.dumps(data)
        given = {"content-type": "application/json", "content-length": str(len(body)), **given}
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body
