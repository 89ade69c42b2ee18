"""Assembly of the platform: settings, adapters, the services of the listed domains, their handlers and jobs."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

import asyncpg
import structlog

from domains.auth.service import AuthSettings
from domains.catalog.documents.reader import ReadingSettings
from domains.inventory.fragments import SELLABLE_UNITS
from domains.kernel import fail_points
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock, SystemClock
from domains.kernel.database import Database, OnEvents
from domains.kernel.domain import Dependencies
from domains.kernel.events import Event
from domains.kernel.ports import Cache
from domains.kernel.transactions.cleanup import clean_up
from domains.kernel.transactions.outbox import IsRelayed, is_always_relayed
from domains.notification.channels import Outbound
from gateway.answers.cache import AnswerCache
from gateway.answers.changed_tags import topics_of
from gateway.answers.outbox import ChangeReader
from gateway.api import ApiGateway
from gateway.authentication import Authentication
from gateway.companies import Companies
from gateway.graphql.core.schema import build_schema, channels_of, domain_roots
from gateway.graphql.engine.execution import Execution
from gateway.graphql.engine.renderings.memory import RenderingMemory
from gateway.infra.caches import open_cache
from gateway.infra.live.streams import open_live
from gateway.infra.migrations import require_schema
from gateway.infra.postgres import RELAY_ROLE, fill, opened_pool
from gateway.infra.session_affinity import require_session
from gateway.live.channels import Channels
from gateway.live.open_sessions import SESSIONS, OpenSessions
from gateway.live.parts import Live
from gateway.messaging.background import BackgroundWork, Work
from gateway.messaging.cleanup import delete_delivered
from gateway.messaging.event_emitter import EventEmitter
from gateway.messaging.jobs import ScheduledJob, scheduled
from gateway.messaging.notification_queue import NotificationDelivery
from gateway.messaging.processes import RELAY_POOL_SIZE, Messaging, Process
from gateway.messaging.wake import Wake
from gateway.messaging.webhook_queue import WebhookQueue
from gateway.messaging.webhooks.sender import WebhookSender
from gateway.monitoring.metrics import Metrics, served
from gateway.monitoring.traces import exported
from gateway.operations.allow_list import AllowList
from gateway.operations.persisted_queries import PersistedQueries
from gateway.operations.query_texts import QueryTexts
from gateway.providers.installation import Installation, installed
from gateway.providers.mock.mock_payments import MockPayments
from gateway.providers.notifications.installation import opened_outbound
from gateway.providers.webhooks import webhook_transport
from gateway.services import Services, build_services, domains_of
from gateway.settings import Settings

WRITE_STATEMENT: Final = "create temporary table readiness as select 1 as written"

log = structlog.get_logger("gateway")


@dataclass(frozen=True, slots=True)
class Platform:
    """All parts of a running process."""

    settings: Settings
    database: Database
    services: Services
    cache: Cache
    answers: AnswerCache | None
    renderings: RenderingMemory | None
    live: Live
    background: BackgroundWork
    jobs: Sequence[ScheduledJob]
    metrics: Metrics
    mock_payments: MockPayments
    webhooks: WebhookQueue
    pool: "asyncpg.Pool[asyncpg.Record]"
    relay_pool: "asyncpg.Pool[asyncpg.Record]"

    @property
    def companies(self) -> Companies:
        """Finds the company of a request or a command."""
        return Companies(self.services.company, self.database)

    def api(self) -> ApiGateway:
        """The GraphQL gateway over the services. Raises OperationsInvalid."""
        schema = build_schema(suggestions=self.settings.introspection)
        execution = Execution(
            schema, self.settings.limits, texts=self._texts(), answers=self.answers, renderings=self.renderings
        )
        sessions = self.services.auth.sessions
        authenticate = partial(sessions.authenticate, self.database)
        authentication = Authentication(self.companies, authenticate, sessions.seconds_left)
        opened = OpenSessions(authentication, self.live.hub, self.live.presence)
        return ApiGateway(execution, self.services, self.database, self.cache, authentication, opened)

    def _texts(self) -> QueryTexts:
        """The texts of requests. Without Redis, persisted queries are known to this process only."""
        clock = self.database.clock
        shared = PersistedQueries(self.cache, clock) if self.settings.cache_url is not None else None
        return QueryTexts(shared, AllowList.read(self.settings.operations_files))

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
                await clean_up(connection, transaction.rollback)


def create_dependencies(
    settings: Settings, providers: Installation, outbound: Outbound, *, clock: Clock, cache: Cache
) -> Dependencies:
    """The dependencies of the domains."""
    auth = AuthSettings(secrets=settings.signing_keys(), require_confirmed_email=settings.require_confirmed_email)
    reading = ReadingSettings(memory=settings.product_cache * 1024 * 1024, stock=SELLABLE_UNITS)
    webhooks = webhook_transport(outbound.wake, allows_private=settings.testing)
    adapters = (auth, providers.registry, providers.carriers, reading, outbound, webhooks)
    return Dependencies(*adapters, clock=clock, cache=cache, encryption=outbound.encryption)


def watched_services(dependencies: Dependencies, metrics: Metrics) -> Services:
    """The services of all domains; the metrics tell what remembered products take in memory."""
    services = build_services(dependencies, Services)
    metrics.watch_products(lambda: services.catalog.reader.remembered)
    return services


def register_handlers(emitter: EventEmitter, services: Services) -> None:
    """Subscribe the handlers that the domains declare, each in the queue of its domain."""
    for name, domain in domains_of(type(services)).items():
        for subscription in domain.subscriptions(getattr(services, name)):
            emitter.on(subscription, domain.queue)


def declared_events() -> dict[str, type[Event]]:
    """The events that the domains declare, by topic."""
    return {event.topic: event for domain in domains_of().values() for event in domain.events}


def declared_channels() -> Channels:
    """The channels of the domains' subscriptions, and that of sessions."""
    return Channels([SESSIONS, *channels_of(domain_roots().subscriptions)])


