"""Answers guests' GraphQL requests from the cache of answers, before the application parses them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from gateway import request_log
from gateway.answers.cache import AnswerCache
from gateway.answers.changes import Mark
from gateway.answers.stored import StoredAnswer
from gateway.http import body
from gateway.http.negotiation import GRAPHQL, prefers_html, response_type
from gateway.http.requests import Headers
from gateway.http.responses import GRAPHQL_UTF8, JSON_UTF8, NO_STORE, Header, Send, send_bytes
from gateway.http.settings import HttpSettings

PATH: Final = "/graphql"
MAX_REQUEST: Final = 32 * 1024  # octets of a body or query string that leads to an answer
REQUEST: Final = "commerce.cached_request"
ANSWER: Final = "commerce.cached_answer"
OVERHEAD: Final = 400  # octets of a stored request beside its body
# Browsers ask again each time and get 304; a CDN may answer for as long as the setting says.
VARY: Final[Header] = (b"vary", b"accept, authorization, x-company")
HIT: Final[Header] = (b"cache-status", b"commerce; hit")  # RFC 9211
MISS: Final[Header] = (b"cache-status", b"commerce; fwd=miss")


class CachedRequest:
    """A request that may be answered from the cache: what was sent, and the company and media type it is for."""

    __slots__ = ("began", "identity", "is_get", "shown_as", "size")

    def __init__(self, scope: Any, headers: Headers, sent: bytes, began: Mark) -> None:
        self.is_get = scope["method"] == "GET"
        self.shown_as = _shown_as(headers.get("accept"))
        company = headers.get("x-company")
        self.identity = (self.is_get, company, self.shown_as, sent)
        self.size = len(sent) + len(company or "") + OVERHEAD
        self.began = began


class CachedAnswers:
    """ASGI middleware that answers from the cache, and tells the application which requests lead to an answer.

    An answer passes through `around` (the edge, and access of other origins); other requests go to the application.
    """

    def __init__(self, app: Any, cache: AnswerCache, settings: HttpSettings, around: Callable[[Any], Any]) -> None:
        self._app = app
        self._cache = cache
        self._settings = settings
        self._answering = around(self._answer)

    async def __call__(self, scope: Any, receive: body.Receive, send: Send) -> None:
        """Answer, or call the application."""
        if scope["type"] != "http" or scope["path"] != PATH:
            await self._app(scope, receive, send)
            return
        headers = Headers.of(scope)
        if scope["method"] == "GET" and _is_cacheable_get(scope, headers):
            sent = scope["query_string"]
        elif scope["method"] == "POST" and _is_cacheable_post(headers):
            receive = body.Replay(receive)
            sent = await receive.read(headers, self._settings)
        else:
            await self._app(scope, receive, send)
            return
        request = scope[REQUEST] = CachedRequest(scope, headers, sent, self._cache.mark())
        answer = scope[ANSWER] = self._cache.find(request.identity)
        await (self._app if answer is None else self._answering)(scope, receive, send)

    async def _answer(self, scope: Any, _receive: body.Receive, send: Send) -> None:
        answer: StoredAnswer = scope[ANSWER]
        request_log.record_actor(answer.request.actor)
        request_log.record_operation(answer.request.operation)
        scope["route"] = ROUTE
        request: CachedRequest = scope[REQUEST]
        await send_stored(
            send,
            Headers.of(scope),
            answer,
            HIT,
            self._settings,
            is_get=request.is_get,
            shown_as=request.shown_as,
        )


@dataclass(frozen=True, slots=True)
class _Route:
    """The route of Starlette, as the metrics read it."""

    path: str = PATH


ROUTE: Final = _Route()


async def send_stored(
    send: Send,
    headers: Headers,
    answer: StoredAnswer,
    status: Header,
    settings: HttpSettings,
    *,
    is_get: bool,
    shown_as: str | None,
) -> None:
    """Send a stored answer; 304 for a GET of a client that has it (RFC 9110 §13.1.2)."""
    sent_as = GRAPHQL_UTF8 if shown_as == GRAPHQL else JSON_UTF8
    if not is_get:
        await send_bytes(send, 200, answer.body, sent_as, [NO_STORE, VARY, status])
        return
    shared = [(b"etag", answer.etag), _control(settings.cdn_max_age), VARY, status]
    if _has(headers.get("if-none-match"), answer.etag):
        await send({"type": "http.response.start", "status": 304, "headers": shared})
        await send({"type": "http.response.body", "body": b""})
        return
    await send_bytes(send, 200, answer.body, sent_as, shared)


@lru_cache(maxsize=8)
def _control(seconds: int) -> Header:
    return b"cache-control", f"public, max-age=0, s-maxage={seconds}, must-revalidate".encode("ascii")


def _has(if_none_match: str | None, etag: bytes) -> bool:
    """Whether a client has this entity; the comparison is weak."""
    if if_none_match is None:
        return False
    given = [each.strip().removeprefix("W/") for each in if_none_match.split(",")]
    return "*" in given or etag.decode("ascii").removeprefix("W/") in given


def _is_cacheable_get(scope: Any, headers: Headers) -> bool:
    accept = headers.get("accept")
    return (
        "authorization" not in headers.values
        and 0 < len(scope["query_string"]) <= MAX_REQUEST
        and _shown_as(accept) is not None
        and not _prefers_html(accept)
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
        and _shown_as(headers.get("accept")) is not None
    )


_shown_as: Final = lru_cache(maxsize=512)(response_type)
_prefers_html: Final = lru_cache(maxsize=512)(prefers_html)
