"""Signs in the caller of a plain HTTP route (import, export), as `/graphql` does."""

from starlette.requests import Request

from domains.kernel.actor import Actor
from gateway.api import ApiGateway
from gateway.graphql.guards import Guard
from gateway.http.requests import Headers, bearer, company


async def actor_of(request: Request, api: ApiGateway, guard: Guard) -> Actor:
    """The actor behind the request's bearer token, admitted by the guard.

    Raises RequestRefused, Unauthenticated or PermissionDenied; the application answers them with 4xx and JSON.
    """
    headers = Headers.of(request.scope)
    actor = await api.authenticate(bearer(headers), company(headers))
    guard.check(actor)
    return actor
