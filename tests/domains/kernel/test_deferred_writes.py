"""Writes deferred to the end of a transaction: written last, once, with the events, and rolled back with it."""

from contextlib import suppress
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Tx
from domains.kernel.errors import DomainError
from domains.kernel.events import Event
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.prisma.statements import Sql, combined
from tests.domains.kernel.test_database import NAME, RENAME, Counted, Refused, Renamed, events


def later(name: str, company: UUID) -> Sql:
    return Sql("update companies set name = {} where id = {}", (name, company))


async def test_deferred_rows_and_events_are_written_last_by_one_statement(
    database: Database, owner: Any, actor: Actor, company: UUID
) -> None:
    with counting() as counts:
        async with database.transaction(actor) as tx:
            tx.defer(later("last", company))
            tx.emit(Renamed(company_id=company, name="last"))
            await tx.execute(RENAME, "first", company)
    assert (counts.data, await owner.fetchval(NAME, company)) == (2, "last")
    assert await events(owner, company) == ["last"]


async def test_a_flush_writes_deferred_rows_once(database: Database, owner: Any, actor: Actor, company: UUID) -> None:
    with counting() as counts:
        async with database.transaction(actor) as tx:
            for name in ("one", "two"):
                tx.defer(later(name, company))
                tx.emit(Renamed(company_id=company, name=name))
                await tx.flush()
                assert await tx.fetch_value(NAME, company) == name
            await tx.flush()
    assert counts.data == 4
    assert await events(owner, company) == ["one", "two"]


@pytest.mark.parametrize("error", [Refused, Counted])
async def test_deferred_rows_are_committed_or_rolled_back_with_the_transaction(
    database: Database, owner: Any, actor: Actor, company: UUID, error: type[DomainError]
) -> None:
    async def work(tx: Tx) -> None:
        tx.defer(later("deferred", company))
        raise error("no")

    before = await owner.fetchval(NAME, company)
    with pytest.raises(error):
        await database.run(work, actor)
    assert await owner.fetchval(NAME, company) == ("deferred" if error.commits else before)


async def test_a_rolled_back_savepoint_keeps_rows_deferred_before_it(
    database: Database, owner: Any, actor: Actor, company: UUID
) -> None:
    async with database.transaction(actor) as tx:
        tx.defer(later("before", company))
        tx.emit(Renamed(company_id=company, name="before"))
        with suppress(Refused):
            async with tx.savepoint():
                await tx.flush()
                tx.defer(later("within", company))
                raise Refused("no")
    assert await owner.fetchval(NAME, company) == "before"
    assert await events(owner, company) == ["before"]


async def test_an_invalid_deferred_row_rolls_back_the_transaction(
    database: Database, owner: Any, actor: Actor, company: UUID
) -> None:
    async def work(tx: Tx) -> None:
        await tx.execute(RENAME, "written", company)
        tx.defer(Sql("update companies set name = null where id = {}", (company,)))

    before = await owner.fetchval(NAME, company)
    with pytest.raises(asyncpg.NotNullViolationError):
        await database.run(work, actor)
    assert await owner.fetchval(NAME, company) == before


async def test_deferring_and_emitting_require_a_transaction(database: Database, actor: Actor, company: UUID) -> None:
    async def defers(tx: Tx) -> None:
        tx.defer(later("never", company))

    async def emits(tx: Tx) -> None:
        tx.emit(Renamed(company_id=company, name="never"))

    for work in (defers, emits):
        with pytest.raises(RuntimeError, match="needs a transaction"):
            await database.run_statement(work, actor)


async def test_a_single_statement_writes_its_events_alongside(
    pool: Any, clock: FixedClock, actor: Actor, company: UUID, owner: Any
) -> None:
    heard: list[Event] = []
    database = Database(pool, clock, on_events=lambda _company, events: heard.extend(events))
    event = Renamed(company_id=company, name="alone")

    async def work(tx: Tx) -> None:
        tx.emit(event)
        args: list[Any] = []
        sql = combined([tx.insertion_of_events(), later("alone", company)], args)
        await tx.execute(sql, *args)

    with counting() as statements:
        await database.run_statement(work, actor)
    assert (statements.data, statements.control, heard) == (1, 0, [event])
    assert await owner.fetchval(NAME, company) == "alone"
    stored = "select count(*) from outbox_events where company_id = $1 and topic = $2"
    assert await owner.fetchval(stored, company, Renamed.topic) == 1
