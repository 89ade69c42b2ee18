"""The real application on the real database, with an HTTP client for any actor."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, Final
from uuid import UUID

import httpx

from domains.auth.models import NewAccount, User
from domains.auth.service import AuthService
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.domain import Dependencies
from domains.kernel.errors import NotFound
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import StatementCount, counting
from domains.kernel.ports import Cache
from domains.kernel.values.secret import Secret
from domains.payment.providers.provider import ProviderAdapter
from domains.payment.providers.registry import Providers
from domains.role.models import SystemRole
from domains.shipping.carriers.registry import CarrierAdapters
from gateway.answers.cache import AnswerCache
from gateway.api import ApiGateway
from gateway.app import create_app
from gateway.authentication import Authentication
from gateway.bootstrap import declared_channels, process_webhook
from gateway.companies import Companies
from gateway.graphql.core.schema import Schema, build_schema
from gateway.graphql.engine.execution import Execution
from gateway.graphql.engine.limits import GraphQLLimits
from gateway.graphql.engine.renderings.memory import RenderingMemory
from gateway.http.carrier_webhook_routes import CarrierWebhookRoutes
from gateway.http.notifications.report_routes import ReportRoutes
from gateway.http.notifications.unsubscribe_routes import UnsubscribeRoutes
from gateway.http.settings import HttpSettings
from gateway.http.webhook_routes import WebhookRoutes
from gateway.infra.encryption import Cipher
from gateway.infra.live.memory_presence import MemoryPresence
from gateway.infra.live.memory_stream import MemoryStream
from gateway.infra.memory import MemoryCache
from gateway.live.hub import Hub
from gateway.live.open_sessions import OpenSessions
from gateway.live.presence import Presence
from gateway.live.sessions import Credentials
from gateway.messaging.webhook_queue import WebhookQueue
from gateway.providers.carriers.manual import ManualAdapter
from gateway.providers.carriers.mock.carrier import MockCarrierAdapter
from gateway.providers.carriers.table import TableAdapter
from gateway.providers.installation import ACCOUNT_KEY, CARRIER_KEY
from gateway.providers.mock.mock_payments import MockPayments
from gateway.providers.notifications.report_formats import ReportSources
from gateway.providers.notifications.twilio import TwilioAccount
from gateway.providers.paypal.provider import PayPalAdapter
from gateway.providers.stripe.provider import StripeAdapter
from gateway.providers.webhooks import webhook_transport
from gateway.rate_limits.rate_limits import RateLimits, RateLimitSettings
from gateway.server import file_routes
from gateway.services import Services, build_services
from tests.domains.auth.conftest import PASSWORD, SETTINGS
from tests.domains.notification.mailbox import Mailbox, watched
from tests.gateway.graphql.auth.operations import LOGIN
from tests.read_model import READING

SCHEMA = build_schema()
NOWHERE = "http://127.0.0.1:1"
QUIET = HttpSettings(access_log=False)
RATES = RateLimitSettings()
Who = str | Actor | None


def services_of(
    clock: FixedClock,
    database: Database,
    mailbox: Mailbox | None = None,
    cache: Cache | None = None,
    adapters: Sequence[ProviderAdapter] = (),
    return_origins: Sequence[str] = (),
    **auth: Any,
) -> Services:
    """All services as bootstrap builds them, but with cheap password hashes; `auth` are settings of accounts.

    Without `adapters`, the servers of Stripe and PayPal are not there.
    """
    mock = MockPayments(database._pool, clock, Secret("a webhook secret"))
    payments = Providers(
        mock,
        adapters=adapters or (StripeAdapter(clock, NOWHERE), PayPalAdapter(clock, NOWHERE)),
        encryption=Cipher(SETTINGS.secrets, ACCOUNT_KEY),
        return_origins=return_origins,
    )
    mailbox = mailbox or Mailbox()
    return build_services(
        Dependencies(
            replace(SETTINGS, **auth),
            payments,
            carriers_of(clock, database),
            READING,
            mailbox.outbound,
            webhook_transport(mailbox.outbound.wake, allows_private=True),
            clock=clock,
            cache=cache or MemoryCache(clock),
            encryption=mailbox,
        ),
        Services,
    )


def carriers_of(clock: FixedClock, database: Database) -> CarrierAdapters:
    """The carriers that are built in."""
    adapters = (TableAdapter(), ManualAdapter(), MockCarrierAdapter(database._pool, clock))
    return CarrierAdapters(adapters, Cipher(SETTINGS.secrets, CARRIER_KEY))


TWILIO_SID: Final = "AC" + "0" * 31 + "1"
SOURCES: Final = ReportSources(
    email_secret=Secret("the secret of e-mail reports"),
    twilio=TwilioAccount(TWILIO_SID, Secret("the token"), "+4930123456", callback_url="https://api.shop.example"),
)
"""Whose reports about notifications the site takes."""


class Site:
    """One company's API as a browser uses it.

    A request is sent by a guest, with a token, or as an actor; a token is one that the API issued, or the name of one
    of `actors`. The browser connects from `ip` and sends `headers`, and the `cart_token` of a guest if there is one.
    `count` has the statements of the last request. What is `given` are the `mailbox` and settings of auth.
    """

    def __init__(
        self,
        database: Database,
        company_id: UUID,
        clock: FixedClock,
        *,
        schema: Schema = SCHEMA,
        http: HttpSettings = QUIET,
        answers: AnswerCache | None = None,
        **given: Any,
    ) -> None:
        self.mailbox: Mailbox = given.pop("mailbox", None) or Mailbox()
        self.database = database = watched(database, self.mailbox)
        self.company_id = company_id
        self.clock = clock
        cache = MemoryCache(clock)
        self.services = services_of(clock, database, self.mailbox, cache, **given)
        self.forget_products = self.services.catalog.reader.forget
        self.actors: dict[str, Actor] = {}
        self.ip = "192.0.2.7"
        self.headers: dict[str, str] = {}
        self.cart_token: str | None = None
        self.count = StatementCount()
        self.companies = Companies(self.services.company, database)
        self._slugs: dict[UUID, str] = {}
        execution = Execution(schema, GraphQLLimits(), answers=answers, renderings=RenderingMemory(2**24))
        self.stream = MemoryStream(clock)
        self.hub = Hub(self.stream, declared_channels())
        authentication = Authentication(self.companies, self._actor, self._seconds_left)
        self.presence_store = MemoryPresence(clock)
        self.presence = Presence(self.presence_store)
        sessions = OpenSessions(authentication, self.hub, self.presence)
        self.api = api = ApiGateway(execution, self.services, database, cache, authentication, sessions)
        limits = RateLimits(RATES, cache)
        self.webhooks = WebhookQueue(partial(process_webhook, self.services, database))
        received = WebhookRoutes(
            self.companies, self.services.payment.webhooks, database, self.webhooks.put, http
        ).routes()
        carriers = CarrierWebhookRoutes(self.companies, self.services.shipping.tracking, database, http).routes()
        reports = ReportRoutes(self.companies, self.services.notification.reports, database, SOURCES, http).routes()
        links = UnsubscribeRoutes(self.services.notification, self.services.company, database, http).routes()
        routes = [*file_routes(api, self.services, database, http), *received, *carriers, *reports, *links]
        self.app = create_app(api, http, routes=routes, limits=limits, answers=answers)

    @property
    def auth(self) -> AuthService:
        return self.services.auth

    async def send(
        self, method: str = "POST", who: Who = None, path: str = "/graphql", **request: Any
    ) -> httpx.Response:
        """Send one request as the browser does."""
        return await self._send(method, path, await self._headers(who) | request.pop("headers", {}), **request)

    async def _send(self, method: str, path: str, headers: dict[str, str], **request: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, client=(self.ip, 50000))
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
            return await client.request(method, path, headers=headers, **request)

    async def webhook(
        self, provider: str, body: bytes, headers: Mapping[str, str], company: str | None = None
    ) -> int:
        """The status of the answer to a webhook, which is not processed yet; `count` has its statements."""
        slug = company or await self._slug(self.company_id)
        with counting() as self.count:
            path = f"/webhooks/{slug}/{provider}"
            return (await self._send("POST", path, dict(headers), content=body)).status_code

    async def post(self, query: str, who: Who = None, **variables: Any) -> httpx.Response:
        """The response to an operation, whatever its status."""
        headers = await self._headers(who)
        with counting() as self.count:
            return await self._send("POST", "/graphql", headers, json={"query": query, "variables": variables})

    async def ask(self, query: str, who: Who = None, **variables: Any) -> Any:
        """The JSON of the response to an operation; its status must be 200."""
        response = await self.post(query, who, **variables)
        assert response.status_code == 200, response.text
        return response.json()

    async def data(self, query: str, who: Who = None, **variables: Any) -> Any:
        """The data of a response without top-level errors."""
        answer = await self.ask(query, who, **variables)
        assert "errors" not in answer, answer
        return answer["data"]

    async def value(self, query: str, who: Who = None, **variables: Any) -> Any:
        """The only field of a response without top-level errors."""
        (value,) = (await self.data(query, who, **variables)).values()
        return value

    async def do(self, mutation: str, who: Who = None, **input: Any) -> Any:
        """The payload of a mutation without user errors."""
        payload = await self.value(mutation, who, input=input)
        assert payload["errors"] == []
        return payload

    async def refused(self, mutation: str, who: Who = None, **input: Any) -> Any:
        """The only user error of a mutation's payload."""
        (error,) = (await self.value(mutation, who, input=input))["errors"]
        return error

    async def denied(self, query: str, who: Who = None, **variables: Any) -> str:
        """The code of the only top-level error, also of a request with an invalid token."""
        response = await self.post(query, who, **variables)
        assert response.status_code in {200, 401}, response.text
        (error,) = response.json()["errors"]
        return str(error["extensions"]["code"])

    def email(self) -> str:
        """A unique e-mail address."""
        return f"{new_id().hex}@example.com"

    async def account(self, role: SystemRole = SystemRole.CUSTOMER) -> User:
        """A new user with this role."""
        new = NewAccount(email=self.email(), password=PASSWORD, first_name="Ada", last_name="Lovelace")
        return await self.auth.provisioning.create(self.database, self.company_id, new, role)

    async def login(self, email: str, password: str = PASSWORD) -> Any:
        """The tokens of a new session."""
        return (await self.do(LOGIN, email=email, password=password))["auth"]

    async def token(self, role: SystemRole = SystemRole.CUSTOMER) -> str:
        """The access token of a new user with this role."""
        return str((await self.login((await self.account(role)).email))["accessToken"])

    async def role_id(self, role: SystemRole) -> str:
        return str((await self.services.role.system_role(self.database.reader(self.company_id), role)).id)

    async def credentials(self, who: Who = None, cart_token: str | None = None) -> Credentials:
        """What a client sends of itself over a live connection."""
        headers = await self._headers(who)
        token = headers.get("authorization", "").removeprefix("Bearer ") or None
        return Credentials(token, headers["x-company"], cart_token or self.cart_token)

    async def _headers(self, who: Who) -> dict[str, str]:
        company_id = who.company_id if isinstance(who, Actor) else self.company_id
        headers = {"x-company": await self._slug(company_id), **self.headers}
        if self.cart_token is not None:
            headers["x-cart-token"] = self.cart_token
        if isinstance(who, Actor):
            who = self._token_of(who) if who.is_authenticated else None
        if who:
            headers["authorization"] = f"Bearer {who}"
        return headers

    def _token_of(self, actor: Actor) -> str:
        token = new_id().hex
        self.actors[token] = actor
        return token

    async def _actor(self, token: str, company_id: UUID) -> Actor:
        return self.actors.get(token) or await self.auth.sessions.authenticate(self.database, token, company_id)

    def _seconds_left(self, token: str) -> float | None:
        return None if token in self.actors else self.auth.sessions.seconds_left(token)

    async def _slug(self, company_id: UUID) -> str:
        """The slug of a company, read here so that its statement does not count in the next request."""
        if company_id not in self._slugs:
            sql = "select slug from companies where id = $1"
            self._slugs[company_id] = await self.database.reader(None).fetch_value(sql, company_id)
        with suppress(NotFound):
            await self.companies.find(self._slugs[company_id])
        return self._slugs[company_id]
