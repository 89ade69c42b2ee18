"""The Starlette application: its routes and middleware."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Route

from gateway.api import ApiGateway
from gateway.http.edge import Edge
from gateway.http.endpoint import GraphQLEndpoint
from gateway.http.errors import HANDLERS
from gateway.http.pages import Welcome
from gateway.http.probes import Check, Health, Readiness
from gateway.http.settings import HttpSettings
from gateway.monitoring.metrics import Metrics

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
) -> Starlette:
    """The application: `/`, `/graphql`, `/healthz`, `/readyz` and further routes, from its parts.

    `/readyz` runs `checks`, async callables that raise when their part is not available. Requests are counted in
    `metrics`.
    """
    welcome = Route("/", Welcome(has_graphiql=settings.graphiql), methods=["GET"])
    probes = [Route("/healthz", Health()), Route("/readyz", Readiness(checks or {}, settings.check_timeout))]
    return Starlette(
        routes=[Route("/graphql", GraphQLEndpoint(api, settings)), *probes, welcome, *routes],
        middleware=[Middleware(Edge, settings=settings, metrics=metrics), *_cors(settings)],
        exception_handlers=HANDLERS,
        lifespan=lifespan,
    )


def _cors(settings: HttpSettings) -> list[Middleware]:
    """Cross-origin access for the origins in the settings (`*` is any, without credentials); none by default."""
    if not settings.cors_origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_methods=["GET", "POST"],
            allow_headers=["authorization", "content-type", "x-cart-token", "x-company", "x-request-id", *TRACE],
            expose_headers=["x-request-id"],
            max_age=600,
        )
    ]
