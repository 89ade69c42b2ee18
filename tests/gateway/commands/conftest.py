"""Fixtures of the commands."""

from collections.abc import AsyncIterator

import pytest

from tests.databases import Server


@pytest.fixture
async def fresh(server: Server) -> AsyncIterator[str]:
    """The URL of a migrated database of this test only."""
    async with server.database(await server.template()) as url:
        yield url
