"""Prometheus metrics of a process, served on a port of its own."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Summary, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from domains.kernel.clock import Clock

SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
STATEMENTS: Final = (0, 1, 2, 3, 5, 8, 13, 21, 34, 55)
JOB_RESULTS: Final = ("ok", "failed")
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
        self.operation_seconds = self._summary("operation_seconds", "Time to answer an operation", "operation")
        self.operation_statements = self._summary(
            "operation_statements", "SQL statements of an operation", "operation"
        )
        self.limits_hit = self._counter("limits_hit_total", "Requests and connections that exceeded a limit", "code")
        self.events_handled = self._counter("events_handled_total", "Deliveries to a handler", "handler", "result")
        self.event_lag = self._histogram("event_lag_seconds", "From commit to handled event", LAGS, "handler")
        self.outbox_pending = self._gauge("outbox_pending", "Events that wait to be published")
        self.outbox_lag = self._gauge("outbox_lag_seconds", "Age of the oldest event that waits to be published")
        self.outbox_dead = self._gauge("outbox_dead_letters", "Events whose handlers failed at every attempt")
        self.mail_pending = self._gauge("mail_pending", "Mails that wait to be delivered")
        self.queue_messages = self._gauge("queue_messages", "Messages in a queue of the broker", "queue")
        self.job_runs = self._counter("job_runs_total", "Runs of a job", "job", "result")
        self.job_seconds = self._gauge("job_seconds", "Duration of the last run of a job", "job")
        self.job_success = self._gauge("job_last_success_timestamp_seconds", "End of the last good run", "job")

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

    def expect_job(self, job: str) -> None:
        """Report a job that has not run yet with no runs, so that its first failure is an increase."""
        for result in JOB_RESULTS:
            self.job_runs.labels(job, result)

    def job_finished(self, job: str, seconds: float, now: datetime, *, is_success: bool) -> None:
        """Count a run of a job."""
        self.job_runs.labels(job, "ok" if is_success else "failed").inc()
        self.job_seconds.labels(job).set(seconds)
        if is_success:
            self.job_success.labels(job).set(now.timestamp())

    def watch_pool(self, name: str, pool: Any) -> None:
        """Report the connections of a pool by state."""
        self.registry.register(_PoolCollector(name, pool))

    def watch_answers(self, answers: CachedAnswers) -> None:
        """Report where answers from the cache came from, and what they take in memory."""
        self.registry.register(_AnswerCollector(answers))

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

    def collect(self) -> Iterator[GaugeMetricFamily]:
        metric = GaugeMetricFamily(f"commerce_{self.name}_connections", "Connections to PostgreSQL", labels=["state"])
        idle = self.pool.get_idle_size()
        metric.add_metric(["idle"], idle)
        metric.add_metric(["used"], self.pool.get_size() - idle)
        metric.add_metric(["most"], self.pool.get_max_size())
        yield metric


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
