"""A database of their own for tests of jobs.

The jobs process all companies, and the shared database contains orders of other tests in states that no job can
repair.
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from domains.kernel.clock import SystemClock
from domains.kernel.database import Database
from gateway.infra.postgres import RELAY_ROLE, open_pool
from tests.databases import Server


@pytest.fixture(scope="module")
async def own_url(server: Server) -> AsyncIterator[str]:
    """The URL of a module's own database."""
    async with server.database(await server.template()) as url:
        yield url


@pytest.fixture(scope="module")
async def owner(own_url: str) -> AsyncIterator[Any]:
    """Connections to it as the owner of the tables."""
    async with await open_pool(own_url, role=None) as pool:
        yield pool


@pytest.fixture(scope="module")
async def database(own_url: str) -> AsyncIterator[Database]:
    """It as the gateway has it."""
    async with await open_pool(own_url) as pool:
        yield Database(pool, SystemClock())


@pytest.fixture(scope="module")
async def relay_pool(own_url: str) -> AsyncIterator[Any]:
    """Connections to it with the role of the jobs."""
    async with await open_pool(own_url, role=RELAY_ROLE, size=2) as pool:
        yield pool
