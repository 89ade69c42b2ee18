"""The lock of servers on a database: several at once must share their limits through Redis."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg
import structlog

from domains.kernel.transactions.cleanup import raise_if_cancelled
from gateway.infra.postgres import DatabaseUnavailable, close, connect

log = structlog.get_logger("gateway.server_lock")
KEY: Final = "hashtextextended('commerce server', 0)"
EXCLUSIVE: Final = f"select pg_advisory_lock({KEY})"
SHARED: Final = f"select pg_advisory_lock_shared({KEY})"
TIMEOUT: Final = "select set_config('lock_timeout', $1, false)"
RETRY_SECONDS: Final = 2.0
LOST: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)


class ServersShareNothing(Exception):
    """Another server uses the database, and one of both has no Redis."""

    def __init__(self) -> None:
        super().__init__(
            "Another server uses this database, and one of both has no REDIS_URL. Servers share rate limits through "
            "Redis: set REDIS_URL to the same server for all of them, or stop the other server."
        )


class ServerLock:
    """Held by a server while it serves: shared by those with Redis, exclusive to one without.

    The lock belongs to a connection. When that is lost, the lock is taken again.
    """

    def __init__(self, url: str, *, is_shared: bool) -> None:
        self._url = url
        self._sql = SHARED if is_shared else EXCLUSIVE
        self._connection: Any = None

    @asynccontextmanager
    async def held(self, patience: float) -> AsyncIterator[None]:
        """Hold the lock; wait `patience` seconds for a server that stops.

        Raises ServersShareNothing, and DatabaseUnavailable when the database does not answer.
        """
        self._connection = await self._acquired(patience)
        keeper = asyncio.create_task(self._keep(), name="server lock")
        keeper.add_done_callback(_report)
        try:
            yield
        finally:
            keeper.remove_done_callback(_report)
            keeper.cancel()
            await asyncio.wait([keeper])
            await close(self._connection)

    async def _acquired(self, patience: float) -> Any:
        connection = await connect(self._url)
        try:
            await connection.fetchval(TIMEOUT, f"{max(1, int(patience * 1000))}ms")
            await connection.execute(self._sql)
        except asyncpg.LockNotAvailableError:
            connection.terminate()
            raise ServersShareNothing from None
        except BaseException:
            connection.terminate()
            raise
        return connection

    async def _keep(self) -> None:
        """Take the lock again after a lost connection, until cancelled."""
        while True:
            lost = asyncio.Event()
            self._connection.add_termination_listener(lambda _connection, lost=lost: lost.set())
            if not self._connection.is_closed():
                await lost.wait()
            log.warning("server lock lost")
            self._connection = await self._acquired_again()

    async def _acquired_again(self) -> Any:
        while True:
            await asyncio.sleep(RETRY_SECONDS)
            try:
                return await self._acquired(RETRY_SECONDS)
            except (ServersShareNothing, DatabaseUnavailable, *LOST) as error:
                raise_if_cancelled()
                log.warning("server lock not acquired", error=str(error))


def _report(task: "asyncio.Task[None]") -> None:
    error = None if task.cancelled() else task.exception()
    log.critical("server lock is not kept", exc_info=error, advice="restart this process")
