"""The real application over the real database, and people who use it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette

from domains.auth.models import NewAccount, User
from domains.auth.service import AuthService
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.counting import StatementCount, counting
from domains.kernel.database import Database
from domains.kernel.ids import new_id
from domains.role.models import SystemRole
from gateway.api import ApiGateway
from gateway.app import create_app
from gateway.bootstrap import Parts, build_services
from gateway.graphql.execution import Execution
from gateway.graphql.limits import GraphQLLimits
from gateway.graphql.schema import build_schema
from gateway.http.settings import HttpSettings
from gateway.infra.memory import MemoryCache
from gateway.infra.mock_payments import MockPayments
from gateway.services import Services
from gateway.settings import Settings
from tests.domains.auth.conftest import PASSWORD, SETTINGS, Mailbox, hashes
from tests.gateway.auth.operations import LOGIN

__all__ = ["hashes"]
SCHEMA = build_schema()


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
    count: StatementCount = field(default_factory=StatementCount)

    @property
    def auth(self) -> AuthService:
        return self.services.auth

    async def send(self, method: str = "POST", token: str | None = None, **request: Any) -> httpx.Response:
        """One request to `/graphql` as the browser sends it."""
        headers = self.headers | ({"authorization": f"Bearer {token}"} if token else {})
        transport = httpx.ASGITransport(self.app, client=(self.ip, 50000))
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
            return await client.request(method, "/graphql", headers=headers, **request)

    async def post(self, query: str, bearer: str | None = None, **variables: Any) -> httpx.Response:
        with counting() as self.count:
            return await self.send(token=bearer, json={"query": query, "variables": variables})

    async def data(self, query: str, bearer: str | None = None, **variables: Any) -> Any:
        """The one field of an answer without errors at the top."""
        answer = (await self.post(query, bearer, **variables)).json()
        assert "errors" not in answer, answer
        (value,) = answer["data"].values()
        return value

    async def do(self, mutation: str, bearer: str | None = None, **input: Any) -> Any:
        """The payload of a mutation that was not refused."""
        payload = await self.data(mutation, bearer, input=input)
        assert payload["errors"] == []
        return payload

    async def refused(self, mutation: str, bearer: str | None = None, **input: Any) -> Any:
        """The one error of a mutation's payload."""
        (error,) = (await self.data(mutation, bearer, input=input))["errors"]
        return error

    async def denied(self, query: str, bearer: str | None = None, **variables: Any) -> str:
        """The code of the one error at the top of an answer."""
        (error,) = (await self.post(query, bearer, **variables)).json()["errors"]
        return str(error["extensions"]["code"])

    def email(self) -> str:
        """An address that nobody else has."""
        return f"{new_id().hex}@example.com"

    async def account(self, role: SystemRole = SystemRole.CUSTOMER) -> User:
        new = NewAccount(email=self.email(), password=PASSWORD, first_name="Ada", last_name="Lovelace")
        return await self.auth.provisioning.create(self.db, self.company_id, new, role)

    async def login(self, email: str, password: str = PASSWORD) -> Any:
        return (await self.do(LOGIN, email=email, password=password))["auth"]

    async def token(self, role: SystemRole = SystemRole.CUSTOMER) -> str:
        """The access token of somebody new with this role."""
        return str((await self.login((await self.account(role)).email))["accessToken"])

    async def role_id(self, role: SystemRole) -> str:
        return str((await self.services.role.system_role(self.db.reader(self.company_id), role)).id)


@pytest.fixture
def make_site(database: Database, company: UUID, clock: FixedClock) -> Callable[..., Site]:
    """Makes sites of the test's company, or another, with settings of the test's choice."""

    def make(company_id: UUID = company, http: HttpSettings | None = None, **settings: Any) -> Site:
        mailbox, cache = Mailbox(), MemoryCache(clock)
        payments = MockPayments(database._pool)
        services = build_services(Parts(Settings(jwt_keys=SecretStr("0" * 64)), cache, mailbox, clock, payments))
        auth = AuthService(services.role, services.company, cache, mailbox, clock, replace(SETTINGS, **settings))
        services = replace(services, auth=auth)

        async def authenticate(token: str, company: UUID) -> Actor:
            return await auth.authenticate(database, token, company)

        async def find_company(_slug: str | None) -> UUID | None:
            return company_id

        api = ApiGateway(Execution(SCHEMA, GraphQLLimits()), services, database, authenticate, find_company)
        app = create_app(api, http or HttpSettings(access_log=False))
        return Site(app, services, database, company_id, clock, mailbox)

    return make


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    """A site with the usual settings."""
    return make_site()
