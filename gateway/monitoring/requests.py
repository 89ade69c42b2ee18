"""What is observed of a request: its trace, its log context, its metrics, and whether it was slow."""

import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache
from types import TracebackType
from typing import Any, Final

from opentelemetry.trace import Span, SpanKind, StatusCode
from prometheus_client import Counter, Histogram

from domains.kernel.errors import SecurityEvent
from domains.kernel.monitoring import traces
from domains.kernel.monitoring.statement_counts import StatementCount, counting
from gateway import request_log
from gateway.graphql.core.errors import FAULT
from gateway.http.connections import PROBE_PATHS
from gateway.monitoring.metrics import Metrics
from gateway.monitoring.slow import log
from gateway.request_log import Operation, RequestLog

LIMIT_CODES: Final = frozenset({"RATE_LIMITED", "LIMIT_EXCEEDED", "PAYLOAD_TOO_LARGE", "TIMEOUT", "UNAVAILABLE"})
GRAPHQL: Final = "/graphql"
ROUTE: Final = "route"
PROBE: Final = "probe"
OTHER: Final = "other"
SUBSCRIPTION: Final = "subscription"


@dataclass(slots=True)
class Observation:
    """What is known of a request so far.

    `status` is that of the response, 0 before it begins; `route` is the path of its route, `/graphql`.
    """

    log: RequestLog
    statements: StatementCount
    span: Span
    method: str
    started: float
    status: int = 0
    route: str | None = None

    @property
    def seconds(self) -> float:
        """The time since the request arrived."""
        return time.perf_counter() - self.started

    @property
    def milliseconds(self) -> float:
        """The same, as log lines have it."""
        return round(self.seconds * 1_000, 2)


def observed(request_id: str, method: str, traceparent: str | None) -> AbstractContextManager[Observation]:
    """Observe a request: log lines of the body have its id and its trace, and statements are counted."""
    return _Observed(request_id, method, traceparent)


class _Observed(AbstractContextManager[Observation]):
    """Observes while it is entered; a class, because every request needs it and a generator takes twice the time."""

    def __init__(self, request_id: str, method: str, traceparent: str | None) -> None:
        attributes = {"http.request.method": method, "commerce.request_id": request_id}
        self._method = method
        self._entry = traces.entry(traceparent, method, SpanKind.SERVER, attributes)
        self._counting = counting()
        self._recording = request_log.recording(request_id)

    def __enter__(self) -> Observation:
        span, statements, recorded = self._entry.__enter__(), self._counting.__enter__(), self._recording.__enter__()
        return Observation(recorded, statements, span, self._method, time.perf_counter())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._recording.__exit__(kind, error, traceback)
        self._counting.__exit__(kind, error, traceback)
        self._entry.__exit__(kind, error, traceback)


class Requests:
    """Counts finished requests, completes their spans, and logs those that took longer than `slow` milliseconds.

    A subscription takes as long as its client wants, and is not timed.

    Operations are named by their first root field, which is one of the schema, and other requests by the path of
    their route: names and paths that a client chose could take any value.
    """

    def __init__(self, slow: int, metrics: Metrics | None = None) -> None:
        self._slow = slow
        self._metrics = metrics

    def finished(self, request: Observation) -> None:
        """Record a request at its end."""
        statements = request.statements.data + request.statements.actor
        if request.span.is_recording():
            _describe(request, statements)
        if request.seconds * 1_000 > self._slow and not _is_subscription(request):
            log.warning(
                "slow operation",
                **request.log.fields(),
                route=request.route,
                milliseconds=request.milliseconds,
                statements=statements,
                cost=request.log.cost,
            )
        if self._metrics is not None:
            _count(request, statements, self._metrics)

    def count(self, operation: Operation) -> None:
        """Count a request that was answered from memory, at once and without a statement."""
        if self._metrics is not None:
            count, seconds = _series(self._metrics, operation.type, operation.fields[:1])
            count.inc()
            seconds.observe(0)


@lru_cache(maxsize=256)
def _series(metrics: Metrics, kind: str, fields: tuple[str, ...]) -> tuple[Counter, Histogram]:
    """The series of an answered operation, remembered because to find them takes longer than to count."""
    return metrics.requests.labels(fields[0] if fields else OTHER, "ok"), metrics.request_seconds.labels(kind)


def _count(request: Observation, statements: int, metrics: Metrics) -> None:
    kind, operation = _operation(request)
    codes = request.log.codes
    outcome = "fault" if FAULT in codes else "errors" if codes else "ok"
    metrics.requests.labels(operation, outcome).inc()
    for limit in _limits_hit(request.log):
        metrics.count_limit(limit)
    if not _is_subscription(request):
        metrics.request_seconds.labels(kind).observe(request.seconds)
        metrics.request_statements.labels(kind).observe(statements)
        metrics.operation_seconds.labels(operation).observe(request.seconds)
        metrics.operation_statements.labels(operation).observe(statements)


def _is_subscription(request: Observation) -> bool:
    return request.log.operation is not None and request.log.operation.type == SUBSCRIPTION


def _limits_hit(recorded: RequestLog) -> set[str]:
    """The codes of the limits that a request exceeded; of a rate limit of requests, its name."""
    if recorded.rate_limit is not None:
        return {recorded.rate_limit}
    throttled = {each.code for each in recorded.security_records if each.kind is SecurityEvent.THROTTLING}
    return throttled | LIMIT_CODES.intersection(recorded.codes)


def _describe(request: Observation, statements: int) -> None:
    """Name the span by the operation, and set what is known at the end: ids, names of the schema, and numbers."""
    kind, operation = _operation(request)
    actor, codes = request.log.actor, request.log.codes
    if request.log.operation is not None:
        request.span.update_name(f"{kind} {operation}")
    elif request.route:
        request.span.update_name(f"{request.method} {request.route}")
    attributes: dict[str, Any] = {
        "http.route": request.route or "",
        "graphql.operation.type": request.log.operation.type if request.log.operation else "",
        "http.response.status_code": request.status,
        "user.id": str(actor.user_id) if actor and actor.user_id else "",
        "commerce.company_id": str(actor.company_id) if actor else "",
        "commerce.error_codes": ",".join(codes),
        "commerce.statements": statements,
        "commerce.cost": request.log.cost or 0,
    }
    request.span.set_attributes(attributes)
    if FAULT in codes:
        request.span.set_status(StatusCode.ERROR)


def _operation(request: Observation) -> tuple[str, str]:
    """The type of an operation (`query`, `mutation`) and its first root field; of another route `route` and its path.

    Probes are of the type `probe`. Everything else is `other`: documents that are not executed, and unknown paths.
    """
    if (operation := request.log.operation) is not None:
        return operation.type, operation.fields[0] if operation.fields else OTHER
    if request.route is None or request.route == GRAPHQL:
        return OTHER, OTHER
    return PROBE if request.route in PROBE_PATHS else ROUTE, request.route
