"""Fixtures of the fault tests: a database of its own, its processes, and the platform that looks at it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from gateway.bootstrap import Platform, wired
from gateway.settings import load
from tests.databases import Server
from tests.faults.api import Client, http_client
from tests.faults.processes import Gateway, Processes
from tests.faults.shop import Shop, create_administrator

POOL_SIZE = 6  # several processes share a server with few connections


@pytest.fixture
async def shop_url(server: Server) -> AsyncIterator[str]:
    """The URL of a migrated database of this test."""
    async with server.database(await server.template()) as url:
        yield url


@pytest.fixture
def settings(shop_url: str, tmp_path: Path) -> dict[str, str]:
    """The environment of every process of the test."""
    return {
        "DATABASE_URL": shop_url,
        "DATABASE_POOL_SIZE": str(POOL_SIZE),
        "COMMERCE_HOME": str(tmp_path),
        "ACCESS_LOG": "false",
        "TRUSTED_PROXIES": "127.0.0.1/32",
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
    settings = load({}, commerce_home=tmp_path, database_url=shop_url, database_pool_size=POOL_SIZE)
    async with wired(settings, shop_url) as made:
        yield made


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """Connections of the clients of the test."""
    async with http_client() as made:
        yield made


@pytest.fixture
async def gateway(processes: Processes) -> Gateway:
    """A running server, which also delivers events and runs jobs."""
    made = processes.gateway()
    await made.start()
    return made


@pytest.fixture
async def shop(shop_url: str, tmp_path: Path, gateway: Gateway, http: httpx.AsyncClient) -> Shop:
    """A shop behind the running server: four SKUs with 1,000 units each, and a promotion without a limit."""
    await create_administrator(shop_url, tmp_path)
    return await Shop.open(Client(http, [gateway.url]))
