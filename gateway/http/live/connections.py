"""Limits of live connections (WebSockets and event streams), which are counted apart from those of HTTP."""

from collections import Counter
from typing import Final, Self
from uuid import UUID

from gateway import request_log
from gateway.graphql.core.errors import RequestRefused
from gateway.http.connections import change_count, counted_network
from gateway.http.refusal_log import RefusalLog
from gateway.http.settings import HttpSettings

TRANSPORTS: Final = ("websocket", "sse")
RETRY_SECONDS: Final = 5
MAX_HELD: Final = 16_777_216
"""The highest sum of the octets of all operations that run on live connections."""


class TooManyConnections(RequestRefused):
    """A live connection is above a limit (429, 503)."""


class Place:
    """A live connection that is counted, while the body runs. It may be counted for an account too."""

    def __init__(self, connections: "LiveConnections", network: str | None, transport: str) -> None:
        self._connections = connections
        self.network = network
        self.transport = transport
        self.account: UUID | None = None
        self.operations = self.held = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._connections.leave(self)

    def take_account(self, user_id: UUID | None) -> None:
        """Count the connection for an account; guests have none. Raises TooManyConnections."""
        self._connections.count_account(self, user_id)

    def hold(self, octets: int) -> None:
        """Count an operation of this size, until `let_go`. Raises RequestRefused when too much is held."""
        self._connections.hold(self, octets)

    def let_go(self, octets: int) -> None:
        """The operation has ended."""
        self._connections.let_go(self, octets)


class LiveConnections:
    """The live connections of one server process, in total, by network address and by account.

    Connections of trusted proxies themselves are subject to the total limit only, as those of HTTP are.
    """

    def __init__(self, settings: HttpSettings) -> None:
        self._settings = settings
        self.open = dict.fromkeys(TRANSPORTS, 0)
        """The connections by transport."""
        self.operations = 0
        """The operations that run on all of them."""
        self._held = 0
        self._by_network: Counter[str] = Counter()
        self._by_account: Counter[UUID] = Counter()
        self._log = RefusalLog("live connections")

    def admit(self, address: str, transport: str) -> Place:
        """Count a connection of a client's address until the end of the place. Raises TooManyConnections."""
        network = counted_network(address, self._settings)
        self._require_place(network)
        self.open[transport] += 1
        change_count(self._by_network, network, 1)
        return Place(self, network, transport)

    def leave(self, place: Place) -> None:
        """The connection has ended."""
        self.open[place.transport] -= 1
        self.operations -= place.operations
        self._held -= place.held
        change_count(self._by_network, place.network, -1)
        change_count(self._by_account, place.account, -1)

    def count_account(self, place: Place, user_id: UUID | None) -> None:
        """Count a connection for an account. Raises TooManyConnections."""
        if user_id is not None and self._by_account[user_id] >= self._settings.max_live_connections_per_account:
            self._log.count(request_log.RATE_LIMITED, user=str(user_id))
            raise _refusal("MAX_LIVE_CONNECTIONS_PER_ACCOUNT", "Your account has too many open live connections.")
        place.account = user_id
        change_count(self._by_account, user_id, 1)

    def hold(self, place: Place, octets: int) -> None:
        """Count an operation of this size. Raises RequestRefused (400, 503)."""
        if place.held + octets > self._settings.max_live_message:
            maximum = self._settings.max_live_message
            message = f"The operations that run on a connection may have {maximum} bytes together."
            raise RequestRefused("LIMIT_EXCEEDED", message, limit="size", maximum=maximum)
        if self._held + octets > MAX_HELD:
            raise RequestRefused("UNAVAILABLE", "The server has too many operations. Try again.", status=503)
        self._change_held(place, 1, octets)

    def let_go(self, place: Place, octets: int) -> None:
        """An operation has ended."""
        self._change_held(place, -1, -octets)

    def _change_held(self, place: Place, operations: int, octets: int) -> None:
        place.operations += operations
        place.held += octets
        self.operations += operations
        self._held += octets

    def _require_place(self, network: str | None) -> None:
        if network is not None and self._by_network[network] >= self._settings.max_live_connections_per_address:
            self._log.count(request_log.RATE_LIMITED, ip=network)
            message = "Your network address has too many open live connections. Close some."
            raise _refusal("MAX_LIVE_CONNECTIONS_PER_ADDRESS", message)
        if sum(self.open.values()) >= self._settings.max_live_connections:
            self._log.count("UNAVAILABLE", ip=network)
            message = "The server has too many open live connections. Try again."
            raise _refusal("MAX_LIVE_CONNECTIONS", message, "UNAVAILABLE", status=503)


def _refusal(limit: str, message: str, code: str = request_log.RATE_LIMITED, status: int = 429) -> TooManyConnections:
    request_log.record_throttling(limit, 0)  # the security log has a line of its own
    return TooManyConnections(code, message, status=status, limit=limit, retryAfter=RETRY_SECONDS)
