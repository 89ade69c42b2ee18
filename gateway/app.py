"""The Starlette application: its routes and middleware."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp

from gateway.answers.cache import AnswerCache
from gateway.api import ApiGateway
from gateway.http.access_log import AccessLog
from gateway.http.cached_answers import CachedAnswers
from gateway.http.edge import Edge
from gateway.http.endpoint import GraphQLEndpoint
from gateway.http.errors import HANDLERS
from gateway.http.live.connections import LiveConnections
from gateway.http.live.context import LiveContext
from gateway.http.live.websocket import GraphQLWebSocket
from gateway.http.pages import Welcome
from gateway.http.probes import Check, Health, Readiness
from gateway.http.settings import HttpSettings
from gateway.monitoring.live import LiveMetrics
from gateway.monitoring.metrics import Metrics
from gateway.rate_limits.middleware import EXPOSED, RateLimiter
from gateway.rate_limits.rate_limits import RateLimits

TRACE: Final = ("traceparent", "tracestate")  # OpenTelemetry in browsers sends both; the second is not used
Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


def create_app(
    api: ApiGateway,
    settings: HttpSettings,
    *,
    checks: Mapping[str, Check] | None = None,
    routes: Sequence[BaseRoute] = (),
    lifespan: Lifespan | None = None,
    metrics: Metrics | None = None,
    limits: RateLimits | None = None,
    answers: AnswerCache | None = None,
    live_metrics: LiveMetrics | None = None,
) -> ASGIApp:
    """The application: `/`, `/graphql`, `/healthz`, `/readyz` and further routes, from its parts.

    `/readyz` runs `checks`, async callables that raise when their part is not available. Requests are counted in
    `metrics`, live connections in `live_metrics`, and requests are refused above the rate `limits`. With `answers`,
    answers to guests are taken from that cache before the application.
    """
    welcome = Route("/", Welcome(has_graphiql=settings.graphiql), methods=["GET"])
    probes = [Route("/healthz", Health()), Route("/readyz", Readiness(checks or {}, settings.check_timeout))]
    log = AccessLog(settings, metrics)
    cors = _cors(settings)
    connections = LiveConnections(settings)
    if live_metrics is not None:
        live_metrics.watch(connections)
    live = LiveContext(api, settings, connections, log, limits, live_metrics)
    app = Starlette(
        routes=[
            Route("/graphql", GraphQLEndpoint(live, answers)),
            WebSocketRoute("/graphql", GraphQLWebSocket(live)),
            *probes,
            welcome,
            *routes,
        ],
        middleware=[
            Middleware(Edge, settings=settings, log=log),
            *([Middleware(cors)] if cors else []),
            *_limited(limits),
        ],
        exception_handlers=HANDLERS,
        lifespan=lifespan,
    )
    return app if answers is None else CachedAnswers(app, answers, settings, log, limits, cors)


def _cors(settings: HttpSettings) -> Callable[[ASGIApp], ASGIApp] | None:
    """Cross-origin access for the origins in the settings (`*` is any, without credentials); none by default."""
    if not settings.cors_origins:
        return None
    return partial(
        CORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_methods=("GET", "POST"),
        allow_headers=(
            "authorization",
            "content-type",
            "if-none-match",
            "last-event-id",
            "x-cart-token",
            "x-company",
            "x-order-token",
            "x-request-id",
            *TRACE,
        ),
        expose_headers=("x-request-id", "cache-status", "etag", *EXPOSED),
        max_age=600,
    )


def _limited(limits: RateLimits | None) -> list[Middleware]:
    return [] if limits is None else [Middleware(RateLimiter, limits=limits)]
