"""Rate limits over HTTP: requests are counted before they are parsed, and responses have `RateLimit-…` headers."""

from typing import Any, Final

import orjson

from domains.kernel.actor import Actor
from domains.kernel.rate_limits import Admission
from gateway.graphql.core.errors import RequestRefused, render
from gateway.http.connections import PROBE_PATHS
from gateway.http.negotiation import GRAPHQL, response_type
from gateway.http.requests import Headers, metadata
from gateway.http.responses import GRAPHQL_UTF8, JSON_UTF8, Header, Send, send_bytes
from gateway.rate_limits.rate_limits import RateLimits

LIMITS: Final = "commerce.rate_limits"
GRAPHQL_PATH: Final = "/graphql"
READS: Final = ("GET", "HEAD", "OPTIONS")
EXPOSED: Final = ("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "retry-after")


class RateLimiter:
    """ASGI middleware inside the edge and the access of other origins, so that a refusal has their headers.

    Every request is a read. One that writes on a route of its own is a write too; those of GraphQL are counted when
    the document is known. Probes are not limited.
    """

    def __init__(self, app: Any, limits: RateLimits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Any, receive: Any, send: Send) -> None:
        """Serve a request, or refuse it with 429."""
        if scope["type"] != "http" or scope["path"] in PROBE_PATHS:
            await self._app(scope, receive, send)
            return
        scope[LIMITS] = self._limits
        address = metadata(scope).ip
        try:
            self._limits.check_read(address)
            if scope["method"] not in READS and scope["path"] != GRAPHQL_PATH:
                await self._limits.check_writes(address=address)
        except RequestRefused as refused:
            await _refuse(scope, send, refused)
            return
        await self._app(scope, receive, send)


def limits_of(scope: Any) -> RateLimits | None:
    """The rate limits of the application that serves a request; None in one without any."""
    limits: RateLimits | None = scope.get(LIMITS)
    return limits


async def check_account(scope: Any, actor: Actor) -> None:
    """Count the account of a request to a route other than GraphQL. Raises RequestRefused (429)."""
    limits = limits_of(scope)
    if limits is None:
        return
    limits.check_account_read(actor.user_id)
    if scope["method"] not in READS:
        await limits.check_writes(user_id=actor.user_id)


def rate_limit_headers(admission: Admission | None) -> list[Header]:
    """The headers of the strictest rate limit of a request.

    `RateLimit-Reset` is the number of seconds until the whole limit is available again, and in a refusal the same as
    `Retry-After`: until the request can be admitted.
    """
    if admission is None:
        return []
    wait = admission.retry_after
    headers = [
        (b"ratelimit-limit", b"%d" % admission.limit.units),
        (b"ratelimit-remaining", b"%d" % admission.remaining),
        (b"ratelimit-reset", b"%d" % (wait or admission.reset)),
    ]
    return [*headers, (b"retry-after", b"%d" % wait)] if wait else headers


async def _refuse(scope: Any, send: Send, refused: RequestRefused) -> None:
    accepted = response_type(Headers.of(scope).get("accept")) if scope["path"] == GRAPHQL_PATH else None
    body = orjson.dumps({"errors": [render(refused, metadata(scope).request_id)]})
    await send_bytes(send, refused.status, body, GRAPHQL_UTF8 if accepted == GRAPHQL else JSON_UTF8)
