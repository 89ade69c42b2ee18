"""Metrics of live connections: their number, that of their operations, the events that were sent, and how late."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from domains.kernel.clock import Clock
from gateway.monitoring.metrics import Metrics
from gateway.request_log import Operation

TOO_SLOW: Final = "SUBSCRIBER_TOO_SLOW"


class Connections(Protocol):
    """What is reported of live connections: the number of each transport, and of the operations that run on them."""

    @property
    def open(self) -> Mapping[str, int]:
        """The connections by transport."""
        ...

    @property
    def operations(self) -> int:
        """The operations."""
        ...


class LiveMetrics:
    """Counts what is sent to subscribers of a process."""

    def __init__(self, metrics: Metrics, clock: Clock) -> None:
        self._metrics = metrics
        self._clock = clock

    def watch(self, connections: Connections) -> None:
        """Report the connections."""
        self._metrics.registry.register(_ConnectionCollector(connections))

    def sent(self, operation: Operation, occurred_at: datetime | None) -> None:
        """Count a result of a subscription, and the time since its event, if it is about one."""
        self._metrics.live_results.labels(operation.fields[0]).inc()
        if occurred_at is not None:
            self._metrics.live_lag.observe(max((self._clock.now() - occurred_at).total_seconds(), 0))

    def too_slow(self) -> None:
        """Count a subscriber that was disconnected because it did not read its events."""
        self._metrics.count_limit(TOO_SLOW)


@dataclass(frozen=True, slots=True)
class _ConnectionCollector(Collector):
    connections: Connections

    def collect(self) -> Iterator[GaugeMetricFamily]:
        found = GaugeMetricFamily("commerce_live_connections", "Open live connections", labels=["transport"])
        for transport, number in self.connections.open.items():
            found.add_metric([transport], number)
        yield found
        text = "Operations that run on live connections, most of them subscriptions"
        yield GaugeMetricFamily("commerce_live_operations", text, value=self.connections.operations)
