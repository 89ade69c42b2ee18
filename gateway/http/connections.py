"""How many connections there may be, in all and of one address, and the places that are kept for probes."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Protocol

import structlog

from domains.kernel.values.networks import network_of
from gateway.http.requests import is_trusted
from gateway.http.responses import Send, error_body, send_json
from gateway.http.settings import HttpSettings

log = structlog.get_logger("gateway.http")
PROBES: Final = frozenset({b"/healthz", b"/readyz"})
RETRY_SECONDS: Final = 5
TELL_EVERY: Final = 10.0  # seconds: a flood of connections is no flood of lines


class Connection(Protocol):
    """What is counted."""

    def abandon(self) -> None:
        """Close at once, without an answer."""
        ...


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not served; as an ASGI application it says so, and the connection ends."""

    status: HTTPStatus
    code: str
    message: str

    async def __call__(self, _scope: Any, _receive: Any, send: Send) -> None:
        """Answer in JSON, with the time after which another try makes sense."""
        headers = [
            (b"retry-after", b"%d" % RETRY_SECONDS),
            (b"x-content-type-options", b"nosniff"),
            (b"cache-control", b"no-store"),
            (b"connection", b"close"),
        ]
        body = error_body(self.code, self.message, retryAfter=RETRY_SECONDS)
        await send_json(send, self.status.value, body, headers=headers)


FULL: Final = Refusal(
    HTTPStatus.SERVICE_UNAVAILABLE, "UNAVAILABLE", "The server has as many connections as it can hold. Try again."
)
TOO_MANY: Final = Refusal(
    HTTPStatus.TOO_MANY_REQUESTS,
    "RATE_LIMITED",
    "Your network address holds too many connections. Use those that are open, or close some.",
)
TOO_DEEP: Final = Refusal(
    HTTPStatus.TOO_MANY_REQUESTS,
    "RATE_LIMITED",
    "Too many requests were sent on this connection before the first was answered. Wait for answers.",
)


class Connections:
    """The connections of one server.

    One above a limit gets a spare place: there only probes are answered, everything else is refused, and the
    connection ends. When the spare places run out, the one that has been silent in one for the longest gives way, so
    that nobody who is silent keeps a probe out. A trusted proxy speaks for many: only the limit of all concerns it.
    """

    def __init__(self, settings: HttpSettings, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._monotonic = monotonic
        self._networks: dict[Connection, str | None] = {}
        self._by_network: Counter[str] = Counter()
        self._spare: dict[Connection, None] = {}
        self._silent: dict[Connection, None] = {}
        self._refused = 0
        self._told_at: float | None = None

    def admit(self, connection: Connection, peer: str | None) -> Refusal | None:
        """Count a connection; above a limit it is one of the spare places, and the refusal says why."""
        network = None if is_trusted(peer or "", self._settings.trusted_proxies) else network_of(peer)
        refusal = self._refusal(network)
        if refusal is None:
            self._networks[connection] = network
            if network is not None:
                self._by_network[network] += 1
            return None
        self._tell(refusal, network)
        self._spare[connection] = self._silent[connection] = None
        if len(self._spare) > self._settings.spare_connections:
            given_up = next(iter(self._silent))
            self.release(given_up)
            given_up.abandon()
        return refusal

    def hear(self, connection: Connection) -> None:
        """The head of a request has arrived: the connection gives way to no other any more."""
        self._silent.pop(connection, None)

    def release(self, connection: Connection) -> None:
        """A connection has ended."""
        self._spare.pop(connection, None)
        self._silent.pop(connection, None)
        network = self._networks.pop(connection, None)
        if network is not None:
            self._by_network[network] -= 1
            if not self._by_network[network]:
                del self._by_network[network]

    def _refusal(self, network: str | None) -> Refusal | None:
        if network is not None and self._by_network[network] >= self._settings.max_connections_per_address:
            return TOO_MANY
        return FULL if len(self._networks) >= self._settings.max_connections else None

    def _tell(self, refusal: Refusal, network: str | None) -> None:
        self._refused += 1
        now = self._monotonic()
        if self._told_at is None or now - self._told_at >= TELL_EVERY:
            told = {"code": refusal.code, "ip": network, "count": self._refused}
            log.warning("security", kind="throttling", reason="connections", **told)
            self._told_at, self._refused = now, 0
