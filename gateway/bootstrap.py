"""Assembles the platform: settings, adapters, the services of the listed domains, their handlers and jobs."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

import asyncpg
import structlog

from domains.auth.service import AuthSettings
from domains.company.errors import NoDefaultCompany
from domains.kernel.clock import Clock, SystemClock
from domains.kernel.database import Database
from domains.kernel.domain import Parts
from domains.kernel.events import Event
from domains.kernel.ports import Cache, Mailer
from domains.payment.domain import PaymentAdapters
from domains.payment.provider import PaymentProvider
from gateway.api import ApiGateway
from gateway.graphql.core.schema import build_schema
from gateway.graphql.engine.execution import Execution
from gateway.infra.mail import mailer
from gateway.infra.memory import MemoryCache
from gateway.infra.mock_payments import MockPayments
from gateway.infra.postgres import RELAY_ROLE, open_pool
from gateway.infra.session_affinity import require_session
from gateway.messaging.background import Background
from gateway.messaging.cleanup import delete_delivered
from gateway.messaging.handlers import Handlers
from gateway.messaging.jobs import ScheduledJob, scheduled
from gateway.messaging.relay import Relay
from gateway.services import Services, build_services, domains_of
from gateway.settings import Settings

# The relay's own, that of the job that deletes delivered events, and the readiness check's.
OTHER_RELAY_CONNECTIONS: Final = 3
WRITE_A_PAGE: Final = "create temporary table readiness as select 1 as written"

log = structlog.get_logger("gateway")


@dataclass(frozen=True, slots=True)
class Platform:
    """Everything that runs, wired."""

    settings: Settings
    database: Database
    services: Services
    cache: Cache
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

        return ApiGateway(execution, self.services, self.database, self.cache, authenticate, find_company)

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


def parts_of(settings: Settings, *, clock: Clock, cache: Cache, mail: Mailer, payments: PaymentProvider) -> Parts:
    """What the domains are built from."""
    auth = AuthSettings(secrets=settings.signing_keys(), require_confirmed_email=settings.require_confirmed_email)
    return Parts(auth, PaymentAdapters(payments), clock=clock, cache=cache, mailer=mail)


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
        clock = SystemClock()
        cache, mail = MemoryCache(clock), mailer(settings)
        parts = parts_of(settings, clock=clock, cache=cache, mail=mail, payments=MockPayments(pool))
        services = build_services(parts, Services)
        woken = asyncio.Event()

        def wake(events: Sequence[Event]) -> None:
            if handlers.hear(events):
                woken.set()

        database = Database(pool, on_events=wake)
        handlers = Handlers(database)
        register_handlers(handlers, services)
        jobs = build_jobs(database, services)
        relay_pool = await open_pool(url, role=RELAY_ROLE, size=len(jobs) + OTHER_RELAY_CONNECTIONS)
        try:
            jobs.append(
                ScheduledJob("delete delivered events", timedelta(hours=1), partial(delete_delivered, relay_pool))
            )
            relay = Relay(relay_pool, handlers.deliver, handlers.topics, woken=woken)
            background = Background(relay, jobs, relay_pool, mail)
            yield Platform(settings, database, services, cache, background, pool, relay_pool)
        finally:
            await relay_pool.close()
    finally:
        await pool.close()
