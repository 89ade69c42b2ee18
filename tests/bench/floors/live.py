"""The floor of live events: a bare Starlette that updates a row and sends what it was told to all of its sockets.

No outbox, no stream, no other process, no permissions: what no path from a commit to a client can be faster than.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

UPDATE = "update products set description = $2, updated_at = now() where id = $1"
SOCKETS: set[WebSocket] = set()


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Open a pool of connections while the application runs."""
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=2, max_size=4) as pool:
        app.state.pool = pool
        yield


async def change(request: Request) -> Response:
    """Set the description of a product, and send it to all sockets after the commit."""
    given = orjson.loads(await request.body())["variables"]["input"]
    await request.app.state.pool.execute(UPDATE, given["id"], given["description"])
    message = orjson.dumps({"type": "next", "id": "1", "payload": given}).decode()
    for socket in SOCKETS:
        await socket.send_text(message)
    return Response(b'{"data":{}}', media_type="application/json")


async def listen(socket: WebSocket) -> None:
    """Acknowledge a connection, and keep it among the sockets until it ends."""
    await socket.accept("graphql-transport-ws")
    await socket.receive_text()
    await socket.send_text('{"type":"connection_ack"}')
    SOCKETS.add(socket)
    try:
        while True:
            await socket.receive_text()
    except WebSocketDisconnect:
        SOCKETS.discard(socket)


ROUTES = [
    Route("/graphql", change, methods=["POST"]),
    Route("/constant", lambda _: Response(b"{}")),
    WebSocketRoute("/graphql", listen),
]
app = Starlette(routes=ROUTES, lifespan=lifespan)

if __name__ == "__main__":
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        log_level="warning",
        access_log=False,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
    )
