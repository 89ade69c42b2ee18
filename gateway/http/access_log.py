"""What is written of a finished request: its metrics, slow operations, security events, and the access log."""

from typing import Any

import structlog

from domains.kernel.monitoring import traces
from gateway import request_log
from gateway.graphql.core.context import RequestMetadata
from gateway.http.settings import HttpSettings
from gateway.monitoring.metrics import Metrics
from gateway.monitoring.requests import Observation, Requests
from gateway.request_log import Operation, RequestLog

access = structlog.get_logger("gateway.access")
security = structlog.get_logger("gateway.security")


class AccessLog:
    """Records requests at their end, in `metrics` too if there are any."""

    def __init__(self, settings: HttpSettings, metrics: Metrics | None = None) -> None:
        self._has_lines = settings.access_log
        self._requests = Requests(settings.slow_operation, metrics)

    @property
    def is_brief(self) -> bool:
        """Whether neither lines nor spans are written, so that requests from memory are just counted."""
        return not (self._has_lines or traces.are_recorded())

    def count(self, operation: Operation) -> None:
        """Count a request that was answered from memory."""
        self._requests.count(operation)

    def finished(self, scope: Any, request: RequestMetadata, observation: Observation) -> None:
        """Record a request."""
        self._requests.finished(observation)
        _log_security_events(observation.log, request)
        if self._has_lines:
            _log(scope, request, observation)

    def disconnected(self, request: RequestMetadata, code: int, seconds: float) -> None:
        """Record the end of a WebSocket, with its close code."""
        if self._has_lines:
            milliseconds = round(seconds * 1_000, 2)
            access.info(
                "disconnected", code=code, milliseconds=milliseconds, ip=request.ip, request_id=request.request_id
            )


def _log_security_events(log: RequestLog, request: RequestMetadata) -> None:
    """Log each login and each kind of refusal once, with the number of affected fields."""
    for record, count in log.security_records.items():
        write = security.info if record.code == request_log.LOGGED_IN else security.warning
        write(
            "security",
            kind=record.kind.value,
            code=record.code,
            reason=record.reason,
            subject_id=str(record.user) if record.user else None,
            count=count,
            ip=request.ip,
            request_id=request.request_id,
            **log.fields(),
        )


def _log(scope: Any, request: RequestMetadata, observation: Observation) -> None:
    """Write the access log: the path without its query string, which may contain user input."""
    access.info(
        "request",
        method=observation.method,
        path=scope["path"][:200],
        **observation.log.fields(),
        outcome=_result(observation),
        codes=list(observation.log.codes),
        status=observation.status or None,
        milliseconds=observation.milliseconds,
        ip=request.ip,
        request_id=request.request_id,
    )


def _result(observation: Observation) -> str:
    """`ok`, `errors`, or `gone` when the client disconnected before the response."""
    if not observation.status:
        return "gone"
    return "errors" if observation.log.codes or observation.status >= 400 else "ok"
