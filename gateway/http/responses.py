"""Responses: JSON bodies, errors, and their headers."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

import orjson

Send = Callable[[Any], Awaitable[None]]
Header = tuple[bytes, bytes]
NO_STORE: Header = (b"cache-control", b"no-store")
# What the response to a GraphQL request depends on.
VARY: Header = (b"vary", b"accept, authorization, x-company, x-cart-token")
JSON_UTF8 = b"application/json; charset=utf-8"
GRAPHQL_UTF8 = b"application/graphql-response+json; charset=utf-8"


class Response(NamedTuple):
    """A complete response."""

    status: int
    headers: Sequence[Header]
    body: bytes

    async def send(self, send: Send) -> None:
        """Send it to the client."""
        await send({"type": "http.response.start", "status": self.status, "headers": list(self.headers)})
        await send({"type": "http.response.body", "body": self.body})


def response(status: int, body: bytes, content_type: bytes, headers: Sequence[Header] = ()) -> Response:
    """A response with a body."""
    fixed = ((b"content-type", content_type), (b"content-length", b"%d" % len(body)))
    return Response(status, (*fixed, *headers), body)


async def send_bytes(
    send: Send, status: int, body: bytes, content_type: bytes, headers: Sequence[Header] = ()
) -> None:
    """Send one complete response."""
    await response(status, body, content_type, headers).send(send)


async def send_json(send: Send, status: int, data: Any, headers: Sequence[Header] = ()) -> None:
    """Send data as JSON."""
    await send_bytes(send, status, orjson.dumps(data), JSON_UTF8, headers)


def request_id_header(request_id: str) -> Header:
    """The header that names the lines of the log about a request."""
    return b"x-request-id", request_id.encode("ascii")


def error_body(code: str, message: str, **extensions: Any) -> dict[str, Any]:
    """The body of an error outside of GraphQL, in the format of GraphQL errors."""
    return {"errors": [{"message": message, "extensions": {"code": code, **extensions}}]}
