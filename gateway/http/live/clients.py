"""The client of a WebSocket: what is sent to it and received from it, and how that ends."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

from gateway.graphql.core.context import RequestMetadata
from gateway.http.body import Receive
from gateway.http.live.closings import GONE, Closed
from gateway.http.live.connections import Place
from gateway.http.live.context import LiveContext
from gateway.http.responses import Send, request_id_header
from gateway.monitoring.requests import GRAPHQL, Observation, observed

METHOD: Final = "WEBSOCKET"


class Gone(Exception):
    """The client has gone, and nothing can be sent to it."""


class Socket:
    """An accepted WebSocket. Whoever ends it first says with which code.

    Messages are sent one after another, each when the one before it has been taken by the network, so that a client
    that reads slowly holds one message at a time. The server drops a client that reads nothing.
    """

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._sending = asyncio.Lock()
        self.ended: asyncio.Future[Closed] = asyncio.get_running_loop().create_future()

    def end(self, closed: Closed) -> None:
        """End the connection, unless it is ending."""
        if not self.ended.done():
            self.ended.set_result(closed)

    async def accept(self, sub_protocol: str | None, request_id: str) -> None:
        """Accept the handshake."""
        headers = [request_id_header(request_id)]
        async with self._sending:
            with suppress(OSError):  # the client has gone, as the first reading shows
                await self._send({"type": "websocket.accept", "subprotocol": sub_protocol, "headers": headers})

    async def receive(self) -> str | None:
        """The text of the next message; None for a binary one. Raises Gone."""
        message = await self._receive()
        if message["type"] == "websocket.disconnect":
            self.end(GONE)
            raise Gone
        text: str | None = message.get("text")
        return text

    async def send(self, text: str) -> None:
        """Send a message. Raises Gone."""
        async with self._sending:
            try:
                await self._send({"type": "websocket.send", "text": text})
            except OSError as error:
                self.end(GONE)
                raise Gone from error

    async def close(self, closed: Closed) -> None:
        """Tell the client that and how the connection ends."""
        async with self._sending:
            with suppress(OSError):
                await self._send({"type": "websocket.close", "code": closed.code, "reason": closed.reason})


@dataclass(frozen=True, slots=True)
class Client:
    """A client with its WebSocket; `request` is the handshake."""

    live: LiveContext
    scope: Any
    request: RequestMetadata
    place: Place
    socket: Socket

    @contextmanager
    def observed(self) -> Iterator[Observation]:
        """Observe what is done for the client, and log it at the end as a request is logged."""
        with observation_of(self.live, self.scope, self.request) as observation:
            yield observation


@contextmanager
def observation_of(live: LiveContext, scope: Any, request: RequestMetadata) -> Iterator[Observation]:
    """Observe a handshake, or an operation over the WebSocket that it has opened."""
    with observed(request.request_id, METHOD, None) as observation:
        observation.route = GRAPHQL
        try:
            yield observation
        finally:
            live.log.finished(scope, request, observation)
