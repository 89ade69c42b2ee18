"""The one place that wires: settings, infrastructure, services, handlers, jobs and the gateway over them."""

import asyncio
import hmac
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

import asyncpg
import structlog

from domains.activity.service import ActivityService
from domains.auth import invariants as auth
from domains.auth.service import AuthService, AuthSettings
from domains.cart import invariants as cart
from domains.cart.service import CartService
from domains.catalog import invariants as catalog
from domains.catalog.reviews.service import ReviewService
from domains.catalog.service import CatalogService
from domains.company import invariants as company
from domains.company.errors import NoDefaultCompany
from domains.company.service import CompanyService
from domains.feed.service import FeedService
from domains.inventory import invariants as inventory
from domains.inventory.handlers import SHOWS_STOCK, StockProjection
from domains.inventory.service import InventoryService
from domains.kernel import invariants as kernel
from domains.kernel.clock import Clock, SystemClock
from domains.kernel.database import Database
from domains.kernel.events import Event
from domains.kernel.invariants import Inspection, Invariant, Rule
from domains.kernel.ports import Cache, Mailer
from domains.kernel.values.secret import Secret
from domains.order import invariants as order
from domains.order.below import Below
from domains.order.handlers import Purchases
from domains.order.service import OrderService
from domains.payment import invariants as payment
from domains.payment.providers import Providers
from domains.payment.service import PaymentService
from domains.promotion import invariants as promotion
from domains.promotion.service import PromotionService
from domains.role import invariants as role
from domains.role.service import RoleService
from gateway.api import ApiGateway
from gateway.graphql.core.schema import build_schema
from gateway.graphql.engine.execution import Execution
from gateway.infra.mail import mailer
from gateway.infra.memory import MemoryCache
from gateway.infra.postgres import RELAY_ROLE, open_pool
from gateway.infra.session_affinity import require_session
from gateway.messaging.background import Background
from gateway.messaging.cleanup import tidy
from gateway.messaging.handlers import Handlers
from gateway.messaging.jobs import Job, in_each_company, on_the_platform, per_company
from gateway.messaging.relay import Relay
from gateway.providers.payment_mock import MockPayments
from gateway.services import Services
from gateway.settings import Settings

# The relay's, one for each of eleven jobs, one more for the job that tidies messages, and the readiness check's.
RELAY_CONNECTIONS: Final = 14
WRITE_A_PAGE: Final = "create temporary table readiness as select 1 as written"
INVARIANTS: Final[Sequence[Invariant]] = (
    *kernel.INVARIANTS,
    *company.INVARIANTS,
    *role.INVARIANTS,
    *auth.INVARIANTS,
    *catalog.INVARIANTS,
    *inventory.INVARIANTS,
    *cart.INVARIANTS,
    *payment.INVARIANTS,
    *promotion.INVARIANTS,
    *order.INVARIANTS,
)
INSPECTIONS: Final[Sequence[Inspection]] = (
    *company.INSPECTIONS,
    *role.INSPECTIONS,
    *auth.INSPECTIONS,
    *catalog.INSPECTIONS,
    *inventory.INSPECTIONS,
    *cart.INSPECTIONS,
    *payment.INSPECTIONS,
    *promotion.INSPECTIONS,
    *order.INSPECTIONS,
)
RULES: Final[Sequence[Rule]] = (*INVARIANTS, *INSPECTIONS)


log = structlog.get_logger("gateway")


@dataclass(frozen=True, slots=True)
class Parts:
    """What services are made of, beside each other."""

    settings: Settings
    cache: Cache
    mailer: Mailer
    clock: Clock
    payments: Providers


@dataclass(frozen=True, slots=True)
class Platform:
    """Everything that runs, wired."""

    settings: Settings
    database: Database
    services: Services
    background: Background
    pool: Any
    relay_pool: Any

    def api(self) -> ApiGateway:
        """The GraphQL gateway over the services."""
        execution = Execution(build_schema(suggestions=self.settings.introspection), self.settings.limits)
        authenticate = partial(self.services.auth.authenticate, self.database)

        async def find_company(slug: str | None) -> UUID | None:
            companies, reader = self.services.company, self.database.reader(None)
            if slug is not None:
                found = await companies.by_slug(reader, slug)
                return found.id if found else None
            try:
                return (await companies.default_company(reader)).id
            except NoDefaultCompany:
                return None

        return ApiGateway(execution, self.services, self.database, authenticate, find_company)

    async def check_database(self) -> None:
        """Let the database write a page, not behind the requests; raises what keeps it from doing so.

        A server whose disk is full, or that is a replica, answers queries as if nothing were wrong.
        """
        async with self.relay_pool.acquire() as connection:
            trial = connection.transaction()
            await trial.start()
            try:
                await connection.execute(WRITE_A_PAGE)
            except asyncpg.InsufficientPrivilegeError:
                log.debug("temporary tables are not allowed; only reading was tried")
            finally:
                await trial.rollback()


