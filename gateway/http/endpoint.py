"""The endpoint `/graphql`: method, media types, body, actor and response (specification GraphQL over HTTP)."""

import re
from collections.abc import Sequence
from typing import Any

import orjson
import structlog

from domains.kernel.errors import Unauthenticated
from gateway import request_log
from gateway.answers.cache import AnswerCache
from gateway.answers.stored import StoredAnswer
from gateway.api import GraphQLRequest
from gateway.graphql.core.errors import RequestRefused, render
from gateway.graphql.engine.shared import Answer
from gateway.http import body
from gateway.http.cached_answers import MISS, REQUEST, CachedRequest, stored_response
from gateway.http.connections import has_whole_body
from gateway.http.live.connections import RETRY_SECONDS, TooManyConnections
from gateway.http.live.context import LiveContext
from gateway.http.live.event_streams import EventStreams
from gateway.http.negotiation import EVENTS, GRAPHQL, JSON, prefers_html, response_type
from gateway.http.pages import graphiql
from gateway.http.requests import Headers, bearer, company, metadata
from gateway.http.responses import GRAPHQL_UTF8, JSON_UTF8, NO_STORE, VARY, Header, Send, send_bytes
from gateway.rate_limits.middleware import limits_of
from gateway.timeouts import within_time

log = structlog.get_logger("gateway.http")
NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]{0,79}")  # a GraphQL name (§2.1.9) of a length fit for logs
ALLOW: Header = (b"allow", b"GET, POST")
ALLOW_POST: Header = (b"allow", b"POST")


class GraphQLEndpoint:
    """The ASGI application behind `/graphql`."""

    def __init__(self, live: LiveContext, answers: AnswerCache | None = None) -> None:
        self._api = live.api
        self._settings = settings = live.settings
        self._streams = EventStreams(live)
        self._answers = answers
        self._graphiql = graphiql() if settings.graphiql else None

    async def __call__(self, scope: Any, receive: body.Receive, send: Send) -> None:
        """Answer one request in JSON, by a stream of events, or with GraphiQL."""
        headers = Headers.of(scope)
        accept = headers.get("accept")
        if scope["method"] == "GET" and self._graphiql is not None and prefers_html(accept):
            await self._graphiql.send(send, NO_STORE, VARY)
            return
        shown_as = response_type(accept)
        try:
            _require_protocol(scope["method"], shown_as)
            sent = await self._read(scope, receive, headers)
            request = body.parse_get(sent) if scope["method"] == "GET" else body.parse_post(sent)
            request_log.record_operation_name(
                request.operation_name if NAME.fullmatch(request.operation_name or "") else None
            )
            if shown_as == EVENTS:
                await self._streams.answer(scope, request, len(sent), receive, send)
                return
            answer = await self._answer(scope, headers, request)
        except body.ClientDisconnected:
            return
        except RequestRefused as refused:
            await _refuse(send, refused, metadata(scope).request_id, shown_as)
            return
        if answer.stored is not None:
            await self._send_stored(scope, send, answer.stored, shown_as)
            return
        status = 200 if answer.is_graphql and shown_as != GRAPHQL else answer.status
        await _send(send, status, answer.body, shown_as, [ALLOW_POST] if status == 405 else [])

    async def _send_stored(self, scope: Any, send: Send, answer: StoredAnswer, shown_as: str | None) -> None:
        """Send an answer that the cache may give to others, from now on also when they send the same request."""
        request: CachedRequest | None = scope.get(REQUEST)
        if request is not None and self._answers is not None:
            self._answers.add_request(request.identity, request.size, answer, request.began)
        is_get = scope["method"] == "GET"
        response = stored_response(Headers.of(scope), answer, MISS, self._settings, is_get=is_get, shown_as=shown_as)
        await response.send(send)

    async def _read(self, scope: Any, receive: body.Receive, headers: Headers) -> bytes:
        """The query string or the body."""
        if scope["method"] == "GET":
            query_string: bytes = scope["query_string"]
            return query_string
        body.check_media_type(headers)
        return await body.read(receive, headers, self._settings, has_arrived=has_whole_body(scope))

    async def _answer(self, scope: Any, headers: Headers, request: GraphQLRequest) -> Answer:
        async with within_time(self._settings.execution_timeout):
            try:
                actor = await self._api.authenticate(bearer(headers), company(headers))
            except Unauthenticated as error:
                raise RequestRefused("UNAUTHENTICATED", error.message, status=401) from error
            request_log.record_actor(actor)
            limits, context = limits_of(scope), self._api.context(actor, metadata(scope))
            if limits is not None:
                limits.check_account_read(actor.user_id)
            if scope["method"] == "GET":
                return await self._api.resolve_query(request, context)
            return await self._api.resolve(request, context, limits)


def _require_protocol(method: str, shown_as: str | None) -> None:
    if method not in ("GET", "POST"):
        raise RequestRefused("METHOD_NOT_ALLOWED", "Use GET or POST.", status=405)
    if shown_as is None:
        message = f"This endpoint answers in {JSON}, {GRAPHQL} or {EVENTS}."
        raise RequestRefused("NOT_ACCEPTABLE", message, status=406)


async def _refuse(send: Send, refused: RequestRefused, request_id: str, shown_as: str | None) -> None:
    headers: list[Header] = []
    if refused.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if refused.status == 405:
        headers.append(ALLOW)
    if isinstance(refused, TooManyConnections):
        headers.append((b"retry-after", b"%d" % RETRY_SECONDS))
    if refused.status in (408, 413):
        headers.append((b"connection", b"close"))
    await _send(send, refused.status, {"errors": [render(refused, request_id)]}, shown_as, headers)


async def _send(
    send: Send, status: int, answer: dict[str, Any], shown_as: str | None, headers: Sequence[Header] = ()
) -> None:
    content_type = GRAPHQL_UTF8 if shown_as == GRAPHQL else JSON_UTF8
    payload = orjson.dumps(answer, default=str)
    await send_bytes(send, status, payload, content_type, [NO_STORE, VARY, *headers])
