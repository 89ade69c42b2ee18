"""Prometheus metrics of a process, served on a port of its own."""

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import Any, Final, Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Summary, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from domains.kernel.clock import Clock
from domains.notification.models import NotificationPriority, NotificationType

SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
STATEMENTS: Final = (0, 1, 2, 3, 5, 8, 13, 21, 34, 55)
JOB_RESULTS: Final = ("ok", "failed")
ENDS: Final = ("sent", "refused", "expired", "unwanted")
WEBHOOK_RESULTS: Final = ("succeeded", "deferred", "failed")
LAGS: Final = (0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 3600)


class MetricsNotServed(Exception):
    """The address of the metrics is in use or not of this machine; the message says which and what to do."""

    def __init__(self, host: str, port: int, error: OSError) -> None:
        super().__init__(
            f"Metrics cannot be served on {host}:{port} ({error.strerror}). Set METRICS_PORT to a free port, another "
            "one for each process, and METRICS_HOST to an address of this machine."
        )


class CachedAnswers(Protocol):
    """What is reported of the cache of answers: where answers came from, and the octets of the stored ones."""

    @property
    def taken(self) -> Mapping[str, int]:
        """The number of answers by source."""
        ...

    @property
    def size(self) -> int:
        """The octets."""
        ...


class Metrics:
    """The metrics of one process. Labels have few values: names of fields, codes, jobs, queues and handlers.

    No metric has a label that a client chooses freely, or that names a company or a person.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = self._counter("requests_total", "GraphQL requests", "operation", "outcome")
        self.request_seconds = self._histogram("request_seconds", "Time to answer a request", SECONDS, "type")
        self.request_statements = self._histogram(
            "request_statements", "SQL statements of a request", STATEMENTS, "type"
        )
        self.operation_seconds = self._summary("operation_seconds", "Time to execute an operation", "operation")
        self.operation_statements = self._summary(
            "operation_statements", "SQL statements of an operation", "operation"
        )
        self.limits_hit = self._counter("limits_hit_total", "Requests and connections that exceeded a limit", "code")
        self.live_results = self._counter(
            "live_results_total", "Results of subscriptions that were sent", "operation"
        )
        self.live_lag = self._histogram("live_lag_seconds", "From an event to its sent result", LAGS)
        self.events_handled = self._counter("events_handled_total", "Deliveries to a handler", "handler", "result")
        self.event_lag = self._histogram("event_lag_seconds", "From commit to handled event", LAGS, "handler")
        self.outbox_pending = self._gauge("outbox_pending", "Events that wait to be published")
        self.outbox_lag = self._gauge("outbox_lag_seconds", "Age of the oldest event that waits to be published")
        self.outbox_dead = self._gauge("outbox_dead_letters", "Events whose handlers failed at every attempt")
        self._watch_notifications()
        self._watch_webhooks()
        self.queue_messages = self._gauge("queue_messages", "Messages in a queue of the broker", "queue")
        self.messages_refused = self._counter("messages_refused_total", "Messages that are no stored event", "queue")
        self.backlog_measured = self._gauge(
            "backlog_measured_timestamp_seconds", "When outbox, notifications and jobs were last measured"
        )
        self.job_runs = self._counter("job_runs_total", "Runs of a job", "job", "result")
        self.job_seconds = self._gauge("job_seconds", "Duration of the last run of a job", "job")
        self.job_success = self._gauge("job_last_success_timestamp_seconds", "End of the last good run", "job")
        self.job_started = self._gauge(
            "job_started_timestamp_seconds", "Start of the last run in any process, 0 if it never ran", "job"
        )
        self.job_interval = self._gauge("job_interval_seconds", "Time between two runs of a job", "job")

    def _watch_notifications(self) -> None:
        """Those that wait and fail by priority, which is their lane, and by channel; none of each at first."""
        self.notifications_waiting = self._gauge("notifications_waiting", "Notifications that are due", "priority")
        self.notifications_oldest = self._gauge(
            "notifications_oldest_seconds", "Time since which the oldest notification is due", "priority"
        )
        self.notifications_unreadable = self._gauge(
            "notifications_unreadable", "Notifications that wait for a key that JWT_KEYS does not have"
        )
        self.notifications_ended = self._counter(
            "notifications_ended_total", "Notifications that ended", "result", "channel", "priority"
        )
        self.notifications_deferred = self._counter(
            "notifications_deferred_total", "Attempts after which a notification waits", "channel", "priority"
        )
        for channel, priority in product(NotificationType, NotificationPriority):
            self.notifications_deferred.labels(channel.value, priority.value)
            for result in ENDS:
                self.notifications_ended.labels(result, channel.value, priority.value)

    def _watch_webhooks(self) -> None:
        self.webhook_attempts = self._counter("webhook_attempts_total", "Attempts to deliver a webhook", "result")
        for result in WEBHOOK_RESULTS:
            self.webhook_attempts.labels(result)
        self.webhooks_waiting = self._gauge("webhooks_waiting", "Deliveries of webhooks that are due")
        self.webhooks_oldest = self._gauge(
            "webhooks_oldest_seconds", "Time since which the oldest delivery to a working endpoint is due"
        )
        self.webhook_endpoints_disabled = self._gauge(
            "webhook_endpoints_disabled", "Endpoints of webhooks that are disabled", "reason"
        )

    @contextmanager
    def handling(self, handler: str, occurred_at: datetime, clock: Clock) -> Iterator[None]:
        """Count a delivery to a handler by its result, and the time since the event of a successful one."""
        result = "failed"
        try:
            yield
            result = "handled"
            self.event_lag.labels(handler).observe(max((clock.now() - occurred_at).total_seconds(), 0))
        finally:
            self.events_handled.labels(handler, result).inc()

    def count_limit(self, name: str) -> None:
        """Count a request or connection that exceeded a limit."""
        self.limits_hit.labels(name).inc()

    def forget_database(self) -> None:
        """Report nothing of what is read from the database, until it is read again."""
        outbox = (self.outbox_pending, self.outbox_lag, self.outbox_dead)
        for gauge in (*outbox, self.notifications_unreadable, self.webhooks_waiting, self.webhooks_oldest):
            gauge.set(math.nan)
        lanes = (self.notifications_waiting, self.notifications_oldest)
        for labelled in (*lanes, self.webhook_endpoints_disabled, self.job_started):
            labelled.clear()

    def expect_queue(self, queue: str) -> None:
        """Report a queue without refused messages with none, so that the first one is an increase."""
        self.messages_refused.labels(queue)

    def expect_job(self, job: str, every: timedelta) -> None:
        """Report a job that has not run yet with no runs, so that its first failure is an increase."""
        self.job_interval.labels(job).set(every.total_seconds())
        for result in JOB_RESULTS:
            self.job_runs.labels(job, result)

    def job_finished(self, job: str, seconds: float, now: datetime, *, is_success: bool) -> None:
        """Count a run of a job."""
        self.job_runs.labels(job, "ok" if is_success else "failed").inc()
        self.job_seconds.labels(job).set(seconds)
        if is_success:
            self.job_success.labels(job).set(now.timestamp())

    def watch_pool(self, name: str, pool: Any, for_writes: int | None = None) -> None:
        """Report the connections of a pool by state, the most there may be, and the most that write at a time."""
        self.registry.register(_PoolCollector(name, pool, for_writes))

    def watch_broker(self, is_connected: Callable[[], bool]) -> None:
        """Report whether the process is connected to the broker."""
        self.registry.register(_BrokerCollector(is_connected))

    def watch_answers(self, answers: CachedAnswers) -> None:
        """Report where answers from the cache came from, and what they take in memory."""
        self.registry.register(_AnswerCollector(answers))

    def watch_renderings(self, size: Callable[[], float]) -> None:
        """Report what rendered JSON takes in memory."""
        self._gauge("rendering_cache_bytes", "Memory of rendered JSON").set_function(size)

    def watch_products(self, size: Callable[[], float]) -> None:
        """Report what remembered products take in memory."""
        self._gauge("product_cache_bytes", "Memory of products that were read").set_function(size)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"commerce_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"commerce_{name}", text, labels, registry=self.registry)

    def _summary(self, name: str, text: str, *labels: str) -> Summary:
        return Summary(f"commerce_{name}", text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(f"commerce_{name}", text, labels, buckets=buckets, registry=self.registry)


@dataclass(frozen=True, slots=True)
class _PoolCollector(Collector):
    name: str
    pool: Any
    for_writes: int | None

    def collect(self) -> Iterator[GaugeMetricFamily]:
        metric = GaugeMetricFamily(f"commerce_{self.name}_connections", "Connections to PostgreSQL", labels=["state"])
        idle = self.pool.get_idle_size()
        metric.add_metric(["idle"], idle)
        metric.add_metric(["used"], self.pool.get_size() - idle)
        metric.add_metric(["most"], self.pool.get_max_size())
        if self.for_writes is not None:
            metric.add_metric(["most_for_writes"], self.for_writes)
        yield metric


@dataclass(frozen=True, slots=True)
class _BrokerCollector(Collector):
    is_connected: Callable[[], bool]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        text = "Whether the process is connected to RabbitMQ, with its queues and consumers"
        yield GaugeMetricFamily("commerce_broker_connected", text, value=float(self.is_connected()))


@dataclass(frozen=True, slots=True)
class _AnswerCollector(Collector):
    answers: CachedAnswers

    def collect(self) -> Iterator[Metric]:
        taken = CounterMetricFamily("commerce_answers", "Answers to guests that may be cached", labels=["source"])
        for source, number in self.answers.taken.items():
            taken.add_metric([source], number)
        yield taken
        yield GaugeMetricFamily("commerce_answer_cache_bytes", "Memory of stored answers", value=self.answers.size)


@contextmanager
def served(metrics: Metrics, host: str, port: int | None) -> Iterator[None]:
    """Serve the metrics at `/metrics` while the body runs; nothing without a port. Raises MetricsNotServed."""
    if port is None:
        yield
        return
    try:
        server, thread = start_http_server(port, host, registry=metrics.registry)
    except OSError as error:
        raise MetricsNotServed(host, port, error) from error
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
