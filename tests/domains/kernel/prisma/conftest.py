"""A database with the tables of the sample schema, and handles on it."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.clock import SystemClock
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.ids import new_id
from gateway.infra.postgres import open_pool
from tests.conftest import Pool
from tests.databases import Server

TABLES = Path(__file__).parent / "sample" / "tables.sql"


@pytest.fixture(scope="session")
async def sample_pool(server: Server) -> AsyncIterator[Pool]:
    """Connections to a database that holds the sample's tables and nothing else."""
    async with server.database() as url:
        pool = await open_pool(url, role=None, size=8)
        await pool.execute(TABLES.read_text())
        yield pool
        await pool.close()


@pytest.fixture(scope="session")
def samples(sample_pool: Pool) -> Database:
    """The sample's database."""
    return Database(sample_pool, SystemClock())


@pytest.fixture
def ours() -> UUID:
    """A company of this test's own."""
    return new_id()


@pytest.fixture
def theirs() -> UUID:
    """Another company."""
    return new_id()


@pytest.fixture
def db(samples: Database, ours: UUID) -> Reader:
    """A reader of our company, which sees what has been committed."""
    return samples.reader(ours)


@pytest.fixture
async def tx(samples: Database, ours: UUID) -> AsyncIterator[Tx]:
    """A transaction in our company."""
    async with samples.transaction(Actor.system(ours)) as transaction:
        yield transaction
