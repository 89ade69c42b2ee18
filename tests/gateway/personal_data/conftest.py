"""A database of its own: a person is looked for in every company, also in those that other tests have made."""

from collections.abc import AsyncIterator

import pytest

from domains.kernel.clock import SystemClock
from domains.kernel.database import Database
from gateway.infra.postgres import opened_pool
from tests.conftest import Pool
from tests.databases import Server


@pytest.fixture(scope="module")
async def admin_url(server: Server) -> AsyncIterator[str]:
    """The URL of a migrated database, as its owner."""
    async with server.database(await server.template()) as url:
        yield url


@pytest.fixture(scope="module")
async def owner(admin_url: str) -> AsyncIterator[Pool]:
    """Connections as the owner of the tables."""
    async with opened_pool(admin_url, role=None, size=4) as pool:
        yield pool


@pytest.fixture(scope="module")
async def pool(admin_url: str) -> AsyncIterator[Pool]:
    """Connections with the role of the gateway."""
    async with opened_pool(admin_url) as pool:
        yield pool


@pytest.fixture(scope="module")
def database(pool: Pool) -> Database:
    """The database with the role of the gateway."""
    return Database(pool, SystemClock())
