"""The two handles: commit, rollback, retry, and the number of statements."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

import asyncpg
import pytest

from domains.kernel.actor import Actor
from domains.kernel.clock import SystemClock
from domains.kernel.database import READER_CONNECTIONS, Database, Tx
from domains.kernel.errors import Busy, DomainError
from domains.kernel.events import Event
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import StatementCount, counting
from domains.kernel.transactions.retries import ATTEMPTS
from gateway.infra.postgres import open_pool

RENAME = "update companies set name = $1 where id = $2"
NAME = "select name from companies where id = $1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed(Event):
    topic: ClassVar[str] = "company.renamed"
    version: ClassVar[int] = 2
    company_id: UUID
    name: str

    @property
    def aggregate_id(self) -> UUID:
        return self.company_id


class Refused(DomainError):
    """A refusal that undoes."""


class Counted(DomainError):
    """A refusal that is kept."""

    commits = True


@pytest.fixture
async def lone(admin_url: str) -> AsyncIterator[Database]:
    """A database on one connection."""
    pool = await open_pool(admin_url, size=1)
    yield Database(pool, SystemClock())
    await pool.close()


async def rename(tx: Tx, name: str) -> None:
    assert tx.company_id is not None
    await tx.execute(RENAME, name, tx.company_id)
    tx.emit(Renamed(company_id=tx.company_id, name=name))


async def events(owner: Any, company: UUID) -> list[str]:
    rows = await owner.fetch("select payload from outbox_events where company_id = $1 order by sequence", company)
    return [row["payload"]["name"] for row in rows]


def counts_of(count: StatementCount) -> tuple[int, int, int]:
    return count.tenant, count.control, count.data


async def test_a_transaction_commits_rows_and_events_together(
    database: Database, owner: Any, actor: Actor, company: UUID
) -> None:
    async with database.transaction(actor) as tx:
        await rename(tx, "first")
        await rename(tx, "second")
        assert await events(owner, company) == []
    assert await owner.fetchval(NAME, company) == "second"
    assert await events(owner, company) == ["first", "second"]


async def test_an_event_row_contains_actor_topic_and_aggregate(database: Database, owner: Any, company: UUID) -> None:
    async with database.transaction(Actor.system(company)) as tx:
        await rename(tx, "tea")
    row = await owner.fetchrow("select * from outbox_events where company_id = $1", company)
    assert (row["topic"], row["version"], row["aggregate_id"]) == ("company.renamed", 2, company)
    assert (row["actor_kind"], row["actor_id"]) == ("SYSTEM", None)
    assert row["payload"] == {"company_id": str(company), "name": "tea"}
    assert (row["published_at"], row["attempts"]) == (None, 0)


@pytest.mark.parametrize(("error", "kept"), [(Refused, []), (Counted, ["tea"]), (ZeroDivisionError, [])])
async def test_an_error_rolls_back_rows_and_events_unless_it_commits(
    database: Database, owner: Any, actor: Actor, company: UUID, error: type[Exception], kept: list[str]
) -> None:
    async def work(tx: Tx) -> None:
        await rename(tx, "tea")
        raise error("no")

    with pytest.raises(error, match="no"):
        await database.run(work, actor)
    assert await events(owner, company) == kept
    assert await owner.fetchval(NAME, company) == (kept or ["A shop"])[0]


async def test_listeners_for_events_are_notified_only_after_the_commit(
    pool: Any, owner: Any, actor: Actor, company: UUID
) -> None:
    topics: list[tuple[UUID | None, str]] = []
    database = Database(
        pool, SystemClock(), on_events=lambda where, events: topics.extend((where, each.topic) for each in events)
    )

    async def refuse(tx: Tx) -> None:
        await rename(tx, "coffee")
        raise Refused("no")

    async with database.transaction(actor) as tx:
        await tx.execute(RENAME, "quiet", company)
    with pytest.raises(Refused):
        await database.run(refuse, actor)
    assert topics == []
    async with database.transaction(actor) as tx:
        await rename(tx, "tea")
        assert topics == []
    assert topics == [(company, "company.renamed")]


async def test_events_of_a_transaction_in_several_companies_are_announced_with_their_own(
    pool: Any, owner: Any, actor: Actor, company: UUID, other_company: UUID
) -> None:
    heard: list[tuple[UUID | None, list[Event]]] = []
    database = Database(pool, SystemClock(), on_events=lambda where, events: heard.append((where, list(events))))
    here, there = (Renamed(company_id=company, name=name) for name in ("here", "there"))
    async with database.transaction(actor) as tx:
        tx.emit(here)
        async with tx.in_company(other_company) as inner:
            inner.emit(there)
    assert heard == [(other_company, [there]), (company, [here])]
    stored = "select company_id from outbox_events where topic = $1 and company_id = any($2)"
    companies = [row[0] for row in await owner.fetch(stored, Renamed.topic, [company, other_company])]
    assert sorted(companies) == sorted([company, other_company])


async def test_a_rolled_back_savepoint_undoes_its_rows_and_events(
    database: Database, owner: Any, actor: Actor, company: UUID
) -> None:
    async def part(tx: Tx) -> None:
        async with tx.savepoint():
            await rename(tx, "part")
            raise Refused("no")

    async with database.transaction(actor) as tx:
        await rename(tx, "whole")
        with pytest.raises(Refused):
            await part(tx)
    assert await owner.fetchval(NAME, company) == "whole"
    assert await events(owner, company) == ["whole"]


async def test_consecutive_and_nested_savepoints_undo_only_their_own_parts(
    database: Database, owner: Any, actor: Actor, company: UUID
) -> None:
    async def part(tx: Tx, name: str, *, inner: str | None = None, fails: bool = False) -> None:
        with suppress(Refused):
            async with tx.savepoint():
                await rename(tx, name)
                if inner is not None:
                    await part(tx, inner)
                    await part(tx, f"{inner} undone", fails=True)
                if fails:
                    raise Refused("no")

    async with database.transaction(actor) as tx:
        await part(tx, "one")
        await part(tx, "two undone", fails=True)
        assert await tx.fetch_value(NAME, company) == "one"
        await part(tx, "three", inner="four")
        assert await tx.fetch_value(NAME, company) == "four"
        await part(tx, "five undone", inner="six", fails=True)
        assert await tx.fetch_value(NAME, company) == "four"
        await part(tx, "seven")
    assert await owner.fetchval(NAME, company) == "seven"
    assert await events(owner, company) == ["one", "three", "four", "seven"]


async def test_run_alone_executes_one_statement_as_a_transaction(
    database: Database, owner: Any, actor: Actor, company: UUID
) -> None:
    with counting() as counts:
        assert await database.run_statement(lambda tx: tx.execute(RENAME, "alone", company), actor) == 1
    assert (counts.data, counts.control) == (1, 0)
    assert await owner.fetchval(NAME, company) == "alone"


async def test_a_deadlock_runs_the_whole_command_again(
    database: Database, owner: Any, company: UUID, other_company: UUID
) -> None:
    # Both take two locks in opposite order and deadlock once.
    runs, both = 0, asyncio.Barrier(2)

    async def work(tx: Tx, first: int, second: int) -> None:
        nonlocal runs
        runs += 1
        await tx.fetch("select pg_advisory_xact_lock($1)", first)
        if runs <= 2:
            await both.wait()
        await tx.fetch("select pg_advisory_xact_lock($1)", second)
        await rename(tx, f"{first}")

    await asyncio.gather(
        database.run(lambda tx: work(tx, 71, 72), Actor.system(company)),
        database.run(lambda tx: work(tx, 72, 71), Actor.system(other_company)),
    )
    assert runs == 3
    assert [await events(owner, each) for each in (company, other_company)] == [["71"], ["72"]]


@pytest.mark.parametrize(
    "lost_race",
    [
        asyncpg.SerializationError,
        asyncpg.DeadlockDetectedError,
        asyncpg.ForeignKeyViolationError,
        asyncpg.RestrictViolationError,
    ],
)
async def test_a_command_fails_after_three_attempts(
    database: Database, actor: Actor, lost_race: type[asyncpg.PostgresError]
) -> None:
    runs = 0

    async def work(_tx: Tx) -> None:
        nonlocal runs
        runs += 1
        raise lost_race("again")

    for run in (database.run, database.run_statement):
        runs = 0
        with pytest.raises(lost_race):
            await run(work, actor)
        assert runs == ATTEMPTS == 3


async def test_a_lock_timeout_is_reported_to_the_user(
    database: Database, owner: Any, company: UUID, actor: Actor
) -> None:
    async def work(tx: Tx) -> None:
        await tx.execute("set local lock_timeout = '1ms'")
        await rename(tx, "late")

    async with owner.acquire() as other, other.transaction():
        await other.fetchval("select 1 from companies where id = $1 for update", company)
        with pytest.raises(Busy, match="Try again later"):
            await database.run(work, actor)
    await database.run(work, actor)
    assert await owner.fetchval(NAME, company) == "late"


async def test_writers_waiting_for_a_lock_leave_connections_to_readers(
    admin_url: str, owner: Any, company: UUID, actor: Actor
) -> None:
    pool = await open_pool(admin_url, size=4)
    database = Database(pool, SystemClock())
    async with owner.acquire() as other, other.transaction():
        await other.fetchval("select 1 from companies where id = $1 for update", company)
        writers = [asyncio.create_task(database.run(lambda tx: rename(tx, "late"), actor)) for _ in range(6)]
        async with asyncio.timeout(5):
            assert (
                await asyncio.gather(*(database.reader(company).fetch_value(NAME, company) for _ in range(6)))
                == ["A shop"] * 6
            )
            assert pool.get_size() == 4
    await asyncio.gather(*writers)
    await pool.close()
    assert await events(owner, company) == ["late"] * 6


async def test_a_writer_without_a_free_connection_is_refused_as_busy(pool: Any, company: UUID, actor: Actor) -> None:
    database = Database(pool, SystemClock(), acquire_timeout=0.01)
    async with AsyncExitStack() as busy:
        for _ in range(pool.get_max_size() - READER_CONNECTIONS):
            await busy.enter_async_context(database.transaction(actor))
        with pytest.raises(Busy, match="The server is busy"):
            await database.run(lambda tx: rename(tx, "late"), actor)
        assert await database.reader(company).fetch_value("select 1") == 1
    await database.run(lambda tx: rename(tx, "tea"), actor)
    assert await database.reader(company).fetch_value(NAME, company) == "tea"


async def test_statements_are_counted_by_kind(lone: Database, company: UUID, actor: Actor) -> None:
    with counting() as first:
        await lone.reader(company).fetch_value("select 1")
    with counting() as second:
        async with lone.transaction(actor) as tx:
            await tx.fetch("select 1")
            await tx.fetch_row("select 1")
            await rename(tx, "tea")
    with counting() as third:
        async with lone.transaction(actor):
            pass
    assert [counts_of(first), counts_of(second), counts_of(third)] == [(1, 0, 1), (0, 2, 4), (0, 2, 0)]


async def test_the_statement_for_the_actor_is_counted_separately(lone: Database, company: UUID) -> None:
    with counting() as count:
        with counting(as_actor=True):
            await lone.reader(company).fetch_value("select 1")
        await lone.reader(company).fetch_value("select 2")
    assert (count.actor, count.data, count.tenant) == (1, 1, 1)
    assert count.texts == ["select 1", "select 2"]


async def test_statements_of_tasks_are_counted_where_the_tasks_were_started(lone: Database, company: UUID) -> None:
    with counting() as count:
        await asyncio.gather(*(lone.reader(company).fetch_value("select 1") for _ in range(5)))
    assert (count.data, count.tenant) == (5, 1)


async def test_each_connection_is_set_to_the_company_of_its_user(
    lone: Database, company: UUID, other_company: UUID
) -> None:
    current = "select current_setting('app.company_id')"
    seen = [await lone.reader(each).fetch_value(current) for each in (company, other_company, None, company)]
    assert seen == [str(company), str(other_company), "", str(company)]


async def test_the_company_is_set_again_after_an_error(lone: Database, company: UUID) -> None:
    reader = lone.reader(company)
    await reader.fetch_value("select 1")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await reader.fetch_value("select 1 / 0")
    with counting() as count:
        await reader.fetch_value("select 1")
    assert count.tenant == 1


async def test_a_cancelled_statement_leaves_a_usable_connection(
    lone: Database, company: UUID, other_company: UUID
) -> None:
    slow = asyncio.create_task(lone.reader(company).fetch_value("select pg_sleep(30)"))
    await asyncio.sleep(0.03)
    slow.cancel()
    with pytest.raises(asyncio.CancelledError):
        await slow
    assert await lone.reader(other_company).fetch_value("select current_setting('app.company_id')") == str(
        other_company
    )


async def test_a_cancelled_transaction_stores_nothing(
    lone: Database, owner: Any, company: UUID, actor: Actor
) -> None:
    written = asyncio.Event()

    async def work(tx: Tx) -> None:
        await rename(tx, "half")
        written.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(lone.run(work, actor))
    await written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await lone.reader(company).fetch_value(NAME, company) == "A shop"
    assert await events(owner, company) == []


async def test_a_reader_does_not_wait_for_its_own_slow_statement(
    database: Database, owner: Any, company: UUID
) -> None:
    key = new_id().int % 2**31
    reader = database.reader(company)
    async with owner.acquire() as connection:
        await connection.execute("select pg_advisory_lock($1)", key)
        slow = asyncio.create_task(reader.fetch("select pg_advisory_xact_lock($1)", key))
        async with asyncio.timeout(5):
            assert await reader.fetch_value("select 1") == 1
            await connection.execute("select pg_advisory_unlock($1)", key)
            assert len(await slow) == 1


async def test_a_connection_that_the_server_closed_is_replaced(lone: Database, owner: Any, company: UUID) -> None:
    reader = lone.reader(company)
    first = await reader.fetch_value("select pg_backend_pid()")
    await owner.fetchval("select pg_terminate_backend($1, 5000)", first)
    # It may have noticed, or not, or have read the server's last message and not the end of the connection.
    with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
        await reader.fetch_value("select 1")
    assert await reader.fetch_value("select pg_backend_pid()") != first
    assert await reader.fetch_value("select current_setting('app.company_id')") == str(company)
    assert await reader.fetch_value("select current_user") == "commerce_gateway"
