"""The outermost middleware: request ids, client addresses, security headers, access log, faults as JSON."""

from typing import Any

import structlog

from domains.kernel.rate_limits import Admission
from gateway import request_log
from gateway.graphql.core.context import RequestMetadata
from gateway.graphql.core.errors import FAULT, fault_message
from gateway.http.pages import DENY_ALL
from gateway.http.requests import STATE, Headers, cart_token, client_ip, metadata, request_id
from gateway.http.responses import Send, error_body, send_json
from gateway.http.settings import HttpSettings
from gateway.monitoring.metrics import Metrics
from gateway.monitoring.requests import Observation, Requests, observed
from gateway.rate_limits.middleware import rate_limit_headers
from gateway.request_log import RequestLog

access = structlog.get_logger("gateway.access")
security = structlog.get_logger("gateway.security")
faults = structlog.get_logger("gateway.http")
SECURITY_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
]
# Defaults; a response that a browser shows on its own loads and runs nothing.
DEFAULT_HEADERS = [
    (b"cache-control", b"no-store"),
    (b"content-security-policy", DENY_ALL.encode("ascii")),
]


class Edge:
    """Wraps the whole application in pure ASGI."""

    def __init__(self, app: Any, settings: HttpSettings, metrics: Metrics | None = None) -> None:
        self._app = app
        self._settings = settings
        self._requests = Requests(settings.slow_operation, metrics)

    async def __call__(self, scope: Any, receive: Any, send: Send) -> None:
        """Serve one request and write its line of the access log."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers.of(scope)
        request = RequestMetadata(
            request_id=request_id(headers),
            ip=client_ip(scope, headers, self._settings.trusted_proxies),
            user_agent=(headers.get("user-agent") or "")[:255],
            cart_token=cart_token(headers),
        )
        scope[STATE] = request
        with observed(request.request_id, scope["method"], headers.get("traceparent")) as observation:
            try:
                await self._serve(scope, receive, send, observation)
            finally:
                observation.route = getattr(scope.get("route"), "path", None)
                self._requests.finished(observation)
                self._log_security_events(observation.log, request)
                if self._settings.access_log:
                    self._log(scope, request, observation)

    async def _serve(self, scope: Any, receive: Any, send: Send, observation: Observation) -> None:
        request = metadata(scope)

        async def send_with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                observation.status = message["status"]
                added = self._headers(request, message, observation.log.admission)
                message["headers"] = [*message.get("headers", ()), *added]
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception:
            faults.exception("fault", request_id=request.request_id)
            request_log.record_error(FAULT)
            if observation.status:
                raise
            body = error_body(FAULT, fault_message(request.request_id), requestId=request.request_id)
            await send_json(send_with_headers, 500, body)

    def _headers(
        self, request: RequestMetadata, message: Any, admission: Admission | None
    ) -> list[tuple[bytes, bytes]]:
        present = {name.lower(): value for name, value in message.get("headers", ())}
        added = [*SECURITY_HEADERS, (b"x-request-id", request.request_id.encode("ascii"))]
        if not present.get(b"cache-control", b"").startswith(b"public"):  # which a CDN would show to others
            added += rate_limit_headers(admission)
        return [*added, *(header for header in DEFAULT_HEADERS if header[0] not in present)]

    def _log_security_events(self, log: RequestLog, request: RequestMetadata) -> None:
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

    def _log(self, scope: Any, request: RequestMetadata, observation: Observation) -> None:
        """Write the access log: the path without its query string, which may contain user input."""
        access.info(
            "request",
            method=scope["method"],
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
