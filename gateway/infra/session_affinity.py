"""The check that a connection keeps its server process, unlike behind a pooler in transaction mode."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg

from gateway.infra.postgres import UNANSWERED, DatabaseUnavailable, connection_error, server_of

TIMEOUT_SECONDS: Final = 10  # seconds; also when a pooler lets the second connection wait for a free server process
BACKEND: Final = "select pg_backend_pid()"


class SessionNotAffine(DatabaseUnavailable):
    """The server process behind a connection changes between transactions."""

    def __init__(self, url: str) -> None:
        super().__init__(
            f"{server_of(url)} is behind a connection pooler in transaction or statement mode: two connections were "
            "given the same server process. The company of row-level security is a setting of the session, and "
            "requests of other companies would use it; advisory locks and LISTEN need a session too. Use the "
            "pooler in session mode (PgBouncer: `pool_mode = session`), or connect to PostgreSQL directly."
        )


async def require_session(url: str) -> None:
    """Refuse a connection pooler that shares server processes between connections.

    While one connection is in a transaction, a second one that was idle must still have its own process.
    Raises SessionNotAffine, and DatabaseUnavailable when the server does not answer.
    """
    async with _connection(url) as first, _connection(url) as second:
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                if not await _has_affinity(first, second):
                    raise SessionNotAffine(url)
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            # Statement mode refuses transactions, transaction mode loses statements.
            raise SessionNotAffine(url) from error
        except TimeoutError:
            return  # the pooler keeps a process for each connection, and has no second one


@asynccontextmanager
async def _connection(url: str) -> AsyncIterator[Any]:
    """One connection, terminated at the end: a pooler may not answer a graceful close request."""
    try:
        connection = await asyncpg.connect(url, timeout=TIMEOUT_SECONDS)
    except (*UNANSWERED, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise connection_error(error, url, None) from error
    try:
        yield connection
    finally:
        connection.terminate()


async def _has_affinity(first: Any, second: Any) -> bool:
    before = await _process(first)
    async with second.transaction():
        other = await second.fetchval(BACKEND)
        return other != before and await _process(first) == before


async def _process(connection: Any) -> int:
    """The server process of one transaction of the connection."""
    async with connection.transaction():
        number: int = await connection.fetchval(BACKEND)
        return number
