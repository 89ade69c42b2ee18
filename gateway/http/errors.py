"""Errors of REST routes as JSON, in the format of GraphQL errors."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from domains.kernel.errors import Busy, DomainError, NotFound, PermissionDenied, RateLimited, Unauthenticated
from gateway import request_log
from gateway.graphql.core.errors import RequestRefused, extensions_of
from gateway.http.responses import error_body
from gateway.spelling import respelled

CODES = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}
STATUSES: tuple[tuple[type[DomainError], int], ...] = (
    (Unauthenticated, 401),
    (PermissionDenied, 403),
    (NotFound, 404),
    (RateLimited, 429),
    (Busy, 503),
)
BUSY_FOR = 5  # seconds, until a busy server is asked again


def _json(status: int, data: dict[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    return Response(orjson.dumps(data), status, headers, media_type="application/json")


def refused(_request: Request, error: Exception) -> Response:
    """The response to a request that was refused before it was executed."""
    if not isinstance(error, RequestRefused):
        raise error
    data = error_body(**{"message": error.message, **(error.extensions or {"code": "BAD_REQUEST"})})
    request_log.record_error(data["errors"][0]["extensions"]["code"], error.__cause__)
    return _json(error.status, data, {"WWW-Authenticate": "Bearer"} if error.status == 401 else None)


def domain_error(_request: Request, error: Exception) -> Response:
    """The response to a domain error: status 400, or the status that HTTP has for it."""
    if not isinstance(error, DomainError):
        raise error
    request_log.record_refusal(error)
    status = next((status for kind, status in STATUSES if isinstance(error, kind)), 400)
    data = error_body(**{"message": respelled(error.message), **extensions_of(error)})
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    if isinstance(error, RateLimited):
        headers["Retry-After"] = str(error.retry_after)
    elif status == 503:
        headers["Retry-After"] = str(BUSY_FOR)
    return _json(status, data, headers)


def http_error(_request: Request, error: Exception) -> Response:
    """The response to an unknown path or method."""
    if not isinstance(error, HTTPException):
        raise error
    code = CODES.get(error.status_code, "BAD_REQUEST")
    request_log.record_error(code)
    return _json(error.status_code, error_body(code, _router_message(error)), error.headers)


def _router_message(error: HTTPException) -> str:
    if error.status_code == 404:
        return "There is no resource at this path. `GET /` lists the main ones."
    if error.status_code == 405 and error.headers:
        methods = sorted(error.headers["Allow"].split(", "))
        return f"This path supports {' and '.join(methods)} only."
    return str(error.detail)


HANDLERS: dict[Any, Callable[[Request, Exception], Response]] = {
    RequestRefused: refused,
    DomainError: domain_error,
    HTTPException: http_error,
}
