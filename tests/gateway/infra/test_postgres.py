"""The connection pool: the role of the gateway, JSON codecs, and messages of connection errors."""

import asyncio
import socket
from contextlib import suppress
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from domains.kernel.clock import SystemClock
from domains.kernel.database import Database
from domains.kernel.monitoring.statement_counts import counting
from gateway.infra.postgres import RELAY_ROLE, DatabaseUnavailable, open_pool, server_of
from tests.databases import database_url


async def test_every_connection_has_the_gateways_role(admin_url: str) -> None:
    pool = await open_pool(admin_url, size=3)
    async with pool.acquire() as first, pool.acquire() as second:
        assert [await each.fetchval("select current_user") for each in (first, second)] == ["commerce_gateway"] * 2
    await pool.close()


async def test_another_role_can_be_selected(admin_url: str) -> None:
    pool = await open_pool(admin_url, role=RELAY_ROLE)
    assert await pool.fetchval("select current_user") == "commerce_relay"
    await pool.close()


async def test_role_and_company_persist_in_the_pool(admin_url: str, company: UUID) -> None:
    pool = await open_pool(admin_url, size=1)
    for _ in range(2):
        async with pool.acquire() as connection:
            await connection.fetchval("select set_config('app.company_id', $1, false)", str(company))
    assert await pool.fetchval("select current_setting('app.company_id')") == str(company)
    assert await pool.fetchval("select current_user") == "commerce_gateway"
    await pool.close()


async def test_json_values_are_converted_in_both_directions(database: Database) -> None:
    value = {"sizes": ["S", "M"], "price": 1.5, "none": None, "umlaut": "ä"}
    assert await database.reader(None).fetch_value("select $1::jsonb", value) == value


async def test_timeouts_are_set(database: Database) -> None:
    reader = database.reader(None)
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    assert [await reader.fetch_value(f"show {name}") for name in names] == ["30s", "10s", "30s"]


async def test_times_are_in_utc(database: Database) -> None:
    assert await database.reader(None).fetch_value("show timezone") == "UTC"


async def test_an_unreachable_server_is_named_without_the_password() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        port = deaf.getsockname()[1]
        with pytest.raises(DatabaseUnavailable) as caught:
            await open_pool(f"postgresql://shop:secret@127.0.0.1:{port}/shop")
    assert str(caught.value).startswith(f"PostgreSQL at 127.0.0.1:{port}/shop does not answer (")
    assert str(caught.value).endswith("Check DATABASE_URL.")
    assert "secret" not in str(caught.value)


async def test_a_missing_database_is_named(admin_url: str) -> None:
    with pytest.raises(DatabaseUnavailable, match='database "nowhere" does not exist'):
        await open_pool(database_url(admin_url, "nowhere"))


async def test_a_missing_role_requests_the_migration(admin_url: str) -> None:
    with pytest.raises(DatabaseUnavailable, match="Run `commerce migrate` first"):
        await open_pool(admin_url, role="commerce_nobody")


async def test_the_company_is_set_once_per_connection(admin_url: str, company: UUID) -> None:
    pool = await open_pool(admin_url, size=1)
    database = Database(pool, SystemClock())
    with counting() as count:
        for _ in range(3):
            await database.reader(company).fetch("select 1")
    assert (count.tenant, count.data, count.control) == (1, 3, 0)
    await pool.close()


def test_a_server_name_contains_only_server_and_database() -> None:
    assert server_of("postgresql://shop:secret@db.example:5433/shop?sslmode=require") == "db.example:5433/shop"
    assert server_of("postgresql://postgres:@/commerce?host=/x/postgres") == "/x/postgres/commerce"


async def test_an_idle_connection_is_given_back_without_a_task(admin_url: str) -> None:
    loop, tasks = asyncio.get_running_loop(), list[str]()

    def started(_loop: Any, coroutine: Any, **options: Any) -> asyncio.Task[Any]:
        tasks.append(coroutine.__qualname__)
        return asyncio.Task(coroutine, loop=loop, **options)

    pool = await open_pool(admin_url, size=1)
    loop.set_task_factory(started)
    try:
        for _ in range(3):
            async with pool.acquire() as connection:
                pid = await connection.fetchval("select pg_backend_pid()")
        assert (tasks, pool.get_idle_size()) == ([], 1)
        assert await pool.fetchval("select pg_backend_pid()") == pid
    finally:
        loop.set_task_factory(None)
        await pool.close()


@pytest.mark.filterwarnings("ignore::asyncpg.InterfaceWarning")
@pytest.mark.parametrize("left", ["transaction", "listener", "cancelled", "closed", "expired"])
async def test_a_connection_that_is_not_idle_is_reset_or_replaced(admin_url: str, left: str) -> None:
    pool = await open_pool(admin_url, size=1)
    connection: Any = await pool.acquire()
    pid = await connection.fetchval("select pg_backend_pid()")
    if left == "transaction":
        with suppress(asyncpg.PostgresError):
            await connection.execute("begin; create temporary table left_over (id integer)")
    elif left == "listener":
        await connection.add_listener("left_over", lambda *_: None)
    elif left == "cancelled":
        with suppress(TimeoutError):
            await connection.fetchval("select pg_sleep(10)", timeout=0.01)
    elif left == "closed":
        connection.terminate()
    else:
        await pool.expire_connections()
    await pool.release(connection)
    async with asyncio.timeout(5), pool.acquire() as other:
        session: Any = other
        assert not session.is_in_transaction()
        assert not session._con._listeners
        assert await session.fetchval("select to_regclass('left_over')") is None
        assert (await session.fetchval("select pg_backend_pid()") == pid) == (left not in ("closed", "expired"))
    await pool.close()


async def test_a_released_connection_cannot_be_used(admin_url: str) -> None:
    pool = await open_pool(admin_url, size=1)
    connection: Any = await pool.acquire()
    await pool.release(connection)
    await pool.release(connection)  # which changes nothing
    with pytest.raises(asyncpg.InterfaceError, match="released back to the pool"):
        await connection.fetchval("select 1")
    assert pool.get_idle_size() == 1
    await pool.close()
