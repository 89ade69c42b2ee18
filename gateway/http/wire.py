"""The connection itself: a head must arrive in bounded time and size, and what is no HTTP is told so in JSON."""

import asyncio
from http import HTTPStatus

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.http.responses import error_body
from gateway.http.settings import HttpSettings


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which by itself waits forever for the end of a head and keeps all of it."""

    settings = HttpSettings()
    _timer: asyncio.TimerHandle | None = None
    _in_head = False
    _head_size = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """A client that connects must soon say what it wants."""
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing more to wait for."""
        self._have_head()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what belongs to a head that goes on and on."""
        was_in_head = self._in_head
        super().data_received(data)
        if was_in_head and self._in_head:
            self._head_size += len(data)
            if self._head_size > self.settings.max_head:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The request's head is too large.")

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._in_head, self._head_size = True, 0
        self._expect_head()

    def on_headers_complete(self) -> None:
        """A head is whole."""
        self._in_head = False
        self._have_head()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP."""
        self._refuse(HTTPStatus.BAD_REQUEST, msg)

    def _expect_head(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(self.settings.head_timeout, self._give_up)

    def _have_head(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self._refuse(HTTPStatus.REQUEST_TIMEOUT, "The request's head did not arrive in time.")

    def _refuse(self, status: HTTPStatus, message: str) -> None:
        """Answer below the application, and hang up."""
        body = orjson.dumps(error_body(status.name, message))
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/json; charset=utf-8\r\n"
            f"content-length: {len(body)}\r\nx-content-type-options: nosniff\r\ncache-control: no-store\r\n"
            "connection: close\r\n\r\n"
        )
        if not self.transport.is_closing():
            self.transport.write(head.encode("ascii") + body)
            self.transport.close()


def protocol(settings: HttpSettings) -> type[BoundedProtocol]:
    """The protocol with these bounds."""
    return type("Protocol", (BoundedProtocol,), {"settings": settings})