def versions_of(events: Mapping[str, type[Event]]) -> dict[str, int]:
    """The latest known version of each topic."""
    return {topic: event.version for topic, event in events.items()}


def build_jobs(database: Database, services: Services) -> list[ScheduledJob]:
    """The jobs that the domains declare."""
    declared = (
        job for name, domain in domains_of(type(services)).items() for job in domain.jobs(getattr(services, name))
    )
    return [scheduled(database, job) for job in declared]


def cleanup_job(relay_pool: "asyncpg.Pool[asyncpg.Record]", clock: Clock) -> ScheduledJob:
    """The job that deletes what the relay does not need any more."""
    return ScheduledJob("delete delivered events", timedelta(hours=1), partial(delete_delivered, relay_pool, clock))


def answer_cache(settings: Settings, clock: Clock, cache: Cache, metrics: Metrics) -> AnswerCache | None:
    """The cache of answers, with Redis as its second level; None when the settings turn it off."""
    if not settings.answer_cache:
        return None
    shared = cache if settings.cache_url is not None else None
    answers = AnswerCache(clock, shared, memory=settings.answer_cache * 1024 * 1024)
    metrics.watch_answers(answers)
    return answers


def rendering_memory(settings: Settings, metrics: Metrics) -> RenderingMemory | None:
    """The memory of rendered JSON; None when the settings turn it off."""
    if not settings.rendering_cache:
        return None
    renderings = RenderingMemory(settings.rendering_cache * 1024 * 1024)
    metrics.watch_renderings(lambda: renderings.size)
    return renderings


def telling(answers: AnswerCache | None, live: Live, wake: Wake, is_relayed: IsRelayed) -> OnEvents:
    """What is called with the events of each commit: the cache of answers, the feed, and for some the relay."""

    def tell(company_id: UUID | None, events: Sequence[Event]) -> None:
        if answers is not None:
            answers.on_commit(company_id, events)
        live.on_commit(events)
        if any(map(is_relayed, events)):
            wake.set()

    return tell


def relayed(settings: Settings, emitter: Callable[[], EventEmitter]) -> IsRelayed:
    """Which events a relay has to deliver: all of them to a broker, or else those that a handler accepts."""
    return is_always_relayed if settings.broker_url else lambda event: emitter().has_subscriber(event)


