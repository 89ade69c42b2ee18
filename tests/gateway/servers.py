"""The toy shop in a real uvicorn in the event loop of the test, for tests that send raw HTTP."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import orjson
import uvicorn
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from gateway.graphql.core.schema import Schema
from gateway.http.server import server_config
from gateway.http.settings import HttpSettings
from tests.gateway.conftest import make_api, make_app
from tests.gateway.toy_shop import RecordingDatabase

SETTINGS = HttpSettings(
    max_body=10_000, body_timeout=0.05, head_timeout=0.05, execution_timeout=0.05, access_log=False
)
BODY = orjson.dumps({"query": "{ __typename }"})
HEAD = b"POST /graphql HTTP/1.1\r\nhost: shop.test\r\ncontent-type: application/json\r\n"


@dataclass(slots=True)
class Served:
    """A running server, its port, and the limits of connections that were hit."""

    server: uvicorn.Server
    port: int
    task: "asyncio.Task[None]"
    limits: list[str]

    async def raw(self, *parts: bytes) -> bytes:
        """Send raw bytes and return the first response."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
            return await answer(reader)
        finally:
            writer.close()
            await writer.wait_closed()


async def answer(reader: asyncio.StreamReader) -> bytes:
    """The next response on a connection, head and body."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    return head + await reader.readexactly(length)


async def until(condition: Callable[[], bool]) -> None:
    """Poll until a condition is true."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.005)


@asynccontextmanager
async def served(
    schema: Schema, settings: HttpSettings = SETTINGS, routes: Sequence[BaseRoute] = ()
) -> AsyncIterator[Served]:
    async with serving(make_app(make_api(schema, RecordingDatabase()), settings, routes=routes), settings) as at:
        yield at


@asynccontextmanager
async def serving(app: ASGIApp, settings: HttpSettings = SETTINGS) -> AsyncIterator[Served]:
    """An application in a real uvicorn."""
    limits: list[str] = []
    server = uvicorn.Server(server_config(app, settings, limits.append, port=0))
    task = asyncio.create_task(server._serve())
    await until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Served(server, port, task, limits)
    finally:
        server.should_exit = True
        await task


def code(answer: bytes) -> tuple[int, str]:
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), orjson.loads(body)["errors"][0]["extensions"]["code"]


async def canary(at: Served) -> bool:
    """Whether the server answers another client."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{at.port}") as client:
        response = await client.post("/graphql", content=BODY, headers={"content-type": "application/json"})
    return bool(response.json()["data"] == {"__typename": "Query"})
