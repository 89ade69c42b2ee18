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
from domains.kernel.errors import Busy, DomainError
from domains.kernel.prisma.statements import Sql
from domains.kernel.transactions.connections import Session
from gateway.infra.postgres import open_pool
from tests.domains.kernel.test_database import NAME, RENAME, Counted, Refused

LAST = "select query from pg_stat_activity where pid = $1"
STATES = "select state from pg_stat_activity where pid = any($1) and state <> 'idle'"
BACKEND = "select pg_backend_pid()"
COMPANY = "select current_setting('app.company_id')"


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

    # asyncpg reports the last one when it reads the end of the connection before the answer to BEGIN.
    lost = (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.InternalClientError)
    with pytest.raises(lost):
        await lone.run(lose, actor)
    async with lone.transaction(actor) as tx:
        await tx.execute(RENAME, "found", company)
    assert await owner.fetchval(NAME, company) == "found"


@pytest.mark.parametrize("refusal", [Counted, Refused, None])
async def test_a_deferred_write_that_cannot_be_sent_leaves_no_transaction(
    lone: Database, actor: Actor, company: UUID, other_company: UUID, refusal: type[DomainError] | None
) -> None:
    async def work(tx: Tx) -> None:
        tx.defer(Sql("select {}::integer", ("no number",)))
        if refusal is not None:
            raise refusal("no")

    assert await lone.reader(company).fetch_value(COMPANY) == str(company)
    with pytest.raises(Refused if refusal is Refused else asyncpg.DataError):
        await lone.run(work, actor)
    for _ in range(3):  # a pool that rolls back what it left would restore the company before
        assert await lone.reader(other_company).fetch_value(COMPANY) == str(other_company)


async def test_a_lock_timeout_of_writes_that_a_refusal_keeps_is_reported_to_the_user(
    lone: Database, owner: Any, actor: Actor, company: UUID
) -> None:
    async def work(tx: Tx) -> None:
        await tx.execute("set local lock_timeout = '50ms'")
        tx.defer(Sql("update companies set name = 'no' where id = {}", (company,)))
        raise Counted("no")

    async with owner.acquire() as other, other.transaction():
        await other.execute(RENAME, "locked", company)
        with pytest.raises(Busy):
            await lone.run(work, actor)
    assert await owner.fetchval(NAME, company) == "locked"


async def test_a_failed_statement_that_is_ignored_is_an_error_of_the_commit(
    lone: Database, owner: Any, actor: Actor, company: UUID
) -> None:
    committed: list[str] = []

    async def work(tx: Tx) -> None:
        tx.on_commit(lambda: committed.append("yes"))
        await tx.execute(RENAME, "lost", company)
        with suppress(asyncpg.DivisionByZeroError):
            await tx.fetch("select 1 / 0")

    with pytest.raises(asyncpg.InFailedSQLTransactionError):
        await lone.run(work, actor)
    assert committed == []
    assert await owner.fetchval(NAME, company) == "A shop"


async def test_a_cancellation_at_any_moment_leaves_nothing(
    lone: Database, owner: Any, actor: Actor, company: UUID
) -> None:
    async def work(sql: str) -> None:
        async with lone.transaction(actor) as tx:
            await tx.execute(sql, "left over", company)
            await asyncio.Event().wait()

    for moment in range(60):
        pid = await lone.reader(company).fetch_value(BACKEND)
        sql = f"{RENAME} and {moment} = {moment}" if moment % 2 else RENAME  # half of them are prepared anew
        working = asyncio.create_task(work(sql))
        for _ in range(moment // 2):
            await asyncio.sleep(0)
        working.cancel()
        await asyncio.wait([working])
        assert working.cancelled()
        assert await lone.reader(company).fetch_value(NAME, company) == "A shop"
        assert await owner.fetch(STATES, [pid]) == []


async def test_several_statements_and_unknown_types_may_come_first(
    lone: Database, owner: Any, actor: Actor, company: UUID
) -> None:
    async def several(tx: Tx) -> None:
        await tx.execute("update companies set name = 'a'; update companies set name = 'b'")
        raise ZeroDivisionError

    async def unknown(tx: Tx) -> None:
        await tx.fetch("select 'yes'::begun, array['yes'::begun]")
        await tx.execute(RENAME, "left over", company)
        raise ZeroDivisionError

    try:
        await owner.execute("create type begun as enum ('yes')")
        for work in (several, unknown):
            with pytest.raises(ZeroDivisionError):
                await lone.run(work, actor)
            assert await lone.reader(company).fetch_value(NAME, company) == "A shop"
    finally:
        await owner.execute("drop type begun")
    async with lone.transaction(actor) as tx:
        assert await tx.fetch_value("select $1::text[]", ["yes"]) == ["yes"]


async def test_a_first_statement_whose_plan_is_outdated_leaves_no_transaction(
    lone: Database, owner: Any, actor: Actor, company: UUID
) -> None:
    try:
        await owner.execute("create table begun (id integer); grant select on begun to public")
        for change in ("text", "bigint"):
            await lone.reader(company).fetch("select * from begun")
            await owner.execute(f"alter table begun add column {change} {change}")
            with pytest.raises(asyncpg.InvalidCachedStatementError):
                async with lone.transaction(actor) as tx:
                    await tx.fetch("select * from begun")
            async with lone.transaction(actor) as tx:
                await tx.fetch("select * from begun")
                await tx.execute(RENAME, change, company)
            assert await owner.fetchval(NAME, company) == change
    finally:
        await owner.execute("drop table begun")
