"""Fixtures of the fault tests: a shop in a database of its own, its processes, and the platform that looks at it."""

import os
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest

from domains.kernel.events import EventQueue
from gateway.bootstrap import Platform, wired
from gateway.messaging.broker import EXCHANGE
from gateway.server import application
from gateway.settings import Settings, load
from tests.brokers import delete_queues
from tests.databases import Server, name_of
from tests.faults.accounts import create_administrator, create_customers
from tests.faults.api import Client, http_client
from tests.faults.invariants.effects import count_effects
from tests.faults.processes import Gateway, Processes
from tests.faults.scale import FULL
from tests.faults.servers import (
    NotAvailable,
    PostgresServer,
    RabbitMQServer,
    postgres_server,
    rabbitmq_server,
    redis_server,
)
from tests.faults.shop import Shop
from tests.rate_limits import HIGHEST
from tests.redis_keys import namespace

POOL_SIZE = 4  # several processes share a server with few connections, as two runs of tests do
JWT_KEYS = f"faults:{secrets.token_hex(32)}"


@pytest.hookimpl(trylast=True)  # after REDIS_URL was moved
def pytest_configure(config: pytest.Config) -> None:
    """At full size two servers serve each shop, which need a Redis: start one unless REDIS_URL names one."""
    if not FULL or os.environ.get("TEST_REDIS_URL"):
        return
    with ExitStack() as stack:
        try:
            os.environ["TEST_REDIS_URL"] = stack.enter_context(redis_server()).url
        except NotAvailable as error:
            raise pytest.UsageError(f"FULL=1 runs two servers, which need Redis. Set REDIS_URL: {error}.") from None
        config.add_cleanup(stack.pop_all().close)


def settings_of(url: str, home: Path) -> Settings:
    """The settings of a platform in this process."""
    return load({}, commerce_home=home, database_url=url, database_pool_size=POOL_SIZE, jwt_keys=JWT_KEYS)


@asynccontextmanager
async def shop_in(server: Server, home: Path) -> AsyncIterator[tuple[str, Shop]]:
    """The name of a database to copy, and the shop in it, whose administrator is logged in."""
    async with server.database(await server.template()) as url:
        async with wired(settings_of(url, home), url) as platform:
            await create_administrator(platform)
            await create_customers(platform)
            transport = httpx.ASGITransport(application(platform))
            async with httpx.AsyncClient(transport=transport) as http:
                shop = await Shop.open(Client(http, ["http://shop.test"]))
        await count_effects(url)
        yield name_of(url), shop


@pytest.fixture(scope="session")
async def shop_template(server: Server, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[str, Shop]]:
    """A shop to copy."""
    async with shop_in(server, tmp_path_factory.mktemp("template")) as made:
        yield made


@pytest.fixture
async def shop_url(server: Server, shop_template: tuple[str, Shop]) -> AsyncIterator[str]:
    """The URL of the database of this test, with a shop."""
    async with server.database(shop_template[0]) as url:
        yield url


@pytest.fixture
async def redis() -> AsyncIterator[dict[str, str]]:
    """The settings of keys of this test in Redis, deleted at its end; none without REDIS_URL."""
    if not (url := os.environ.get("TEST_REDIS_URL")):
        yield {}
        return
    async with namespace(url) as name:
        yield {"REDIS_URL": url, "REDIS_NAMESPACE": name}


@pytest.fixture
def settings(shop_url: str, tmp_path: Path, redis: dict[str, str]) -> dict[str, str]:
    """The environment of every process of the test."""
    return {
        **redis,
        "DATABASE_URL": shop_url,
        "DATABASE_POOL_SIZE": str(POOL_SIZE),
        "COMMERCE_HOME": str(tmp_path),
        "JWT_KEYS": JWT_KEYS,
        "ACCESS_LOG": "false",
        "TRUSTED_PROXIES": "127.0.0.1/32",
        **HIGHEST,
    }


@pytest.fixture
def processes(settings: dict[str, str], tmp_path: Path) -> Iterator[Processes]:
    """The processes of the test, killed at its end."""
    made = Processes(settings, tmp_path)
    yield made
    made.close()


@pytest.fixture
async def platform(shop_url: str, tmp_path: Path) -> AsyncIterator[Platform]:
    """The platform on the database of the test in this process; its background work does not run."""
    async with wired(settings_of(shop_url, tmp_path), shop_url) as made:
        yield made


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """Connections of the clients of the test."""
    async with http_client() as made:
        yield made


@pytest.fixture
def gateway(processes: Processes) -> Gateway:
    """A server that is not started yet. It also delivers events and runs jobs."""
    return processes.gateway()


@pytest.fixture
def shop(shop_template: tuple[str, Shop], gateway: Gateway, http: httpx.AsyncClient) -> Shop:
    """The shop behind the server."""
    return shop_template[1].behind(http, [gateway.url])


@pytest.fixture(scope="module")
async def postgres() -> AsyncIterator[PostgresServer]:
    """A PostgreSQL of this module's own."""
    async with postgres_server() as server:
        yield server


@pytest.fixture(scope="module")
async def rabbitmq() -> AsyncIterator[RabbitMQServer]:
    """A RabbitMQ of this module's own; without its program, the test is skipped."""
    try:
        async with rabbitmq_server() as server:
            yield server
    except NotAvailable as error:
        pytest.skip(str(error))


@pytest.fixture
async def broker(broker_url: str) -> AsyncIterator[dict[str, str]]:
    """The settings of an exchange and queues of this test at the RabbitMQ server, deleted at its end."""
    namespace = f"faults-{secrets.token_hex(8)}."
    yield {"RABBITMQ_URL": broker_url, "RABBITMQ_NAMESPACE": namespace}
    await delete_queues(broker_url, [namespace + queue.value for queue in EventQueue], [namespace + EXCHANGE])
