"""Servers without Redis do not serve one database together; a lost lock is taken again."""

import asyncio
from typing import Any

import asyncpg
import pytest
from structlog.testing import capture_logs

from gateway.infra import server_lock
from gateway.infra.server_lock import ServerLock, ServersShareNothing
from tests.conditions import wait_until

HOLDERS = """
select pid from pg_locks where locktype = 'advisory' and granted and mode = $1
  and database = (select oid from pg_database where datname = current_database())
  and pid <> pg_backend_pid() and (classid::bigint << 32 | objid::bigint) = hashtextextended('commerce server', 0)
"""


async def test_servers_with_redis_serve_together(empty_database: str) -> None:
    first, second = (ServerLock(empty_database, is_shared=True) for _ in range(2))
    async with first.held(0), second.held(0):
        with pytest.raises(ServersShareNothing):
            async with ServerLock(empty_database, is_shared=False).held(0):
                pass


@pytest.mark.parametrize("is_shared", [True, False])
async def test_a_server_without_redis_serves_alone(empty_database: str, is_shared: bool) -> None:
    async with ServerLock(empty_database, is_shared=False).held(0):
        with pytest.raises(ServersShareNothing):
            async with ServerLock(empty_database, is_shared=is_shared).held(0):
                pass


async def test_a_server_waits_for_the_one_that_stops(empty_database: str) -> None:
    first, second = (ServerLock(empty_database, is_shared=False) for _ in range(2))
    async with first.held(0):
        waiting = asyncio.create_task(_hold(second))
        await asyncio.sleep(0.1)
        assert not waiting.done()
    assert await waiting


async def _hold(lock: ServerLock) -> bool:
    async with lock.held(10):
        return True


async def test_a_lost_lock_is_taken_again(admin_url: str, owner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_lock, "RETRY_SECONDS", 0.05)
    async with ServerLock(admin_url, is_shared=False).held(0):
        first = await owner.fetchval(HOLDERS, "ExclusiveLock")
        await owner.execute("select pg_terminate_backend($1)", first)

        async def is_held_again() -> bool:
            return await owner.fetchval(HOLDERS, "ExclusiveLock") not in {None, first}

        await wait_until(is_held_again)
        assert await is_held_again()


@pytest.mark.parametrize("error", [asyncpg.InterfaceError("closed"), asyncpg.ConnectionDoesNotExistError("closed")])
async def test_a_connection_that_is_lost_while_the_lock_is_taken_again_is_replaced(
    admin_url: str, owner: Any, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    errors, acquire = [error], ServerLock._acquired

    async def acquired(lock: ServerLock, patience: float) -> Any:
        if patience and errors:
            raise errors.pop()
        return await acquire(lock, patience)

    monkeypatch.setattr(server_lock, "RETRY_SECONDS", 0.05)
    monkeypatch.setattr(ServerLock, "_acquired", acquired)
    async with ServerLock(admin_url, is_shared=False).held(0):
        first = await owner.fetchval(HOLDERS, "ExclusiveLock")
        await owner.execute("select pg_terminate_backend($1)", first)

        async def is_held_again() -> bool:
            return await owner.fetchval(HOLDERS, "ExclusiveLock") not in {None, first}

        await wait_until(is_held_again)
        assert errors == []


async def test_an_unexpected_end_is_logged(admin_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(_: ServerLock) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(ServerLock, "_keep", fail)
    with capture_logs() as logs:
        async with ServerLock(admin_url, is_shared=False).held(0):
            await wait_until(lambda: bool(logs))
    assert [(entry["log_level"], entry["event"]) for entry in logs] == [("critical", "server lock is not kept")]
