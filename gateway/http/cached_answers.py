"""Answers guests' GraphQL requests from the cache of answers, before the application parses them."""

from collections.abc import Callable, Hashable
from functools import lru_cache, partial
from typing import Any, Final

import structlog

from gateway.answers.cache import AnswerCache
from gateway.answers.changes import Mark
from gateway.answers.stored import StoredAnswer
from gateway.graphql.core.context import RequestMetadata
from gateway.http import body
from gateway.http.access_log import AccessLog
from gateway.http.connections import has_whole_body
from gateway.http.edge import fixed_headers, variable_headers
from gateway.http.negotiation import GRAPHQL, is_answered_whole, prefers_html, response_type
from gateway.http.requests import Headers, forwarded_address, request_id
from gateway.http.responses import GRAPHQL_UTF8, JSON_UTF8, NO_STORE, Header, Response, Send, response
from gateway.http.settings import HttpSettings
from gateway.monitoring.requests import observed
from gateway.rate_limits.rate_limits import RateLimits

log = structlog.get_logger("gateway.http")
PATH: Final = "/graphql"
MAX_REQUEST: Final = 32 * 1024  # octets of a body or query string that leads to an answer
MAX_FORWARDED: Final = 256  # characters of addresses of proxies
REQUEST: Final = "commerce.cached_request"
FOUND: Final = "commerce.cached_response"
OVERHEAD: Final = 400  # octets of a stored request beside its body
# Browsers ask again each time and get 304; a CDN may answer for as long as the setting says.
VARY: Final[Header] = (b"vary", b"accept, authorization, x-company")
VARY_BY_ORIGIN: Final[Header] = (b"vary", b"origin")  # a browser's response has the headers for other origins too
HIT: Final[Header] = (b"cache-status", b"commerce; hit")  # RFC 9211
MISS: Final[Header] = (b"cache-status", b"commerce; fwd=miss")


class CachedRequest:
    """A request that may be answered from the cache: what was sent, and the company and media type it is for."""

    __slots__ = ("began", "identity", "size")

    def __init__(self, scope: Any, headers: Headers, sent: bytes, began: Mark) -> None:
        self.identity = _identity(scope, headers, sent)
        self.size = len(sent) + len(headers.get("x-company") or "") + OVERHEAD
        self.began = began


class CachedAnswers:
    """Answers from the cache: at once where the server asks it, and as ASGI middleware before the application.

    What the edge and the rate limiter do for other requests is done here, so that none of it needs a task. `around`
    adds the headers for other origins. Requests without an answer in memory, and those above a rate limit, go to the
    application, which learns which of them lead to an answer.
    """

    def __init__(
        self,
        app: Any,
        cache: AnswerCache,
        settings: HttpSettings,
        log: AccessLog,
        limits: RateLimits | None = None,
        around: Callable[[Any], Any] | None = None,
    ) -> None:
        self._app = app
        self._cache = cache
        self._settings = settings
        self._log = log
        self._limits = limits
        self._answering = around(_send_found) if around else _send_found
        self._is_wrapped = around is not None
        self._address = lru_cache(maxsize=4_096)(partial(forwarded_address, trusted=settings.trusted_proxies))

    async def __call__(self, scope: Any, receive: body.Receive, send: Send) -> None:
        """Answer, or call the application."""
        if scope["type"] != "http" or not _is_cacheable(scope, headers := Headers.of(scope)):
            await self._app(scope, receive, send)
            return
        sent = scope["query_string"]
        if scope["method"] == "POST":
            receive = body.Replay(receive)
            sent = await receive.read(headers, self._settings, has_arrived=has_whole_body(scope))
        scope[REQUEST] = CachedRequest(scope, headers, sent, self._cache.mark())
        found = scope[FOUND] = self._found(scope, headers, sent)
        await (self._app if found is None else self._answering)(scope, receive, send)

    def answer_at_once(self, scope: Any, sent: bytes) -> Response | None:
        """The response to a complete request with this body, if its answer is in memory."""
        headers = Headers.of(scope)
        if not _is_cacheable(scope, headers) or (self._is_wrapped and "origin" in headers.values):
            return None
        found = self._found(scope, headers, sent if scope["method"] == "POST" else scope["query_string"])
        if found is None or not self._is_wrapped:
            return found
        return found._replace(headers=(*found.headers, VARY_BY_ORIGIN))

    def _found(self, scope: Any, headers: Headers, sent: bytes) -> Response | None:
        """The response if its answer is in memory; a fault leaves the request to the application."""
        try:
            return self._find(scope, headers, sent)
        except Exception:
            log.exception("the cache of answers cannot be read")
            return None

    def _find(self, scope: Any, headers: Headers, sent: bytes) -> Response | None:
        """The response if its answer is in memory and the rate limits admit the request."""
        answer = self._cache.find(_identity(scope, headers, sent))
        if answer is None:
            return None
        address = self._address(scope["client"][0] if scope["client"] else "unknown", headers.get("x-forwarded-for"))
        admission = self._limits.admit_read(address) if self._limits else None
        if admission is not None and not admission.is_admitted:
            return None
        found = self._response(scope, headers, answer)
        identifier = request_id(headers)
        if self._log.is_brief:
            self._log.count(answer.request.operation)
        else:
            self._record(scope, headers, answer, RequestMetadata(identifier, address, ""), found.status)
        variable = variable_headers(identifier, found.headers, admission)
        return Response(found.status, (*found.headers, *variable), found.body)

    def _response(self, scope: Any, headers: Headers, answer: StoredAnswer) -> Response:
        """The response without what differs from one request to the next."""
        is_get, shown_as = scope["method"] == "GET", response_type(headers.get("accept"))
        form = (is_get, shown_as, is_get and _has(headers.get("if-none-match"), answer.etag))
        known: Response | None = answer.responses.get(form)
        if known is None:
            given = stored_response(headers, answer, HIT, self._settings, is_get=is_get, shown_as=shown_as)
            known = given._replace(headers=(*given.headers, *fixed_headers(given.headers)))
            answer.responses[form] = known
        return known

    def _record(
        self, scope: Any, headers: Headers, answer: StoredAnswer, request: RequestMetadata, status: int
    ) -> None:
        """Record the request as the edge does it for others."""
        with observed(request.request_id, scope["method"], headers.get("traceparent")) as observation:
            observation.log.actor, observation.log.operation = answer.request.actor, answer.request.operation
            observation.status, observation.route = status, PATH
            self._log.finished(scope, request, observation)


