"""Bearer authentication of REST routes (import, export), as for `/graphql`."""

from starlette.requests import Request

from domains.kernel.actor import Actor
from gateway import request_log
from gateway.api import ApiGateway
from gateway.graphql.core.guards import Guard
from gateway.http.requests import Headers, bearer, company
from gateway.http.settings import HttpSettings
from gateway.rate_limits.middleware import check_account
from gateway.timeouts import within_time


async def actor_of(request: Request, api: ApiGateway, guard: Guard, settings: HttpSettings) -> Actor:
    """The actor of the request's bearer token, counted by the rate limits and checked by the guard.

    Raises RequestRefused, Unauthenticated or PermissionDenied, which the application answers as JSON.
    """
    headers = Headers.of(request.scope)
    async with within_time(settings.execution_timeout):
        actor = await api.authenticate(bearer(headers), company(headers))
    request_log.record_actor(actor)
    await check_account(request.scope, actor)
    guard.check(actor)
    return actor
