"""Responses: JSON bodies, errors, and their headers."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import orjson

Send = Callable[[Any], Awaitable[None]]
Header = tuple[bytes, bytes]
NO_STORE: Header = (b"cache-control", b"no-store")
JSON_UTF8 = b"application/json; charset=utf-8"
GRAPHQL_UTF8 = b"application/graphql-response+json; charset=utf-8"


async def send_bytes(
    send: Send, status: int, body: bytes, content_type: bytes, headers: Sequence[Header] = ()
) -> None:
    """Send one complete response."""
    fixed = [(b"content-type", content_type), (b"content-length", str(len(body)).encode("ascii"))]
    await send({"type": "http.response.start", "status": status, "headers": [*fixed, *headers]})
    await send({"type": "http.response.body", "body": body})


async def send_json(send: Send, status: int, data: Any, headers: Sequence[Header] = ()) -> None:
    """Send data as JSON."""
    await send_bytes(send, status, orjson.dumps(data), JSON_UTF8, headers)


def error_body(code: str, message: str, **extensions: Any) -> dict[str, Any]:
    """The body of an error outside of GraphQL, in the format of GraphQL errors."""
    return {"errors": [{"message": message, "extensions": {"code": code, **extensions}}]}
