"""Counts and times the requests of the application."""

import time
from typing import Any, Final

from domains.kernel.statement_counts import counting
from gateway import request_log
from gateway.graphql.core.errors import FAULT
from gateway.monitoring.metrics import Metrics
from gateway.request_log import RequestLog

LIMIT_CODES: Final = frozenset({"RATE_LIMITED", "LIMIT_EXCEEDED", "PAYLOAD_TOO_LARGE", "TIMEOUT"})
OTHER: Final = "other"


class MeasuredApp:
    """Wraps the application below the middleware that begins the request's log.

    Operations are named by their first root field, which is one of the schema: the name that a client chose could
    take any value.
    """

    def __init__(self, app: Any, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""
        started, is_fault = time.perf_counter(), True
        with counting() as statements:
            try:
                await self._app(scope, receive, send)
                is_fault = False
            finally:
                log = request_log.current()
                if log is not None:
                    seconds = time.perf_counter() - started
                    self._observe(log, seconds, statements.data + statements.actor, is_fault=is_fault)

    def _observe(self, log: RequestLog, seconds: float, statements: int, *, is_fault: bool) -> None:
        kind, operation = _operation(log)
        outcome = "fault" if is_fault or FAULT in log.codes else "errors" if log.codes else "ok"
        self._metrics.requests.labels(operation, outcome).inc()
        self._metrics.request_seconds.labels(kind).observe(seconds)
        self._metrics.request_statements.labels(kind).observe(statements)
        for code in LIMIT_CODES.intersection(log.codes):
            self._metrics.limits_hit.labels(code).inc()


def _operation(log: RequestLog) -> tuple[str, str]:
    """The type of an operation (`query`, `mutation`) and its first root field; `other` for everything else."""
    fields = log.fields()
    if not fields["fields"]:
        return OTHER, OTHER
    return str(fields["type"]), str(fields["fields"][0])