async def _send_found(scope: Any, _receive: body.Receive, send: Send) -> None:
    response: Response = scope[FOUND]
    await response.send(send)


def stored_response(
    headers: Headers,
    answer: StoredAnswer,
    status: Header,
    settings: HttpSettings,
    *,
    is_get: bool,
    shown_as: str | None,
) -> Response:
    """The response with a stored answer; 304 for a GET of a client that has it (RFC 9110 §13.1.2)."""
    sent_as = GRAPHQL_UTF8 if shown_as == GRAPHQL else JSON_UTF8
    if not is_get:
        return response(200, answer.body, sent_as, (NO_STORE, VARY, status))
    shared = ((b"etag", answer.etag), _control(settings.cdn_max_age), VARY, status)
    if _has(headers.get("if-none-match"), answer.etag):
        return Response(304, shared, b"")
    return response(200, answer.body, sent_as, shared)


@lru_cache(maxsize=8)
def _control(seconds: int) -> Header:
    return b"cache-control", f"public, max-age=0, s-maxage={seconds}, must-revalidate".encode("ascii")


def _has(if_none_match: str | None, etag: bytes) -> bool:
    """Whether a client has this entity; the comparison is weak."""
    if if_none_match is None:
        return False
    given = [each.strip().removeprefix("W/") for each in if_none_match.split(",")]
    return "*" in given or etag.decode("ascii").removeprefix("W/") in given


def _identity(scope: Any, headers: Headers, sent: bytes) -> Hashable:
    """What two requests have in common that have the same response: what was sent, and for whom."""
    return (scope["method"], headers.get("x-company"), response_type(headers.get("accept")), sent)


def _is_cacheable(scope: Any, headers: Headers) -> bool:
    """Whether a request may be answered from the cache."""
    if scope["path"] != PATH or len(headers.get("x-forwarded-for") or "") > MAX_FORWARDED:
        return False
    if scope["method"] == "GET":
        return _is_cacheable_get(scope, headers)
    return scope["method"] == "POST" and _is_cacheable_post(headers)


def _is_cacheable_get(scope: Any, headers: Headers) -> bool:
    accept = headers.get("accept")
    return (
        "authorization" not in headers.values
        and 0 < len(scope["query_string"]) <= MAX_REQUEST
        and is_answered_whole(accept)
        and not prefers_html(accept)
    )


def _is_cacheable_post(headers: Headers) -> bool:
    """Whether a request is small and of a guest. The application checks the rest and refuses what is wrong."""
    length = headers.get("content-length")
    return (
        "authorization" not in headers.values
        and length is not None
        and length.isdigit()
        and len(length) < 6
        and int(length) <= MAX_REQUEST
        and headers.get("content-type") in ("application/json", "application/json; charset=utf-8")
        and "content-encoding" not in headers.values
        and is_answered_whole(headers.get("accept"))
    )
