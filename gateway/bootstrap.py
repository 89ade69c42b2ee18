"""Assembly of the platform: settings, adapters, the services of the listed domains, their handlers and jobs."""

import asyncio
import hmac
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

import asyncpg
import structlog

from domains.auth.service import AuthSettings
from domains.kernel.clock import Clock, SystemClock
from domains.kernel.database import Database
from domains.kernel.domain import Dependencies
from domains.kernel.events import Event
from domains.kernel.ports import Cache, Mailer
from domains.kernel.values.secret import Secret
from domains.payment.providers import Providers
from gateway.api import ApiGateway
from gateway.companies import Companies
from gateway.graphql.core.schema import build_schema
from gateway.graphql.engine.execution import Execution
from gateway.infra.mail import mailer
from gateway.infra.memory import MemoryCache
from gateway.infra.migrations import require_schema
from gateway.infra.postgres import RELAY_ROLE, open_pool
from gateway.infra.session_affinity import require_session
from gateway.messaging.background import BackgroundWork
from gateway.messaging.cleanup import delete_delivered
from gateway.messaging.handlers import Handlers
from gateway.messaging.jobs import ScheduledJob, scheduled
from gateway.messaging.relay import Relay
from gateway.providers.payment_mock import MockPayments
from gateway.services import Services, build_services, domains_of
from gateway.settings import Settings

# One each for the relay, for the job that deletes delivered events, and for the readiness check.
OTHER_RELAY_CONNECTIONS: Final = 3
WRITE_STATEMENT: Final = "create temporary table readiness as select 1 as written"

log = structlog.get_logger("gateway")


@dataclass(frozen=True, slots=True)
class Platform:
    """All parts of a running process."""

    settings: Settings
    database: Database
    services: Services
    cache: Cache
    background: BackgroundWork
    mock_payments: MockPayments
    pool: "asyncpg.Pool[asyncpg.Record]"
    relay_pool: "asyncpg.Pool[asyncpg.Record]"

    @property
    def companies(self) -> Companies:
        """Finds the company of a request or a command."""
        return Companies(self.services.company, self.database)

    def api(self) -> ApiGateway:
        """The GraphQL gateway over the services."""
        execution = Execution(build_schema(suggestions=self.settings.introspection), self.settings.limits)
        authenticate = partial(self.services.auth.sessions.authenticate, self.database)
        return ApiGateway(execution, self.services, self.database, self.cache, authenticate, self.companies)

    async def check_schema(self) -> None:
        """Raise SchemaMismatch unless the database has exactly the migrations of this version."""
        async with self.relay_pool.acquire() as connection:
            await require_schema(connection)

    async def check_database(self) -> None:
        """Write to the database on the relay's connection pool. Raises the error of the write.

        A server with a full disk, and a replica, still answer queries.
        """
        async with self.relay_pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            try:
                await connection.execute(WRITE_STATEMENT)
            except asyncpg.InsufficientPrivilegeError:
                log.debug("temporary tables are not allowed; only a read was checked")
            finally:
                await transaction.rollback()


def mock_payments(settings: Settings, pool: "asyncpg.Pool[asyncpg.Record]", clock: Clock) -> MockPayments:
    """The MOCK payment provider; its webhooks are signed with a secret that is derived from the newest key."""
    webhook_secret = hmac.digest(settings.signing_keys()[0], b"webhooks of MOCK", "sha256").hex()
    return MockPayments(pool, clock, Secret(webhook_secret))


def create_dependencies(
    settings: Settings, *, clock: Clock, cache: Cache, mail: Mailer, payments: Providers
) -> Dependencies:
    """The dependencies of the domains."""
    auth = AuthSettings(secrets=settings.signing_keys(), require_confirmed_email=settings.require_confirmed_email)
    return Dependencies(auth, payments, clock=clock, cache=cache, mailer=mail)


def register_handlers(handlers: Handlers, services: Services) -> None:
    """Subscribe the handlers that the domains declare."""
    for name, domain in domains_of(type(services)).items():
        for subscription in domain.subscriptions(getattr(services, name)):
            handlers.on(subscription)


def build_jobs(database: Database, services: Services) -> list[ScheduledJob]:
    """The jobs that the domains declare."""
    declared = (
        job for name, domain in domains_of(type(services)).items() for job in domain.jobs(getattr(services, name))
    )
    return [scheduled(database, job) for job in declared]


@asynccontextmanager
async def running(settings: Settings, url: str) -> AsyncIterator[Platform]:
    """The platform on the database of a URL with mail, relay and jobs running; everything is closed at the end.

    Raises DatabaseUnavailable when the database does not answer, SchemaMismatch when its schema has another version.
    """
    async with wired(settings, url) as platform:
        await platform.check_schema()
        async with platform.background:
            yield platform
            await platform.services.auth.close()


@asynccontextmanager
async def wired(settings: Settings, url: str) -> AsyncIterator[Platform]:
    """The platform without background work, for commands: a server or worker delivers the events. Raises the same."""
    await require_session(url)
    pool = await open_pool(url, size=settings.database_pool_size)
    try:
        clock = SystemClock()
        cache, mail = MemoryCache(clock), mailer(settings, clock)
        mock = mock_payments(settings, pool, clock)
        dependencies = create_dependencies(settings, clock=clock, cache=cache, mail=mail, payments=Providers(mock))
        services = build_services(dependencies, Services)
        wake_up = asyncio.Event()

        def wake_relay(events: Sequence[Event]) -> None:
            if handlers.has_subscriber(events):
                wake_up.set()

        database = Database(pool, clock, on_events=wake_relay)
        handlers = Handlers(database)
        register_handlers(handlers, services)
        jobs = build_jobs(database, services)
        relay_pool = await open_pool(url, role=RELAY_ROLE, size=len(jobs) + OTHER_RELAY_CONNECTIONS)
        try:
            jobs.append(
                ScheduledJob(
                    "delete delivered events", timedelta(hours=1), partial(delete_delivered, relay_pool, clock)
                )
            )
            relay = Relay(relay_pool, handlers.deliver, handlers.topics, wake_up=wake_up)
            background = BackgroundWork(relay, jobs, relay_pool, mail)
            yield Platform(settings, database, services, cache, background, mock, pool, relay_pool)
        finally:
            await relay_pool.close()
    finally:
        await pool.close()
