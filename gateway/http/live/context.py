"""What all live connections of a process share."""

from dataclasses import dataclass

from gateway import request_log
from gateway.api import ApiGateway
from gateway.graphql.engine.shared import Answer
from gateway.http.access_log import AccessLog
from gateway.http.live.connections import LiveConnections
from gateway.http.settings import HttpSettings
from gateway.monitoring.live import LiveMetrics
from gateway.rate_limits.rate_limits import RateLimits


@dataclass(frozen=True, slots=True)
class LiveContext:
    """The parts of the server that a live connection uses. Without `limits`, requests are not counted."""

    api: ApiGateway
    settings: HttpSettings
    connections: LiveConnections
    log: AccessLog
    limits: RateLimits | None = None
    metrics: LiveMetrics | None = None

    def count_sent(self, answer: Answer) -> None:
        """Count a result of a subscription that has been sent."""
        log = request_log.current()
        operation = None if log is None else log.operation
        if self.metrics is not None and operation is not None and operation.type == "subscription":
            self.metrics.sent(operation, answer.occurred_at)

    def count_too_slow(self) -> None:
        """Count a subscriber that was disconnected because it did not read its events."""
        if self.metrics is not None:
            self.metrics.too_slow()
