"""Fixtures of all tests: the database of the run, two companies per test, a transaction that is rolled back."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import structlog
from hypothesis import HealthCheck, settings

from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock, SystemClock
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.ids import new_id
from gateway.infra.embedded_postgres import EmbeddedPostgresFailed
from gateway.infra.migrations import MigrationFailed
from gateway.infra.postgres import DatabaseUnavailable, open_pool
from tests import embedded, time_limits
from tests.databases import Server, start_run
from tests.shared_data import PAYPAL
from tests.sockets import refuse_foreign_connections

Pool = Any  # asyncpg.Pool[asyncpg.Record], generic in its type stubs only
os.environ.setdefault("MOCK_PAYMENTS", "true")  # also for the servers that tests start on a DATABASE_URL
SERVER = Server()
# A company that accepts every order, also large and unpaid ones; separate tests check the defaults.
COMPANY = """
with company as (
  insert into companies (id, name, slug, currency, updated_at) values ($1, $2, $3, 'EUR', now())
), payment as (
  insert into payment_settings (company_id, invoice_payments, cash_on_delivery) values ($1, 'EVERYONE', 'EVERYONE')
)
insert into order_settings (company_id, accept_unpaid_up_to, max_order_units) values ($1, 1000000, 99900)
"""
MOVED = {"RABBITMQ_URL": "TEST_BROKER_URL", "REDIS_URL": "TEST_REDIS_URL"}
MARKERS = {"rabbitmq": "RABBITMQ_URL", "redis": "REDIS_URL"}


class Undo(Exception):
    """Rolls a test's transaction back."""


def _configure_uncached(configure: Any, **options: Any) -> None:
    configure(**options | {"cache_logger_on_first_use": False})


def _default_logging() -> None:
    """The defaults of structlog, but for the tracebacks: with the values of all locals one takes seconds."""
    structlog.reset_defaults()
    *others, _ = structlog.get_config()["processors"]
    rendered = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*others, rendered])


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(time_limits)
    config.pluginmanager.register(embedded)
    # No test asserts a duration: a slow run on a busy machine is not a failure.
    settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("untimed")
    start_run()
    # Servers that tests start use what is in the process; tests of RabbitMQ and Redis name the server themselves.
    for variable, moved in MOVED.items():
        if url := os.environ.pop(variable, ""):
            os.environ[moved] = url
    refuse_foreign_connections()
    # A cached logger would write to the stream of the test that used it first.
    structlog.configure = partial(_configure_uncached, structlog.configure)
    _default_logging()
    is_worker = hasattr(config, "workerinput")
    if not is_worker and (SERVER.url or getattr(config.option, "numprocesses", None)):
        try:
            os.environ["TEST_SERVER_URL"] = SERVER.start()
        except (EmbeddedPostgresFailed, DatabaseUnavailable) as error:
            raise pytest.UsageError(str(error)) from None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests of RabbitMQ and Redis when no URL names a server."""
    missing = [marker for marker, variable in MARKERS.items() if not os.environ.get(MOVED[variable])]
    deselected = [item for item in items if any(map(item.get_closest_marker, missing))]
    if deselected:
        items[:] = [item for item in items if item not in deselected]
        config.hook.pytest_deselected(items=deselected)


def pytest_report_header() -> list[str]:
    """A line for each server without which tests are deselected."""
    missing = [variable for variable, moved in MOVED.items() if not os.environ.get(moved)]
    lines = [f"{variable} is not set: its tests are deselected" for variable in missing]
    return lines if PAYPAL.exists() else [*lines, "PayPal's OpenAPI files are not there: its fake is not validated"]


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        SERVER.stop()


@pytest.fixture(scope="session")
def server() -> Server:
    """The PostgreSQL server of this run."""
    try:
        SERVER.start()
    except (EmbeddedPostgresFailed, DatabaseUnavailable) as error:
        pytest.exit(str(error), returncode=1)
    return SERVER


@pytest.fixture
async def empty_database(server: Server) -> AsyncIterator[str]:
    """The URL of an empty database for this test only."""
    async with server.database() as url:
        yield url


@pytest.fixture(scope="session")
async def admin_url(server: Server) -> AsyncIterator[str]:
    """The URL of this worker's migrated database, as its owner."""
    try:
        template = await server.template()
    except MigrationFailed as error:
        pytest.exit(str(error), returncode=1)
    async with server.database(template) as url:
        yield url


@pytest.fixture(autouse=True)
def own_logging() -> Iterator[None]:
    """Undo the configuration of logs of a command that the test runs: its stream is closed afterwards."""
    yield
    _default_logging()


@pytest.fixture(scope="session")
async def owner(admin_url: str) -> AsyncIterator[Pool]:
    """Connections as the owner of the tables, who bypasses row-level security."""
    pool = await open_pool(admin_url, role=None, size=4)
    yield pool
    await pool.close()


@pytest.fixture(scope="session")
async def pool(admin_url: str) -> AsyncIterator[Pool]:
    """Connections with the role of the gateway."""
    pool = await open_pool(admin_url)
    yield pool
    await pool.close()


@pytest.fixture(scope="session")
def database(pool: Pool) -> Database:
    """The database with the role of the gateway."""
    return Database(pool, SystemClock())


@pytest.fixture(scope="session")
def broker_url() -> str:
    """The URL of the RabbitMQ server; tests with the marker `rabbitmq` have one."""
    return os.environ["TEST_BROKER_URL"]


@pytest.fixture(scope="session")
def redis_url() -> str:
    """The URL of the Redis server; tests with the marker `redis` have one."""
    return os.environ["TEST_REDIS_URL"]


@pytest.fixture
async def company(owner: Pool) -> UUID:
    """A company of this test only, whose rows no other test sees."""
    return await make_company(owner)


@pytest.fixture
async def other_company(owner: Pool) -> UUID:
    """Another company."""
    return await make_company(owner)


@pytest.fixture
def actor(company: UUID) -> Actor:
    """The system, acting in the company."""
    return Actor.system(company)


@pytest.fixture
def reader(database: Database, company: UUID) -> Reader:
    """A reader of the company. It does not see what `tx` writes."""
    return database.reader(company)


@pytest.fixture
async def tx(database: Database, actor: Actor) -> AsyncIterator[Tx]:
    """A transaction of the system in the company, rolled back at the end of the test."""
    with suppress(Undo):
        async with database.transaction(actor) as transaction:
            yield transaction
            raise Undo


@pytest.fixture
def clock() -> FixedClock:
    """A clock fixed at noon of tomorrow; tests advance it.

    Some rules compare with the time of the database, for which the rows of a test must not be long past.
    """
    return FixedClock(datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=1))


async def make_company(owner: "asyncpg.Pool[asyncpg.Record]") -> UUID:
    """A new empty company."""
    company_id = new_id()
    await owner.execute(COMPANY, company_id, "A shop", f"shop-{company_id.hex}")
    return company_id
