"""A reader reads concurrently, but does not take all connections of the pool."""

import asyncio
from typing import Any
from uuid import UUID

from domains.kernel.clock import SystemClock
from domains.kernel.database import STATEMENTS_AT_ONCE, Database


async def test_a_reader_has_a_few_statements_at_once_and_others_have_theirs(pool: Any, company: UUID) -> None:
    database = Database(pool, SystemClock())
    one, other = database.reader(company), database.reader(company)
    sleeping = [asyncio.create_task(one.fetch_value("select pg_sleep(0.3)")) for _ in range(2 * STATEMENTS_AT_ONCE)]
    await asyncio.sleep(0.1)
    borrowed = pool.get_size() - pool.get_idle_size()
    assert await asyncio.wait_for(other.fetch_value("select 7"), 0.2) == 7
    assert (borrowed, any(task.done() for task in sleeping)) == (STATEMENTS_AT_ONCE, False)
    await asyncio.gather(*sleeping)
    assert pool.get_size() == pool.get_idle_size()
