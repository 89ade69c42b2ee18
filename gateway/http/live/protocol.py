"""The WebSocket protocol of a connection: uvicorn's, with bounds on what a client makes the server hold."""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

import orjson
from uvicorn._types import ASGIReceiveEvent, ASGISendEvent
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

from gateway.http.connections import CONNECTION
from gateway.http.responses import JSON_UTF8, error_body
from gateway.http.settings import HttpSettings

CLOSE_SECONDS: Final = 5.0
"""For how long a client may take to answer the close, or to read a part of what was sent before."""
INVALID_DATA: Final = 1007
PART: Final = 1_024
"""The octets that are parsed at once, a small part of what one read may bring: then others have their turn."""


def _ignore(_limit: str) -> None:
    """Count no limit."""


class Handshake(ServerProtocol):
    """The protocol of frames; it refuses handshakes in JSON."""

    def reject(self, status: HTTPStatus | int, text: str) -> Response:
        """The response to a handshake that is none."""
        message = text.partition("\n")[0][:200]
        body = orjson.dumps(error_body(HTTPStatus(status).name, message)).decode()
        response = super().reject(status, body)
        del response.headers["Content-Type"]
        response.headers["Content-Type"] = JSON_UTF8.decode("ascii")
        response.headers["Sec-WebSocket-Version"] = "13"  # RFC 6455 §4.2.2
        return response


class LiveProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol, where a client cannot let messages, answers or connections pile up.

    While a client does not read what it was sent, nothing is read from it either, pings included. Each time the
    deadline of writing expires, it must have read a part.
    """

    settings = HttpSettings()
    on_limit: Callable[[str], None] = staticmethod(_ignore)

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.conn = Handshake(max_size=self.settings.max_live_message, logger=self.logger)
        self.conn.debug = False  # it would log headers and messages
        self._unparsed = bytearray()
        self._parsing: asyncio.Handle | None = None
        self._message = bytearray()
        self._is_text = True
        self._unsent = 0
        self._timer: asyncio.TimerHandle | None = None
        self._has_ended = False
        self._on_stop: Callable[[], None] | None = None
        self._is_stopping = False

    def keep_open(self, on_stop: Callable[[], None]) -> None:
        """Call `on_stop` when the server stops, or now when it is stopping."""
        self._on_stop = on_stop
        if self._is_stopping:
            on_stop()

    def shutdown(self) -> None:
        """The server stops: the application ends the connection."""
        self._is_stopping = True
        if self._on_stop is not None:
            self._on_stop()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed."""
        self._unparsed.clear()
        super().connection_lost(exc)
        self._set_timer(None)

    def data_received(self, data: bytes) -> None:
        """Handle received bytes by parts, each when the messages of the one before it have been taken."""
        self._unparsed += data
        if self._parsing is None and not self.read_paused:
            self._parse()

    def _parse(self) -> None:
        self._parsing = None
        if self.read_paused or not self.writable.is_set():
            return
        part = bytes(self._unparsed[:PART])
        del self._unparsed[:PART]
        self.conn.receive_data(part)
        self._handle_received()
        if self._unparsed and not self.transport.is_closing():
            self.transport.pause_reading()
        self._resume_reading()

    def _handle_received(self) -> None:
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            self._refuse_handshake()
        elif self.conn.parser_exc is not None:
            self._fail()
        else:
            self.handle_events()

    def handle_events(self) -> None:
        """Handle what was received, until the connection closes."""
        for event in self.conn.events_received():
            if self.transport.is_closing():
                return
            if isinstance(event, Request):
                self.handle_connect(event)
            elif isinstance(event, Frame):
                self._handle_frame(event)

    def handle_connect(self, event: Request) -> None:
        """Give the application access to the connection, or close it after a refusal."""
        super().handle_connect(event)
        if self.close_sent:
            self._end()
        else:
            self.scope["state"][CONNECTION] = self

    def keepalive_timeout(self) -> None:
        """A pong is missing. It cannot be expected while nothing is read from the client."""
        if self.writable.is_set():
            self.on_limit("PING_TIMEOUT")
            super().keepalive_timeout()
            self._end()
        else:
            self.pong_timer = self.pending_ping_payload = None
            self.schedule_ping()

    def pause_writing(self) -> None:
        """The client reads more slowly than it is written to."""
        super().pause_writing()
        if not self.transport.is_closing():
            self.transport.pause_reading()
        if not self._has_ended:
            self._watch(self.settings.write_timeout)

    def resume_writing(self) -> None:
        """The client has read most of what was sent."""
        super().resume_writing()
        if not self._has_ended:
            self._set_timer(None)
        self._resume_reading()

    async def receive(self) -> ASGIReceiveEvent:
        """The next message for the application."""
        message = await self.queue.get()
        if self.queue.empty():
            self.read_paused = False
            self._resume_reading()
        return message

    async def send(self, message: ASGISendEvent) -> None:
        """Send a message of the application. Raises ClientDisconnected."""
        if self.close_sent or self.transport.is_closing():
            raise ClientDisconnected
        await super().send(message)
        self.handshake_complete |= self.close_sent

    async def run_asgi(self) -> None:
        """Run the application; when it has ended, the connection soon ends too."""
        await super().run_asgi()
        self._end()

    def _handle_frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.PING:
            self.handle_ping()
        elif frame.opcode is Opcode.PONG:
            self.handle_pong(frame)
        elif frame.opcode is Opcode.CLOSE:
            self.handle_close(frame)
        else:
            self._collect(frame)

    def _collect(self, frame: Frame) -> None:
        """Add a part to the message that it belongs to. Small and empty parts take no more memory than their data."""
        if frame.opcode is not Opcode.CONT:
            self._message, self._is_text = bytearray(), frame.opcode is Opcode.TEXT
        self._message += frame.data
        if not frame.fin or self.close_sent:
            return
        message, self._message = bytes(self._message), bytearray()
        if not self._is_text:
            self.queue.put_nowait({"type": "websocket.receive", "bytes": message})
        else:
            try:
                self.queue.put_nowait({"type": "websocket.receive", "text": message.decode()})
            except UnicodeDecodeError:
                self.conn.fail(INVALID_DATA, "A text message is not encoded in UTF-8.")
                self._fail()
                return
        self.read_paused = True
        self.transport.pause_reading()

    def _fail(self) -> None:
        """Close after bytes that are no WebSocket frames, with the code that says why."""
        if self.conn.close_sent is None:  # before the handshake is answered
            self.transport.abort()
        else:
            self.handle_parser_exception()

    def _refuse_handshake(self) -> None:
        """Answer a head that the protocol of frames does not read, such as one with very long headers."""
        response = b"".join(self.conn.data_to_send())
        if not response:
            refusal = self.conn.reject(HTTPStatus.BAD_REQUEST, "The request is no handshake of a WebSocket.")
            response = refusal.serialize()
        self.transport.write(response)
        self.transport.close()
        self._end()

    def _resume_reading(self) -> None:
        """Go on with what was received before, else with what the client sends, unless something must come first."""
        if self.transport.is_closing():
            self._unparsed.clear()
        elif self.read_paused or not self.writable.is_set():
            return
        elif not self._unparsed:
            self.transport.resume_reading()
        elif self._parsing is None:
            self._parsing = self.loop.call_soon(self._parse)

    def _end(self) -> None:
        """Give the client some seconds to read the rest and to close, and more while it reads."""
        if not (self._has_ended or self.disconnected):
            self._has_ended = True
            self._watch(CLOSE_SECONDS)

    def _watch(self, seconds: float) -> None:
        self._unsent = self.transport.get_write_buffer_size()
        self._set_timer(self.loop.call_later(seconds, self._expire, seconds))

    def _expire(self, seconds: float) -> None:
        """Abort the connection of a client that has read nothing meanwhile."""
        if 0 < self.transport.get_write_buffer_size() < self._unsent:
            self._watch(seconds)
            return
        if not self._has_ended:
            self.on_limit("WRITE_TIMEOUT")
        self.transport.abort()

    def _set_timer(self, timer: asyncio.TimerHandle | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = timer


def live_protocol(settings: HttpSettings, on_limit: Callable[[str], None] = _ignore) -> type[LiveProtocol]:
    """The protocol class of one server with these limits; `on_limit` is called with the name of each that is hit."""
    return type("Protocol", (LiveProtocol,), {"settings": settings, "on_limit": staticmethod(on_limit)})
