"""The real application over the real database, and people who use it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette

from domains.auth.models import NewAccount, User
from domains.auth.service import AuthService
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.role.models import SystemRole
from gateway.api import ApiGateway
from gateway.app import create_app
from gateway.bootstrap import Parts, build_services
from gateway.graphql.execution import Execution
from gateway.graphql.limits import GraphQLLimits
from gateway.graphql.schema import build_schema
from gateway.http.settings import HttpSettings
from gateway.infra.memory import MemoryCache
from gateway.services import Services
from gateway.settings import Settings
from tests.domains.auth.conftest import PASSWORD, SETTINGS, Mailbox, hashes

__all__ = ["hashes"]
LOGIN = """
mutation ($email: String!, $password: String!) {
  login(input: {email: $email, password: $password}) {
    auth { accessToken refreshToken user { id email role { code } } }
    errors { __typename code message path ... on RateLimitedError { retryAfter } }
  }
}
"""


@dataclass(slots=True)
class Site:
    """One company's shop as a browser sees it; `ip` is where the browser connects from."""

    app: Starlette
    services: Services
    db: Database
    company_id: UUID
    clock: FixedClock
    mailbox: Mailbox
    ip: str = "192.0.2.7"
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def auth(self) -> AuthService:
        return self.services.auth

    async def post(
        self, query: str, variables: dict[str, Any] | None = None, token: str | None = None
    ) -> httpx.Response:
        return await self.post_raw(orjson.dumps({"query": query, "variables": variables}), token)

    async def post_raw(self, content: bytes, token: str | None = None) -> httpx.Response:
        headers = {"content-type": "application/json"} | self.headers
        headers |= {"authorization": f"Bearer {token}"} if token else {}
        transport = httpx.ASGITransport(self.app, client=(self.ip, 50000))
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
            return await client.post("/graphql", content=content, headers=headers)

    async def ask(self, query: str, token: str | None = None, **variables: Any) -> dict[str, Any]:
        """The data of an answer without errors."""
        response = await self.post(query, variables, token)
        answer = response.json()
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    async def refusal(self, query: str, token: str | None = None, **variables: Any) -> str:
        """The code of the one error at the top of an answer."""
        (error,) = (await self.post(query, variables, token)).json()["errors"]
        return str(error["extensions"]["code"])

    async def account(self, role: SystemRole = SystemRole.CUSTOMER, email: str = "") -> User:
        new = NewAccount(
            email=email or f"{len(self.mailbox.mails)}-{self.company_id}-{role}@example.com".lower(),
            password=PASSWORD,
        )
        return await self.auth.provisioning.create(self.db, self.company_id, new, role)

    async def login(self, email: str, password: str = PASSWORD) -> dict[str, Any]:
        payload: dict[str, Any] = (await self.ask(LOGIN, email=email, password=password))["login"]
        return payload

    async def token(self, role: SystemRole = SystemRole.CUSTOMER) -> str:
        """The access token of somebody new with this role."""
        user = await self.account(role)
        return str((await self.login(user.email))["auth"]["accessToken"])


@pytest.fixture
def make_site(database: Database, company: UUID, clock: FixedClock) -> Callable[..., Site]:
    """Makes sites of the test's company, or another, with settings of the test's choice."""
    schema = build_schema()

    def make(company_id: UUID = company, http: HttpSettings | None = None, **settings: Any) -> Site:
        mailbox, cache = Mailbox(), MemoryCache(clock)
        services = build_services(Parts(Settings(jwt_keys=SecretStr("0" * 64)), cache, mailbox, clock))
        auth = AuthService(services.role, services.company, cache, mailbox, clock, replace(SETTINGS, **settings))
        services = replace(services, auth=auth)

        async def authenticate(token: str, company: UUID) -> Actor:
            return await auth.authenticate(database, token, company)

        async def find_company(_slug: str | None) -> UUID | None:
            return company_id

        api = ApiGateway(Execution(schema, GraphQLLimits()), services, database, authenticate, find_company)
        app = create_app(api, http or HttpSettings(access_log=False))
        return Site(app, services, database, company_id, clock, mailbox)

    return make


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    """A site with the usual settings."""
    return make_site()
