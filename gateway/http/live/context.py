"""What all live connections of a process share."""

from dataclasses import dataclass

from gateway.api import ApiGateway
from gateway.http.access_log import AccessLog
from gateway.http.live.connections import LiveConnections
from gateway.http.settings import HttpSettings
from gateway.rate_limits.rate_limits import RateLimits


@dataclass(frozen=True, slots=True)
class LiveContext:
    """The parts of the server that a live connection uses. Without `limits`, requests are not counted."""

    api: ApiGateway
    settings: HttpSettings
    connections: LiveConnections
    log: AccessLog
    limits: RateLimits | None = None
