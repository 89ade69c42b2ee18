"""The protocol of a connection: a deadline for each state, and JSON responses to malformed HTTP."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from enum import Enum, auto
from http import HTTPStatus
from typing import Any, Final

import httptools
import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from gateway.http.connections import CONNECTION, PROBES, STOPPING, TOO_MANY_PIPELINED, Connections, Refusal
from gateway.http.joined_writes import JoinedWrites
from gateway.http.live.protocol import LiveProtocol
from gateway.http.responses import Response, error_body
from gateway.http.settings import HttpSettings

LINGER_SECONDS: Final = 1.0
FRAMING: Final = frozenset({b"content-length", b"transfer-encoding"})
LIVE_PATH: Final = b"/graphql"
LIMITS: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE})


AnswerAtOnce = Callable[[Any, bytes], Response | None]
"""The response to a complete request with this ASGI scope and body; None when the application is to answer."""


def _ignore(_limit: str) -> None:
    """Count no limit."""


def _leave(_scope: Any, _body: bytes) -> None:
    """Leave all requests to the application."""


class State(Enum):
    """What a connection is waiting for."""

    HEAD = auto()
    """The end of a request's head."""
    WORK = auto()
    """The application, which has its own deadlines, also for the body."""
    UNREAD = auto()
    """The rest of a body whose request is already answered."""
    IDLE = auto()
    """The next request."""
    WRITE = auto()
    """The client, to read the response."""


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol with deadlines. A deadline starts with its state, and received bytes do not extend it.

    The deadline of writing is extended when the client reads, so that a large file may take long. The kernel accepts
    more data in pieces of some dozens of kilobytes, so that reading single bytes does not extend it.

    The first request in what is received may be answered at once, without a task for the application.
    """

    settings = HttpSettings()
    counted = Connections(settings)
    deadlines: Mapping[State, float] = {}
    on_limit: Callable[[str], None] = staticmethod(_ignore)
    answer_at_once: AnswerAtOnce = staticmethod(_leave)
    _is_first = False
    _unstarted: RequestResponseCycle | None = None
    _state: State | None = None
    _timer: asyncio.TimerHandle | None = None
    _unsent = 0
    _in_head = _in_body = _ignores_input = False
    _framing = b""
    _advanced = False
    _overhead = 0
    _is_stopping = False
    _running: RequestResponseCycle | None = None
    _refusal: Refusal | None = None
    _is_handshake = False
    _on_stop: Callable[[], None] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Count the connection and start the deadline of its first request."""
        super().connection_made(transport)
        self._out = JoinedWrites(transport, self.loop)
        self._application = self.app
        self._watch()
        self._refusal = self.counted.admit(self, self.client[0] if self.client else None)
        if self._refusal is not None:
            self.on_limit(self._refusal.limit)

    def connection_lost(self, exc: Exception | None) -> None:
        """Notify all waiting requests, not only the last one, that the client has disconnected."""
        self._set_timer(None)
        self.counted.release(self)
        for cycle in (self._running, *(queued for queued, _ in self.pipeline)):
            if cycle is not None and not cycle.response_complete:
                cycle.disconnected = True
                cycle.message_event.set()
        self.pipeline.clear()
        super().connection_lost(exc)

    @property
    def has_whole_body(self) -> bool:
        """Whether the bodies of all requests that were begun have arrived."""
        return not self._in_body

    def keep_open(self, on_stop: Callable[[], None]) -> None:
        """The response is an endless stream, and the last one of the connection."""
        self._on_stop = on_stop
        self.counted.release(self)
        if self._running is not None:
            self._running.keep_alive = False
        if self._is_stopping:
            on_stop()

    def abort(self) -> None:
        """Close at once, without a response."""
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Parse received bytes, and limit the size of a request's head."""
        if self._ignores_input:
            return
        self._advanced, self._is_first = False, True
        try:
            self._parse(data)
        except httptools.HttpParserError:
            self._refuse(HTTPStatus.BAD_REQUEST, "Invalid HTTP request received.")
        if self._is_handshake:
            return
        self._is_first = False
        self._start()
        self._overhead = 0 if self._advanced else self._overhead + len(data)
        if self._overhead > self.settings.max_head:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The request head is too large.")
        self._watch()

    def on_message_begin(self) -> None:
        """A head begins."""
        if not self._ignores_input and not self._framing:
            super().on_message_begin()
            self._in_head = True

    def on_headers_complete(self) -> None:
        """A head is complete: choose the application that answers it."""
        if self._ignores_input or self._framing:
            return
        path = self.url.partition(b"?")[0]
        refusal = self._refusal if path not in PROBES else None
        if len(self.pipeline) >= self.settings.max_pipelined:
            refusal = TOO_MANY_PIPELINED
            self.on_limit(refusal.limit)
        if refusal is None and path == LIVE_PATH and self._offers_websocket():
            self._is_handshake = not self._is_stopping
            refusal = STOPPING if self._is_stopping else None
        self.app = refusal or self._application
        super().on_headers_complete()
        if self._is_handshake:
            return
        self.scope["state"][CONNECTION] = self
        self._in_head, self._in_body, self._advanced = False, True, True
        self.headers = []  # for the trailers of a chunked body, which are ignored
        if self._is_stopping:
            self.cycle.keep_alive = False
        if self.parser.should_upgrade():
            self.cycle.keep_alive, self._framing = False, _framing(self.cycle.scope["headers"])
        if self._refusal is not None:
            self.counted.mark_active(self)
        if refusal is not None or self._refusal is not None:
            self.cycle.keep_alive = False
            self._ignores_input = refusal is not None

    def on_body(self, body: bytes) -> None:
        """A part of a body."""
        self._advanced = True
        if not self._ignores_input:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """A request is complete."""
        if self._is_handshake or (self._framing and self.parser.should_upgrade()):
            return
        self._in_body, self._advanced = False, True
        if not self._ignores_input:
            super().on_message_complete()
            self._answer_at_once()

    def on_response_complete(self) -> None:
        """A request is answered; the next one is read when none is waiting."""
        self._out.flush()
        super().on_response_complete()
        self._unset_keepalive_if_required()  # the state IDLE replaces it, which a single byte does not end
        if self.pipeline and not self.transport.is_closing():
            self.flow.pause_reading()
        self._watch()

    def pause_writing(self) -> None:
        """The client reads more slowly than the response is written."""
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        """The client has read most of the response."""
        super().resume_writing()
        self._watch()

    def shutdown(self) -> None:
        """The server stops: close after the response that comes next, or in a second when no request arrives.

        A request may be on its way when the server stops. Closing an idle connection at once would lose it.
        """
        self._is_stopping = True
        if self._on_stop is not None:
            self._on_stop()
        cycle = self.cycle
        if cycle is not None and not cycle.response_started:
            cycle.keep_alive = False
        self._state = None
        self._watch()

    def _parse(self, data: bytes) -> None:
        """Parse received bytes. A request that offers an upgrade is answered in HTTP/1.1.

        Its parser ends after the head, so that another one reads its body, which is preceded by a head of its own.
        """
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            if self._is_handshake:
                self._hand_over(data[offer.args[0] :])
                return
            if not self._framing:
                self._ignores_input = True
                return
            self.parser = httptools.HttpRequestParser(self)
            self.parser.feed_data(b"POST / HTTP/1.1\r\nconnection: close\r\n%b\r\n" % self._framing)
            self._framing = b""
            self.parser.feed_data(data[offer.args[0] :])

    def _should_upgrade(self) -> bool:
        """Whether the head is that of a WebSocket, for which uvicorn makes no request."""
        return self._is_handshake

    def _offers_websocket(self) -> bool:
        """Whether the head is a handshake that can be answered: no other request of the connection waits."""
        return (
            self.ws_protocol_class is not None
            and self.parser.should_upgrade()
            and self._get_upgrade() == b"websocket"
            and (self.parser.get_method(), self.parser.get_http_version()) == (b"GET", "1.1")
            and not _framing(self.headers)
            and (self.cycle is None or self.cycle.response_complete)
        )

    def _hand_over(self, rest: bytes) -> None:
        """Let the protocol of WebSockets have the connection, which is no longer one of HTTP's."""
        self._set_timer(None)
        self.counted.release(self)
        self.handle_websocket_upgrade()
        del self.parser  # which refers to this protocol
        successor = self.transport.get_protocol()
        if rest and isinstance(successor, LiveProtocol):
            successor.data_received(rest)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle
        cycle.transport = self._out
        if self._is_first and app is self._application and not self.flow.write_paused:
            self._unstarted = cycle  # until its body is here, or what was received has been parsed
        else:
            super()._start_asgi_task(cycle, app)
        self._is_first = False

    def _start(self) -> None:
        """Call the application for the request that was not answered at once."""
        if (cycle := self._unstarted) is not None:
            self._unstarted = None
            super()._start_asgi_task(cycle, self._application)

    def _answer_at_once(self) -> None:
        """Answer the request if that needs no application."""
        cycle = self._unstarted
        if cycle is None or cycle is not self.cycle:  # a pipelined one behind it is complete
            return
        if not cycle.keep_alive or cycle.waiting_for_100_continue:
            return
        response = self.answer_at_once(cycle.scope, bytes(cycle.body))
        if response is None:
            return
        self._unstarted = self._state = None
        headers = [b"%b: %b\r\n" % header for header in (*cycle.default_headers, *response.headers)]
        self.transport.write(b"".join((STATUS_LINE[response.status], *headers, b"\r\n", response.body)))
        cycle.response_started = cycle.response_complete = True
        self.on_response_complete()

    def _current_state(self) -> State:
        if self.flow.write_paused or self.transport.is_closing():
            return State.WRITE
        if self._running is not None and not self._running.response_complete:
            return State.WORK
        if self._in_head or (self._running is None and not self._is_stopping):
            return State.HEAD
        return State.UNREAD if self._in_body else State.IDLE

    def _watch(self) -> None:
        """Start the deadline when the state has changed."""
        state = self._current_state()
        if state is self._state:
            return
        self._state = state
        if state is State.WRITE:
            self._unsent = self.transport.get_write_buffer_size()
        seconds = self.deadlines[state]
        self._set_timer(min(seconds, LINGER_SECONDS) if self._is_stopping and state is State.IDLE else seconds)

    def _set_timer(self, seconds: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if seconds is None else self.loop.call_later(seconds, self._expire)

    def _expire(self) -> None:
        """Handle an expired deadline."""
        self._timer = None
        was, self._state = self._state, None
        if was is State.HEAD:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, "The request head did not arrive in time.")
        elif was is State.UNREAD or was is State.IDLE:
            self.transport.close()
        elif was is State.WRITE and self.transport.get_write_buffer_size() >= self._unsent:
            self.on_limit("WRITE_TIMEOUT")
            self.transport.abort()
            return
        self._watch()

    def _refuse(self, status: HTTPStatus, message: str) -> None:
        """Answer without the application and close, after the responses to earlier requests."""
        if self.transport.is_closing():
            return
        if status in LIMITS:
            self.on_limit(status.name)
        self._ignores_input = True
        cycle = self._running
        if cycle is not None and not cycle.response_complete:
            if cycle is not self.cycle or not self._in_body or cycle.response_started:
                self.cycle.keep_alive = False
                return
        elif cycle is not None and self._in_body:  # it is already answered
            self.transport.close()
            return
        body = orjson.dumps(error_body(status.name, message))
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/json; charset=utf-8\r\n"
            f"content-length: {len(body)}\r\nx-content-type-options: nosniff\r\ncache-control: no-store\r\n"
            "connection: close\r\n\r\n"
        )
        self.transport.write(head.encode("ascii") + body)
        self.transport.close()


def _framing(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The lines of a head that tell where its body ends; none when there is no body."""
    return b"".join(b"%b: %b\r\n" % each for each in headers if each[0] in FRAMING)


def protocol(
    settings: HttpSettings, on_limit: Callable[[str], None] = _ignore, answer_at_once: AnswerAtOnce = _leave
) -> type[BoundedProtocol]:
    """The protocol class of one server with these limits; `on_limit` is called with the name of each that is hit."""
    deadlines = {
        State.HEAD: settings.head_timeout,
        State.WORK: settings.write_timeout,  # checked again: the application may have closed the connection
        State.UNREAD: settings.body_timeout,
        State.IDLE: settings.keep_alive_timeout,
        State.WRITE: settings.write_timeout,
    }
    bounds = {
        "settings": settings,
        "counted": Connections(settings),
        "deadlines": deadlines,
        "on_limit": staticmethod(on_limit),
        "answer_at_once": staticmethod(answer_at_once),
    }
    return type("Protocol", (BoundedProtocol,), bounds)
