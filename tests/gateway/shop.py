"""A real shop behind the real application: the services on the run's database, with actors by token."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import httpx

from domains.kernel.actor import Actor
from domains.kernel.counting import StatementCount, counting
from domains.kernel.database import Database
from domains.kernel.errors import Unauthenticated
from gateway.api import ApiGateway
from gateway.app import create_app
from gateway.graphql.execution import Execution
from gateway.graphql.limits import GraphQLLimits
from gateway.graphql.schema import build_schema
from gateway.http.settings import HttpSettings
from gateway.services import Services


class Shop:
    """Asks the API as one actor or another; `count` holds the statements of the last request.

    Requests carry the `cart_token` of a guest, if there is one.
    """

    def __init__(self, services: Services, database: Database, company_id: UUID, actors: Mapping[str, Actor]) -> None:
        self.services = services
        self.database = database
        self.company_id = company_id
        self.actors = dict(actors)
        self.count = StatementCount()
        self.cart_token: str | None = None
        api = ApiGateway(Execution(_SCHEMA, GraphQLLimits()), services, database, self._actor, self._company)
        app = create_app(api, HttpSettings(access_log=False))
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop.test")

    async def _actor(self, token: str, _company_id: UUID) -> Actor:
        if token not in self.actors:
            raise Unauthenticated("The token is not valid.")
        return self.actors[token]

    async def _company(self, slug: str | None) -> UUID | None:
        return self.company_id if slug is None else None

    async def ask(self, query: str, token: str | None = None, **variables: Any) -> Any:
        """The whole answer to a query or mutation, whose status must be 200."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        if self.cart_token is not None:
            headers["x-cart-token"] = self.cart_token
        with counting() as self.count:
            response = await self.client.post(
                "/graphql", json={"query": query, "variables": variables}, headers=headers
            )
        assert response.status_code == 200, response.text
        return response.json()

    async def send(self, mutation: str, input: Any, token: str) -> httpx.Response:
        """The response to a mutation, whatever its status; the input may be what is no valid JSON text."""
        kind = mutation[0].upper() + mutation[1:]
        query = f"mutation ($input: {kind}Input!) {{ {mutation}(input: $input) {{ errors {{ code }} }} }}"
        body = json.dumps({"query": query, "variables": {"input": input}})
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        return await self.client.post("/graphql", content=body, headers=headers)

    async def data(self, query: str, token: str | None = None, **variables: Any) -> Any:
        """The data of an answer that has no errors."""
        answer = await self.ask(query, token, **variables)
        assert "errors" not in answer, answer
        return answer["data"]


_SCHEMA = build_schema()
