"""One transaction of the platform in several companies: row-level security, events, callbacks, rollback."""

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.clock import SystemClock
from domains.kernel.database import Database, Tx
from domains.kernel.events import Event
from domains.kernel.prisma.statements import Sql
from gateway.infra.postgres import open_pool
from tests.domains.kernel.test_database import Renamed

PLATFORM = Actor.system(UUID(int=0))
SEEN = "select array_agg(company_id) from order_settings"
COMPANY = "select current_setting('app.company_id', true)"


@pytest.fixture
async def lone(admin_url: str) -> AsyncIterator[Database]:
    """A database on one connection."""
    pool = await open_pool(admin_url, size=1)
    yield Database(pool, SystemClock())
    await pool.close()


async def test_each_block_sees_the_rows_of_its_company(lone: Database, company: UUID, other_company: UUID) -> None:
    async def work(tx: Tx) -> list[Any]:
        seen = []
        for each in (company, other_company):
            async with tx.in_company(each) as inner:
                assert inner.actor.company_id == inner.company_id == each
                seen.append(await inner.fetch_value(SEEN))
        return [*seen, await tx.fetch_value(COMPANY)]

    assert await lone.run(work, PLATFORM, platform=True) == [[company], [other_company], ""]


async def test_the_connection_is_in_its_own_company_after_commit_and_rollback(
    lone: Database, company: UUID, other_company: UUID
) -> None:
    async def work(tx: Tx) -> None:
        async with tx.in_company(company):
            raise LookupError

    async def fine(tx: Tx) -> None:
        async with tx.in_company(company):
            pass

    for run in (work, fine):
        with suppress(LookupError):
            await lone.run(run, PLATFORM, platform=True)
        assert await lone.reader(None).fetch_value(COMPANY) == ""
        assert await lone.reader(other_company).fetch_value(SEEN) == [other_company]


async def test_events_belong_to_the_company_of_their_block(
    pool: Any, owner: Any, company: UUID, other_company: UUID
) -> None:
    heard: list[tuple[UUID | None, UUID]] = []
    called: list[str] = []

    def hear(company_id: UUID | None, events: Sequence[Event]) -> None:
        heard.extend((company_id, event.aggregate_id) for event in events)

    database = Database(pool, SystemClock(), hear)

    async def work(tx: Tx) -> None:
        tx.emit(Renamed(company_id=company, name="before"))
        for each in (company, other_company):
            async with tx.in_company(each) as inner:
                inner.emit(Renamed(company_id=each, name="inside"))
                inner.on_commit(lambda: called.append("committed"))
                inner.defer(Sql("update companies set name = {} where id = {}", ("deferred", each)))
        tx.emit(Renamed(company_id=other_company, name="after"))

    await database.run(work, PLATFORM, platform=True)
    rows = await owner.fetch(
        "select company_id, payload ->> 'name' as name from outbox_events where aggregate_id = any($1) "
        "order by sequence",
        [company, other_company],
    )
    assert [tuple(row) for row in rows] == [
        (company, "inside"),
        (other_company, "inside"),
        (None, "before"),
        (None, "after"),
    ]
    assert heard == [
        (company, company),
        (other_company, other_company),
        (None, company),
        (None, other_company),
    ]
    assert called == ["committed", "committed"]
    assert await owner.fetchval("select name from companies where id = $1", other_company) == "deferred"


async def test_an_error_in_a_block_undoes_what_was_done_in_the_others(
    lone: Database, owner: Any, company: UUID, other_company: UUID
) -> None:
    async def work(tx: Tx) -> None:
        async with tx.in_company(company) as inner:
            await inner.execute("update companies set name = 'Changed' where id = $1", company)
        async with tx.in_company(other_company):
            raise LookupError

    with pytest.raises(LookupError):
        await lone.run(work, PLATFORM, platform=True)
    assert await owner.fetchval("select name from companies where id = $1", company) == "A shop"


async def test_a_company_set_inside_a_transaction_that_the_pool_rolls_back_is_set_again(
    admin_url: str, company: UUID, other_company: UUID
) -> None:
    pool: Any = await open_pool(admin_url, size=1)
    database = Database(pool, SystemClock())
    assert await database.reader(company).fetch_value(COMPANY) == str(company)
    session = await pool.acquire()
    await session.execute("begin")
    await session.use_company(other_company)
    await pool.release(session)
    assert await database.reader(other_company).fetch_value(COMPANY) == str(other_company)
    assert await database.reader(other_company).fetch_value(SEEN) == [other_company]
    await pool.close()
