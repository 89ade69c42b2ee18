"""GraphQL over WebSocket: the handshake at `/graphql`."""

import time
from functools import partial
from typing import Any, Final

from gateway.graphql.core.context import RequestMetadata
from gateway.graphql.core.errors import RequestRefused, render
from gateway.http.body import Receive
from gateway.http.connections import keep_open
from gateway.http.edge import SECURITY_HEADERS
from gateway.http.live import closings
from gateway.http.live.clients import Client, Socket, observation_of
from gateway.http.live.closings import Closed
from gateway.http.live.connections import Place
from gateway.http.live.context import LiveContext
from gateway.http.live.conversation import Conversation
from gateway.http.live.messages import SUB_PROTOCOL
from gateway.http.live.origins import ForeignOrigin, is_allowed
from gateway.http.requests import Headers, metadata_of
from gateway.http.responses import NO_STORE, Header, Send, request_id_header, send_json

SWITCHING_PROTOCOLS: Final = 101
DENIAL: Final = "websocket."


class GraphQLWebSocket:
    """The ASGI application behind handshakes."""

    def __init__(self, live: LiveContext) -> None:
        self._live = live

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Refuse a handshake in HTTP, or serve the client until the connection ends."""
        request = metadata_of(scope, Headers.of(scope), self._live.settings.trusted_proxies)
        await receive()  # the event that says that the client connects
        place = await self._admit(scope, request, send)
        if place is None:
            return
        began, socket = time.monotonic(), Socket(receive, send)
        keep_open(scope, partial(socket.end, closings.STOPPING))
        with place:
            closed = await self._serve(Client(self._live, scope, request, place, socket))
        self._live.log.disconnected(request, closed.code, time.monotonic() - began)

    async def _admit(self, scope: Any, request: RequestMetadata, send: Send) -> Place | None:
        """The place of a connection, or None for one that has been refused."""
        with observation_of(self._live, scope, request) as observation:
            try:
                if self._live.limits is not None:
                    self._live.limits.check_read(request.ip)
                self._check_origin(scope)
                place = self._live.connections.admit(request.ip, "websocket")
            except RequestRefused as refused:
                observation.status = refused.status
                await _refuse(send, refused, request.request_id)
                return None
            observation.status = SWITCHING_PROTOCOLS
            return place

    def _check_origin(self, scope: Any) -> None:
        if not is_allowed(Headers.of(scope), self._live.settings.cors_origins):
            message = "Pages of this origin may not connect: it is not one of `CORS_ORIGINS`."
            raise RequestRefused("ORIGIN_NOT_ALLOWED", message, status=403) from ForeignOrigin()

    async def _serve(self, client: Client) -> Closed:
        """Serve an admitted client; returns how its connection has ended."""
        if SUB_PROTOCOL not in client.scope["subprotocols"]:
            client.socket.end(closings.WRONG_SUB_PROTOCOL)
            await client.socket.accept(None, client.request.request_id)
            await client.socket.close(closings.WRONG_SUB_PROTOCOL)
            return closings.WRONG_SUB_PROTOCOL
        await client.socket.accept(SUB_PROTOCOL, client.request.request_id)
        return await Conversation(client).run()


async def _refuse(send: Send, refused: RequestRefused, request_id: str) -> None:
    """Answer a handshake with an error in HTTP."""

    async def deny(message: Any) -> None:
        await send({**message, "type": DENIAL + message["type"]})

    retry_after = (refused.extensions or {}).get("retryAfter")
    headers: list[Header] = [NO_STORE, *SECURITY_HEADERS, (b"connection", b"close"), request_id_header(request_id)]
    if retry_after is not None:
        headers.append((b"retry-after", b"%d" % retry_after))
    await send_json(deny, refused.status, {"errors": [render(refused, request_id)]}, headers)
