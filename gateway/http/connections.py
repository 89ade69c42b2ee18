"""Connection limits: in total, per network address, and spare connections for probes."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Protocol, TypeVar

from domains.kernel.values.networks import network_of
from gateway.http.refusal_log import RefusalLog
from gateway.http.requests import is_trusted
from gateway.http.responses import Send, error_body, send_json
from gateway.http.settings import HttpSettings

T = TypeVar("T")
CONNECTION: Final = "commerce.connection"
PROBES: Final = frozenset({b"/healthz", b"/readyz"})
PROBE_PATHS: Final = frozenset(path.decode("ascii") for path in PROBES)
RETRY_SECONDS: Final = 5


class Connection(Protocol):
    """A connection that is counted."""

    def abort(self) -> None:
        """Close at once, without a response."""
        ...


class OwnConnection(Protocol):
    """A connection of this server, of which an application may ask more than ASGI offers."""

    @property
    def has_whole_body(self) -> bool:
        """Whether the body of the running request has arrived."""
        ...

    def keep_open(self, on_stop: Callable[[], None]) -> None:
        """Count it no longer as one of HTTP's, and call `on_stop` when the server stops."""
        ...


def keep_open(scope: Any, on_stop: Callable[[], None]) -> None:
    """Let the connection of a request stay open. Only this server's own have limits and are told that it stops."""
    connection: OwnConnection | None = scope.get("state", {}).get(CONNECTION)
    if connection is not None:
        connection.keep_open(on_stop)


def has_whole_body(scope: Any) -> bool:
    """Whether the body of a request has arrived, so that reading it does not wait; False where that is not known."""
    connection: OwnConnection | None = scope.get("state", {}).get(CONNECTION)
    return connection is not None and connection.has_whole_body


@dataclass(frozen=True, slots=True)
class Refusal:
    """The reason why a connection is refused, as an ASGI application that answers with it and closes.

    `limit` is the name of the limit in metrics.
    """

    limit: str
    status: HTTPStatus
    code: str
    message: str

    async def __call__(self, _scope: Any, _receive: Any, send: Send) -> None:
        """Answer in JSON, with a `Retry-After` header."""
        headers = [
            (b"retry-after", b"%d" % RETRY_SECONDS),
            (b"x-content-type-options", b"nosniff"),
            (b"cache-control", b"no-store"),
            (b"connection", b"close"),
        ]
        body = error_body(self.code, self.message, retryAfter=RETRY_SECONDS)
        await send_json(send, self.status.value, body, headers=headers)


FULL: Final = Refusal(
    "MAX_CONNECTIONS",
    HTTPStatus.SERVICE_UNAVAILABLE,
    "UNAVAILABLE",
    "The server has too many open connections. Try again.",
)
TOO_MANY: Final = Refusal(
    "MAX_CONNECTIONS_PER_ADDRESS",
    HTTPStatus.TOO_MANY_REQUESTS,
    "RATE_LIMITED",
    "Your network address has too many open connections. Reuse or close some.",
)
TOO_MANY_PIPELINED: Final = Refusal(
    "PIPELINED_REQUESTS",
    HTTPStatus.TOO_MANY_REQUESTS,
    "RATE_LIMITED",
    "Too many pipelined requests are waiting on this connection. Wait for responses.",
)

STOPPING: Final = Refusal(
    "STOPPING", HTTPStatus.SERVICE_UNAVAILABLE, "UNAVAILABLE", "The server is stopping. Connect again."
)


def counted_network(address: str | None, settings: HttpSettings) -> str | None:
    """The network by which a client's connections are counted; None for a trusted proxy."""
    return None if is_trusted(address or "", settings.trusted_proxies) else network_of(address)


def change_count(counter: Counter[T], key: T | None, by: int) -> None:
    """Change a count; those of 0 are not kept, and None is not counted."""
    if key is not None:
        counter[key] += by
        if not counter[key]:
            del counter[key]


class Connections:
    """The connections of one server.

    A connection above a limit becomes a spare one: it answers probes, refuses other requests, and closes. When there
    are no spare connections left, the oldest one without a request is closed, so that idle clients do not keep probes
    out. Connections of trusted proxies are subject to the total limit only.
    """

    def __init__(self, settings: HttpSettings, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._log = RefusalLog("connections", monotonic)
        self._networks: dict[Connection, str | None] = {}
        self._by_network: Counter[str] = Counter()
        self._spare: dict[Connection, None] = {}
        self._idle: dict[Connection, None] = {}

    def admit(self, connection: Connection, peer: str | None) -> Refusal | None:
        """Count a connection. Above a limit it is a spare one, and the refusal is returned."""
        network = counted_network(peer, self._settings)
        refusal = self._refusal(network)
        if refusal is None:
            self._networks[connection] = network
            change_count(self._by_network, network, 1)
            return None
        self._log.count(refusal.code, ip=network)
        self._spare[connection] = self._idle[connection] = None
        if len(self._spare) > self._settings.spare_connections:
            evicted = next(iter(self._idle))
            self.release(evicted)
            evicted.abort()
        return refusal

    def mark_active(self, connection: Connection) -> None:
        """Mark that a request has arrived: the spare connection is not closed for another one."""
        self._idle.pop(connection, None)

    def release(self, connection: Connection) -> None:
        """Stop counting a closed connection."""
        self._spare.pop(connection, None)
        self._idle.pop(connection, None)
        change_count(self._by_network, self._networks.pop(connection, None), -1)

    def _refusal(self, network: str | None) -> Refusal | None:
        if network is not None and self._by_network[network] >= self._settings.max_connections_per_address:
            return TOO_MANY
        return FULL if len(self._networks) >= self._settings.max_connections else None
