"""The real application over the real database, asked over HTTP by whoever a test wants to be."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx

from domains.auth.models import NewAccount, User
from domains.auth.service import AuthService
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.domain import Parts
from domains.kernel.ids import new_id
from domains.kernel.ports import Cache
from domains.kernel.statement_counts import StatementCount, counting
from domains.payment.domain import PaymentAdapters
from domains.role.models import SystemRole
from gateway.api import ApiGateway
from gateway.app import create_app
from gateway.graphql.core.schema import Schema, build_schema
from gateway.graphql.engine.execution import Execution
from gateway.graphql.engine.limits import GraphQLLimits
from gateway.http.settings import HttpSettings
from gateway.infra.memory import MemoryCache
from gateway.infra.mock_payments import MockPayments
from gateway.server import file_routes
from gateway.services import Services, build_services
from tests.domains.auth.conftest import PASSWORD, SETTINGS, Mailbox
from tests.gateway.graphql.auth.operations import LOGIN

SCHEMA = build_schema()
QUIET = HttpSettings(access_log=False)
Who = str | Actor | None


def services_of(
    clock: FixedClock, database: Database, mailbox: Mailbox | None = None, cache: Cache | None = None, **auth: Any
) -> Services:
    """All services as bootstrap makes them, but with cheap hashes; `auth` are settings of accounts."""
    payments = PaymentAdapters(MockPayments(database._pool))
    return build_services(
        Parts(
            replace(SETTINGS, **auth),
            payments,
            clock=clock,
            cache=cache or MemoryCache(clock),
            mailer=mailbox or Mailbox(),
        ),
        Services,
    )


class Site:
    """One company's shop as a browser sees it.

    Whoever asks is nobody, the bearer of a token or an actor; a token is one that the shop gave out, or the name of
    one of `actors`. The browser connects from `ip` and sends `headers`, and the `cart_token` of a guest if there is
    one. `count` holds the statements of the last request.
    """

    def __init__(
        self,
        database: Database,
        company_id: UUID,
        clock: FixedClock,
        *,
        schema: Schema = SCHEMA,
        http: HttpSettings = QUIET,
        **auth: Any,
    ) -> None:
        self.database = database
        self.company_id = company_id
        self.clock = clock
        self.mailbox = Mailbox()
        cache = MemoryCache(clock)
        self.services = services_of(clock, database, self.mailbox, cache, **auth)
        self.actors: dict[str, Actor] = {}
        self.ip = "192.0.2.7"
        self.headers: dict[str, str] = {}
        self.cart_token: str | None = None
        self.count = StatementCount()
        self._companies: dict[str, UUID] = {}
        execution = Execution(schema, GraphQLLimits())
        api = ApiGateway(execution, self.services, database, cache, self._actor, self._company)
        self.app = create_app(api, http, routes=file_routes(api, self.services, database, http))

    @property
    def auth(self) -> AuthService:
        return self.services.auth

    async def send(
        self, method: str = "POST", who: Who = None, path: str = "/graphql", **request: Any
    ) -> httpx.Response:
        """One request as the browser sends it."""
        headers = self._headers(who) | request.pop("headers", {})
        transport = httpx.ASGITransport(self.app, client=(self.ip, 50000))
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
            return await client.request(method, path, headers=headers, **request)

    async def post(self, query: str, who: Who = None, **variables: Any) -> httpx.Response:
        """The response to an operation, whatever its status."""
        with counting() as self.count:
            return await self.send(who=who, json={"query": query, "variables": variables})

    async def ask(self, query: str, who: Who = None, **variables: Any) -> Any:
        """The whole answer to an operation, whose status must be 200."""
        response = await self.post(query, who, **variables)
        assert response.status_code == 200, response.text
        return response.json()

    async def data(self, query: str, who: Who = None, **variables: Any) -> Any:
        """The data of an answer without errors at the top."""
        answer = await self.ask(query, who, **variables)
        assert "errors" not in answer, answer
        return answer["data"]

    async def value(self, query: str, who: Who = None, **variables: Any) -> Any:
        """The one field of an answer without errors at the top."""
        (value,) = (await self.data(query, who, **variables)).values()
        return value

    async def do(self, mutation: str, who: Who = None, **input: Any) -> Any:
        """The payload of a mutation that was not refused."""
        payload = await self.value(mutation, who, input=input)
        assert payload["errors"] == []
        return payload

    async def refused(self, mutation: str, who: Who = None, **input: Any) -> Any:
        """The one error of a mutation's payload."""
        (error,) = (await self.value(mutation, who, input=input))["errors"]
        return error

    async def denied(self, query: str, who: Who = None, **variables: Any) -> str:
        """The code of the one error at the top of an answer; of a request, when its token is no good."""
        response = await self.post(query, who, **variables)
        assert response.status_code in {200, 401}, response.text
        (error,) = response.json()["errors"]
        return str(error["extensions"]["code"])

    def email(self) -> str:
        """An address that nobody else has."""
        return f"{new_id().hex}@example.com"

    async def account(self, role: SystemRole = SystemRole.CUSTOMER) -> User:
        """Somebody new with this role."""
        new = NewAccount(email=self.email(), password=PASSWORD, first_name="Ada", last_name="Lovelace")
        return await self.auth.provisioning.create(self.database, self.company_id, new, role)

    async def login(self, email: str, password: str = PASSWORD) -> Any:
        """The tokens of a new session."""
        return (await self.do(LOGIN, email=email, password=password))["auth"]

    async def token(self, role: SystemRole = SystemRole.CUSTOMER) -> str:
        """The access token of somebody new with this role."""
        return str((await self.login((await self.account(role)).email))["accessToken"])

    async def role_id(self, role: SystemRole) -> str:
        return str((await self.services.role.system_role(self.database.reader(self.company_id), role)).id)

    def _headers(self, who: Who) -> dict[str, str]:
        headers = dict(self.headers)
        if self.cart_token is not None:
            headers["x-cart-token"] = self.cart_token
        if isinstance(who, Actor):
            slug = str(who.company_id)
            self._companies[slug] = who.company_id
            headers["x-company"] = slug
            who = self._token_of(who) if who.is_authenticated else None
        if who:
            headers["authorization"] = f"Bearer {who}"
        return headers

    def _token_of(self, actor: Actor) -> str:
        token = new_id().hex
        self.actors[token] = actor
        return token

    async def _actor(self, token: str, company_id: UUID) -> Actor:
        return self.actors.get(token) or await self.auth.authenticate(self.database, token, company_id)

    async def _company(self, slug: str | None) -> UUID | None:
        """The site's own, or the one of an actor who asks, which is named by its id."""
        return self.company_id if slug is None else self._companies.get(slug)
