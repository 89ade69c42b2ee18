"""A transaction begins with its first statement: what a failure of that statement leaves, and what none costs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from domains.kernel.actor import Actor
from domains.kernel.clock import SystemClock
from domains.kernel.database import Database, Tx
from domains.kernel.transactions.connections import Session
from gateway.infra.postgres import open_pool
from tests.domains.kernel.test_database import NAME, RENAME

LAST = "select query from pg_stat_activity where pid = $1"


@pytest.fixture
async def lone(admin_url: str) -> AsyncIterator[Database]:
    """A database on one connection."""
    pool = await open_pool(admin_url, size=1)
    yield Database(pool, SystemClock())
    await pool.close()


async def test_the_first_statement_is_inside_the_transaction(lone: Database, actor: Actor, company: UUID) -> None:
    for _ in range(2):  # prepared by the first
        with suppress(ZeroDivisionError):
            async with lone.transaction(actor) as tx:
                await tx.execute(RENAME, "left over", company)
                assert await tx.fetch_value(NAME, company) == "left over"
                raise ZeroDivisionError
        assert await lone.reader(company).fetch_value(NAME, company) == "A shop"


async def test_a_savepoint_may_come_first(lone: Database, actor: Actor, company: UUID) -> None:
    async with lone.transaction(actor) as tx:
        with suppress(ZeroDivisionError):
            async with tx.savepoint():
                await tx.execute(RENAME, "undone", company)
                raise ZeroDivisionError
        await tx.execute(RENAME, "done", company)
    assert await lone.reader(company).fetch_value(NAME, company) == "done"


async def test_begin_and_the_first_statement_are_one_round_trip(
    lone: Database, actor: Actor, company: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    execute = Session.execute

    async def seen(session: Any, query: str, *args: Any, **options: Any) -> str:
        sent.append(query)
        return await execute(session, query, *args, **options)

    monkeypatch.setattr(Session, "execute", seen)
    async with lone.transaction(actor) as tx:
        assert await tx.fetch_value(NAME, company) == "A shop"
    assert sent == ["commit"]


async def test_a_transaction_without_a_statement_asks_nothing_of_the_server(
    lone: Database, owner: Any, actor: Actor
) -> None:
    async with lone.transaction(actor) as tx:
        pid = await tx.fetch_value("select pg_backend_pid()")
    assert await owner.fetchval(LAST, pid) == "commit"
    await lone.reader(actor.company_id).fetch_value("select 1")
    async with lone.transaction(actor):
        pass
    with pytest.raises(ZeroDivisionError):
        async with lone.transaction(actor):
            raise ZeroDivisionError
    assert await owner.fetchval(LAST, pid) == "select 1"


@pytest.mark.parametrize(
    ("sql", "argument", "error"),
    [
        ("select nothing, $1::integer", 1, asyncpg.UndefinedColumnError),
        ("select 1 / $1::integer", 0, asyncpg.DivisionByZeroError),
        ("select $1::integer", "not a number", asyncpg.DataError),  # not sent
        ("select pg_sleep($1::integer)", 30, TimeoutError),
    ],
)
async def test_a_first_statement_that_fails_leaves_no_transaction(
    lone: Database, owner: Any, actor: Actor, company: UUID, sql: str, argument: object, error: type[Exception]
) -> None:
    async with lone.transaction(actor) as tx:
        pid = await tx.fetch_value("select pg_backend_pid()")
    for _ in range(2):
        with pytest.raises(error):
            async with asyncio.timeout(0.3 if error is TimeoutError else 5), lone.transaction(actor) as tx:
                await tx.fetch(sql, argument)
        assert await owner.fetchval("select state from pg_stat_activity where pid = $1", pid) == "idle"
    async with lone.transaction(actor) as tx:
        await tx.execute(RENAME, "later", company)
        assert await tx.fetch_value("select pg_backend_pid()") == pid
    assert await owner.fetchval(NAME, company) == "later"


async def test_a_lost_connection_is_an_error_of_the_first_statement(
    lone: Database, owner: Any, actor: Actor, company: UUID
) -> None:
    pid = await lone.reader(company).fetch_value("select pg_backend_pid()")

    async def lose(tx: Tx) -> None:
        await owner.fetchval("select pg_terminate_backend($1, 5000)", pid)
        await tx.execute(RENAME, "lost", company)

    with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.InterfaceError)):
        await lone.run(lose, actor)
    async with lone.transaction(actor) as tx:
        await tx.execute(RENAME, "found", company)
    assert await owner.fetchval(NAME, company) == "found"