def reading_changes(
    answers: AnswerCache | None,
    relay_pool: "asyncpg.Pool[asyncpg.Record]",
    declared: Iterable[type[Event]],
    services: Services,
) -> dict[str, Work]:
    """The work that tells the cache of answers what other processes have changed; none without the cache."""
    if answers is None:
        return {}
    reader = ChangeReader(relay_pool, answers, topics_of(declared), services.company.forget_remembered)
    return {"changes": reader.run}


async def process_webhook(services: Services, database: Database, company_id: UUID, webhook_id: UUID) -> None:
    """Process a webhook of a payment provider that was just received."""
    await services.order.webhooks.process(database, Actor.system(company_id), webhook_id)


@asynccontextmanager
async def running(settings: Settings, url: str, process: Process = Process.SERVER) -> AsyncIterator[Platform]:
    """The platform on the database of a URL with the background work of a process; everything is closed at the end.

    Raises DatabaseUnavailable when the database does not answer, SchemaMismatch when its schema has another version.
    """
    async with exported(settings), wired(settings, url, process, is_relay=True) as platform:
        await platform.check_schema()
        if process is Process.SERVER:
            await fill(platform.pool)
        with served(platform.metrics, settings.metrics_host, settings.metrics_port):
            async with platform.background:
                try:
                    yield platform
                finally:
                    await platform.services.auth.close()


@asynccontextmanager
async def wired(
    settings: Settings, url: str, process: Process = Process.SERVER, *, is_relay: bool = False
) -> AsyncIterator[Platform]:
    """The platform with its background work not started, as commands need it, which are no relay. Raises the same."""
    fail_points.arm(settings.fail_points)
    await require_session(url)
    clock, declared = SystemClock(), declared_events()
    events, queued, metrics = Wake(), Wake(), Metrics()
    async with (
        open_cache(settings.cache_url, settings.redis_namespace, clock) as cache,
        open_live(settings.cache_url, settings.redis_namespace, clock, declared_channels()) as live,
        opened_pool(url, size=settings.database_pool_size, is_kept=True) as pool,
        installed(settings, pool, clock) as providers,
        opened_outbound(settings, queued.set, clock) as outbound,
    ):
        dependencies = create_dependencies(settings, providers, outbound, clock=clock, cache=cache)
        services = watched_services(dependencies, metrics)
        answers = answer_cache(settings, clock, cache, metrics) if process is Process.SERVER else None
        is_relayed = relayed(settings, lambda: emitter)
        tell = telling(answers, live, events, is_relayed)
        database = Database(pool, clock, tell, is_relayed if is_relay else is_always_relayed)
        emitter: EventEmitter = EventEmitter(database, versions_of(declared), metrics, slow=settings.slow_operation)
        register_handlers(emitter, services)
        jobs = build_jobs(database, services)
        async with opened_pool(url, role=RELAY_ROLE, size=RELAY_POOL_SIZE) as relay_pool:
            jobs.append(cleanup_job(relay_pool, clock))
            sender = NotificationDelivery(relay_pool, database, services.notification.delivery, queued, metrics)
            messaging = Messaging(
                database_url=url,
                settings=settings,
                emitter=emitter,
                pool=pool,
                relay_pool=relay_pool,
                clock=clock,
                jobs=jobs,
                metrics=metrics,
                notifications=sender,
                webhooks=WebhookSender(relay_pool, database, services.webhook.dispatch, queued, metrics),
                events=events,
                queued=queued,
                declared=declared,
            )
            metrics.watch_pool("gateway", pool, database.write_connections)
            metrics.watch_pool("relay", relay_pool)
            changes = reading_changes(answers, relay_pool, declared.values(), services)
            lives = live.work(relay_pool, declared, is_server=process is Process.SERVER)
            parts = (settings, database, services, cache, answers, rendering_memory(settings, metrics), live)
            received = WebhookQueue(partial(process_webhook, services, database))
            background = BackgroundWork(messaging.work(process) | changes | lives | received.work(process))
            yield Platform(*parts, background, jobs, metrics, providers.mock, received, pool, relay_pool)
