"""A server in place of a provider's, for tests."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.gateway.servers import until


@dataclass(frozen=True, slots=True)
class Received:
    """A request, with its body as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass
class ProviderServer:
    """Records requests and gives the next of its answers: status, headers, body; `answer` decides without one."""

    requests: list[Received] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str], Any]] = field(default_factory=list)
    delay: float = 0.0
    url: str = ""

    def answer(self, _received: Received) -> tuple[int, dict[str, str], Any]:
        """The answer when no other was given."""
        return 200, {}, {}

    async def serve(self, request: Request) -> Response:
        received = Received(
            request.method,
            request.url.path,
            dict(request.query_params),
            dict(request.headers),
            await request.body(),
        )
        self.requests.append(received)
        status, headers, body = self.answers.pop(0) if self.answers else self.answer(received)
        await asyncio.sleep(self.delay)
        return Response(body if isinstance(body, bytes) else orjson.dumps(body), status, headers)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Listen on a free port of this machine."""
        app = Starlette(routes=[Route("/{path:path}", self.serve, methods=["GET", "POST"])])
        config = uvicorn.Config(app, host="127.0.0.1", port=0, lifespan="off", log_config=None, log_level="error")
        server = uvicorn.Server(config)
        task = asyncio.create_task(server._serve())
        await until(lambda: server.started)
        self.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        try:
            yield
        finally:
            server.should_exit = True
            await task
