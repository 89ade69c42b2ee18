"""Messages of the sub-protocol `graphql-transport-ws`: those of clients are parsed, those of the server written."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, TypeGuard

import orjson

SUB_PROTOCOL: Final = "graphql-transport-ws"
MAX_ID: Final = 255
"""The highest number of characters of an operation's id."""


@dataclass(frozen=True, slots=True)
class ConnectionInit:
    """The client says who it is; the payload may have secrets."""

    payload: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Ping:
    """The client asks for a pong."""

    payload: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Pong:
    """The client answers a ping, or shows that it is there."""


@dataclass(frozen=True, slots=True)
class Subscribe:
    """The client asks for an operation: a subscription, a query or a mutation. `size` is that of the message."""

    id: str
    payload: Mapping[str, Any] = field(repr=False)
    size: int


@dataclass(frozen=True, slots=True)
class Complete:
    """The client wants no more of an operation."""

    id: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """A message that the protocol does not have, and why; the reason shows nothing that the client sent."""

    reason: str


Message: TypeAlias = ConnectionInit | Ping | Pong | Subscribe | Complete


def parse(text: str) -> Message | Malformed:
    """The message in a text. Members that the protocol does not have are ignored."""
    try:
        data = orjson.loads(text)
    except orjson.JSONDecodeError:
        return Malformed("The message is not valid JSON.")
    if not isinstance(data, dict):
        return Malformed("The message must be a JSON object.")
    kind = data.get("type")
    parser = PARSERS.get(kind) if isinstance(kind, str) else None
    if parser is None:
        return Malformed("The `type` of the message is missing or unknown, or one that only servers send.")
    return parser(data, len(text))


def _connection_init(data: Mapping[str, Any], _size: int) -> Message | Malformed:
    payload = data.get("payload")
    return ConnectionInit(payload or {}) if _is_object_or_null(payload) else _no_object("connection_init")


def _ping(data: Mapping[str, Any], _size: int) -> Message | Malformed:
    payload = data.get("payload")
    return Ping(payload) if _is_object_or_null(payload) else _no_object("ping")


def _pong(data: Mapping[str, Any], _size: int) -> Message | Malformed:
    return Pong() if _is_object_or_null(data.get("payload")) else _no_object("pong")


def _complete(data: Mapping[str, Any], _size: int) -> Message | Malformed:
    given = data.get("id")
    return Complete(given) if _is_id(given) else _no_id("complete")


def _subscribe(data: Mapping[str, Any], size: int) -> Message | Malformed:
    given, payload = data.get("id"), data.get("payload")
    if not _is_id(given):
        return _no_id("subscribe")
    if not isinstance(payload, dict):
        return Malformed("The `payload` of `subscribe` must be an object.")
    if not isinstance(payload.get("query"), str):
        return Malformed("The `query` of `subscribe` must be a string.")
    if not isinstance(payload.get("operationName"), str | None):
        return Malformed("The `operationName` of `subscribe` must be a string or null.")
    for name in ("variables", "extensions"):
        if not _is_object_or_null(payload.get(name)):
            return Malformed(f"The `{name}` of `subscribe` must be an object or null.")
    return Subscribe(given, payload, size)


PARSERS: Final[Mapping[str, Callable[[Mapping[str, Any], int], Message | Malformed]]] = {
    "connection_init": _connection_init,
    "ping": _ping,
    "pong": _pong,
    "subscribe": _subscribe,
    "complete": _complete,
}


def connection_ack(payload: Mapping[str, Any]) -> str:
    """The connection is established, and operations may follow."""
    return _text({"type": "connection_ack", "payload": payload})


def pong(payload: Mapping[str, Any] | None) -> str:
    """The answer to a ping, with its payload."""
    return _text({"type": "pong"} if payload is None else {"type": "pong", "payload": payload})


def next_result(operation_id: str, result: Mapping[str, Any] | orjson.Fragment) -> str:
    """A result of an operation."""
    return _text({"id": operation_id, "type": "next", "payload": result})


def error(operation_id: str, errors: Sequence[Any]) -> str:
    """The operation is refused or ends with these errors; nothing follows."""
    return _text({"id": operation_id, "type": "error", "payload": errors})


def complete(operation_id: str) -> str:
    """The operation has no more results."""
    return _text({"id": operation_id, "type": "complete"})


def _text(message: Mapping[str, Any]) -> str:
    return orjson.dumps(message, default=str).decode()


def _is_object_or_null(value: object) -> TypeGuard[dict[str, Any] | None]:
    return isinstance(value, dict | None)


def _is_id(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= MAX_ID


def _no_object(kind: str) -> Malformed:
    return Malformed(f"The `payload` of `{kind}` must be an object or null.")


def _no_id(kind: str) -> Malformed:
    return Malformed(f"The `id` of `{kind}` must be a string of 1 to {MAX_ID} characters.")