def build_services(parts: Parts) -> Services:
    """The domain services, each given what it needs from below."""
    activity = ActivityService(parts.cache, parts.clock)
    company = CompanyService(parts.clock)
    role = RoleService()
    catalog = CatalogService(company, parts.clock)
    inventory = InventoryService(catalog)
    promotion = PromotionService(catalog, company, parts.cache, parts.clock)
    auth = AuthService(role, company, parts.cache, parts.mailer, parts.clock, auth_settings(parts.settings))
    payment = PaymentService(parts.payments, parts.clock)
    cart = CartService(catalog, inventory, company, promotion, parts.clock, parts.cache)
    below = Below(
        auth=auth,
        cart=cart,
        company=company,
        inventory=inventory,
        payment=payment,
        promotion=promotion,
        clock=parts.clock,
    )
    return Services(
        activity=activity,
        auth=auth,
        cache=parts.cache,
        cart=cart,
        catalog=catalog,
        company=company,
        feed=FeedService(catalog, inventory, company, parts.clock),
        inventory=inventory,
        order=OrderService(below),
        payment=payment,
        promotion=promotion,
        reviews=ReviewService(),
        role=role,
    )


def payment_providers(settings: Settings, pool: Any, clock: Clock) -> Providers:
    """The payment providers of this installation; the first one is the default."""
    webhook_secret = hmac.digest(settings.signing_keys()[0], b"webhooks of MOCK", "sha256").hex()
    return Providers(MockPayments(pool, clock, Secret(webhook_secret)))


def auth_settings(settings: Settings) -> AuthSettings:
    """What the auth domain is told."""
    return AuthSettings(secrets=settings.signing_keys(), require_confirmed_email=settings.require_confirmed_email)


def register_handlers(handlers: Handlers, services: Services) -> None:
    """Who takes in which event."""
    notices = services.auth.notices
    for topic in notices.topics:
        handlers.on(topic, notices.send)
    stock = StockProjection(services.inventory)
    for topic in SHOWS_STOCK:
        handlers.on(topic, stock.show_stock)
    purchases = Purchases(services.reviews, services.promotion)
    for topic in purchases.topics:
        handlers.on(topic, purchases.record, only_if=purchases.concerns)


def build_jobs(database: Database, services: Services, relay_pool: Any) -> list[Job]:
    """What comes round by itself."""
    return [
        Job("fold views", timedelta(seconds=30), per_company(database, services.catalog.fold_views)),
        Job("reindex products", timedelta(seconds=30), per_company(database, services.catalog.reindex_outdated)),
        Job("delete expired carts", timedelta(hours=1), per_company(database, services.cart.delete_expired)),
        Job("tidy activity", timedelta(hours=1), per_company(database, services.activity.tidy)),
        Job("end unpaid orders", timedelta(seconds=30), per_company(database, services.order.expire)),
        Job("end refunded orders", timedelta(minutes=10), per_company(database, services.order.end_refunded)),
        Job("index orders", timedelta(seconds=30), per_company(database, services.order.index_outdated)),
        Job("settle payments", timedelta(seconds=30), in_each_company(database, services.order.settle)),
        Job("tidy terms", timedelta(hours=6), per_company(database, services.catalog.tidy_terms)),
        Job("tidy accounts", timedelta(hours=6), on_the_platform(database, services.auth.tidy)),
        Job("tidy messages", timedelta(hours=1), lambda: tidy(relay_pool)),
    ]


@asynccontextmanager
async def running(settings: Settings, url: str) -> AsyncIterator[Platform]:
    """The platform on the database of a URL, its mail, relay and jobs running, all closed at the end.

    Raises DatabaseUnavailable when the database does not answer.
    """
    async with wired(settings, url) as platform, platform.background:
        yield platform
        await platform.services.auth.settle()


@asynccontextmanager
async def wired(settings: Settings, url: str) -> AsyncIterator[Platform]:
    """The same with nothing running beside it, for commands: events wait for a server or worker. Raises the same."""
    await require_session(url)
    pool = await open_pool(url, size=settings.database_pool_size)
    try:
        relay_pool = await open_pool(url, role=RELAY_ROLE, size=RELAY_CONNECTIONS)
        try:
            yield _wire(settings, pool, relay_pool, SystemClock())
        finally:
            await relay_pool.close()
    finally:
        await pool.close()


def _wire(settings: Settings, pool: Any, relay_pool: Any, clock: Clock) -> Platform:
    post = mailer(settings)
    providers = payment_providers(settings, pool, clock)
    services = build_services(Parts(settings, MemoryCache(clock), post, clock, providers))
    woken = asyncio.Event()

    def wake(events: Sequence[Event]) -> None:
        if handlers.hear(events):
            woken.set()

    database = Database(pool, on_events=wake)
    handlers = Handlers(database)
    register_handlers(handlers, services)
    relay = Relay(relay_pool, handlers.deliver, handlers.topics, woken=woken)
    background = Background(relay, build_jobs(database, services, relay_pool), relay_pool, post)
    return Platform(settings, database, services, background, pool, relay_pool)
