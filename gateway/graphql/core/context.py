"""The context of resolvers: the actor and company, the services, the database and the request's loaders."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import strawberry

from domains.auth.models import Origin
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader
from domains.kernel.ports import Cache
from gateway.graphql.engine.loading import Loaders
from gateway.live.presence import Presence
from gateway.services import Services

Load: TypeAlias = "Callable[[Context, Sequence[Any]], Awaitable[Sequence[Any]]]"


@dataclass(frozen=True, slots=True)
class RequestMetadata:
    """The origin of a request: its id, the client's address and its user agent (both bounded, never trusted).

    The token of a guest's cart, if the request has one, is a secret.
    """

    request_id: str
    ip: str
    user_agent: str
    cart_token: str | None = field(default=None, repr=False)

    def origin(self, device_token: str | None = None) -> Origin:
        """The client of a request that logs in or requests a code."""
        return Origin(self.ip, self.user_agent, device_token)


@dataclass(slots=True)
class Context:
    """The context of one request. It has no transaction, because child fields resolve after the commit."""

    actor: Actor
    services: Services
    db: Database
    cache: Cache
    request: RequestMetadata
    presence: Presence
    reader: Reader = field(init=False)
    loaders: "Loaders[Context]" = field(init=False)

    def __post_init__(self) -> None:
        self.reader = self.db.reader(self.actor.company_id)
        self.loaders = Loaders(self)

    def for_every_guest(self) -> "Context":
        """A context of a guest without anything of this request, for an answer that others get too."""
        request = RequestMetadata(self.request.request_id, ip="", user_agent="")
        actor = Actor.anonymous(self.actor.company_id)
        return replace(self, actor=actor, request=request)


Info: TypeAlias = strawberry.Info[Context, None]
