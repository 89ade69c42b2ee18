"""The outermost middleware: request ids, client addresses, security headers, access log, faults as JSON."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import structlog

from domains.kernel.rate_limits import Admission
from gateway import request_log
from gateway.graphql.core.context import RequestMetadata
from gateway.graphql.core.errors import FAULT, fault_message
from gateway.http.access_log import AccessLog
from gateway.http.pages import DENY_ALL
from gateway.http.requests import STATE, Headers, metadata, metadata_of
from gateway.http.responses import Header, Send, error_body, request_id_header, send_json
from gateway.http.settings import HttpSettings
from gateway.monitoring.requests import Observation, observed
from gateway.rate_limits.middleware import rate_limit_headers

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

    def __init__(self, app: Any, settings: HttpSettings, log: AccessLog) -> None:
        self._app = app
        self._settings = settings
        self._log = log

    async def __call__(self, scope: Any, receive: Any, send: Send) -> None:
        """Serve one request and write its line of the access log."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers.of(scope)
        request = scope[STATE] = metadata_of(scope, headers, self._settings.trusted_proxies)
        with observed(request.request_id, scope["method"], headers.get("traceparent")) as observation:
            try:
                await self._serve(scope, receive, send, observation)
            finally:
                observation.route = getattr(scope.get("route"), "path", None)
                self._log.finished(scope, request, observation)

    async def _serve(self, scope: Any, receive: Any, send: Send, observation: Observation) -> None:
        request = metadata(scope)

        async def send_with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                observation.status = message["status"]
                given = message.get("headers", ())
                message["headers"] = [*given, *edge_headers(request, given, observation.log.admission)]
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


def edge_headers(request: RequestMetadata, given: Iterable[Header], admission: Admission | None) -> list[Header]:
    """What a response has beside the headers that it was given."""
    given = list(given)
    return [*fixed_headers(given), *variable_headers(request.request_id, given, admission)]


def fixed_headers(given: Iterable[Header]) -> Sequence[Header]:
    """The security headers, and the defaults of those that were not given."""
    return _fixed_headers(tuple(name for name, _ in given))


@lru_cache(maxsize=256)
def _fixed_headers(names: tuple[bytes, ...]) -> Sequence[Header]:
    present = {name.lower() for name in names}
    return (*SECURITY_HEADERS, *(header for header in DEFAULT_HEADERS if header[0] not in present))


def variable_headers(request_id: str, given: Iterable[Header], admission: Admission | None) -> list[Header]:
    """The id of the request, and its rate limit unless a CDN would show it to others."""
    is_public = any(name.lower() == b"cache-control" and value.startswith(b"public") for name, value in given)
    return [request_id_header(request_id), *([] if is_public else rate_limit_headers(admission))]
