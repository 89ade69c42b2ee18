"""The real schema over the real database, asked over HTTP as whoever a test wants to be."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
from starlette.applications import Starlette

from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.counting import counting
from domains.kernel.database import Database
from gateway.api import ApiGateway
from gateway.app import create_app
from gateway.bootstrap import Parts, build_services
from gateway.graphql.execution import Execution
from gateway.graphql.limits import GraphQLLimits
from gateway.graphql.schema import Schema
from gateway.http.settings import HttpSettings
from gateway.infra.mail import mailer
from gateway.infra.memory import MemoryCache
from gateway.infra.mock_payments import MockPayments
from gateway.services import Services
from gateway.settings import Settings


@dataclass(slots=True)
class Asking:
    """Sends operations to the gateway; what it cost is in `statements`."""

    schema: Schema
    database: Database
    services: Services
    statements: int = 0
    headers: dict[str, str] = field(default_factory=dict)

    async def __call__(self, actor: Actor, query: str, variables: dict[str, Any] | None = None) -> Any:
        """The answer's JSON to an operation of this actor, sent as they would send it."""
        headers = self.headers | ({"authorization": "Bearer of-the-actor"} if actor.is_authenticated else {})
        transport = httpx.ASGITransport(self._app(actor))
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
            with counting() as count:
                response = await client.post(
                    "/graphql", json={"query": query, "variables": variables or {}}, headers=headers
                )
        self.statements = count.data
        assert response.status_code == 200, response.text
        return response.json()

    async def data(self, actor: Actor, query: str, variables: dict[str, Any] | None = None) -> Any:
        """The answer's data, which must have come without errors."""
        answer = await self(actor, query, variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def refusal(self, actor: Actor, query: str, variables: dict[str, Any] | None = None) -> str:
        """The code of the one error that fails the operation's field."""
        answer = await self(actor, query, variables)
        (error,) = answer["errors"]
        code: str = error["extensions"]["code"]
        return code

    def _app(self, actor: Actor) -> Starlette:
        async def authenticate(_token: str, _company: UUID) -> Actor:
            return actor

        async def find_company(_slug: str | None) -> UUID | None:
            return actor.company_id

        api = ApiGateway(
            Execution(self.schema, GraphQLLimits()), self.services, self.database, authenticate, find_company
        )
        return create_app(api, HttpSettings(access_log=False))


def services_of(clock: FixedClock, database: Database) -> Services:
    """All services, as bootstrap makes them."""
    settings = Settings()
    payments = MockPayments(database._pool)
    return build_services(Parts(settings, MemoryCache(clock), mailer(settings), clock, payments))
