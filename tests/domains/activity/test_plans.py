"""Query plans of the activity log with the gateway's role: pages and recent views are read from indexes."""

from typing import Any
from uuid import UUID

import pytest

from domains.activity import sql
from domains.activity.models import ActivityAction, ActivityFilter
from domains.activity.service import ActivityService
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Tx
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from gateway.infra.memory import MemoryCache
from tests.domains.actors import make_user

FILL = """
insert into activity_logs (id, company_id, user_id, action, resource, product_id, metadata, timestamp)
select gen_random_uuid(), $1, $2, case when n % 3 = 0 then 'PRODUCT_VIEW' else 'PAGE_VIEW' end::activity_action,
       '/p' || n % 50, case when n % 3 = 0 then $3::uuid end, '{}', now() - make_interval(secs => n)
from generate_series(1, 4000) as n
"""


@pytest.fixture
async def user(owner: Any, company: UUID, other_company: UUID) -> UUID:
    users = [await make_user(owner) for _ in range(2)]
    for company_id in (company, other_company):
        for each in users:
            await owner.execute(FILL, company_id, each, new_id())
    await owner.execute("analyze activity_logs")
    return users[0]


async def plan_of(tx: Tx, statement: str, *args: Any) -> str:
    return "\n".join(row[0] for row in await tx.fetch(f"explain {statement}", *args))


async def test_recent_views_are_read_in_order_from_an_index(database: Database, company: UUID, user: UUID) -> None:
    async with database.transaction(Actor.system(company)) as tx:
        plan = await plan_of(tx, sql.LAST_VIEWED, company, user, sql.READ_ACTIVITIES, 20)
    assert "Index Scan Backward using activity_logs_company_id_user_id_timestamp_id_idx" in plan
    assert "Seq Scan" not in plan


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (ActivityFilter(), "activity_logs_company_id_timestamp_id_idx"),
        (ActivityFilter(action=ActivityAction.PRODUCT_VIEW), "activity_logs_company_id_timestamp_id_idx"),
        ("the user", "activity_logs_company_id_user_id_timestamp_id_idx"),
        (ActivityFilter(resource="/p7"), "activity_logs_company_id_resource_timestamp_id_idx"),
    ],
)
async def test_a_page_of_the_activity_log_is_read_in_order_from_an_index(
    database: Database, company: UUID, user: UUID, clock: FixedClock, wanted: Any, index: str
) -> None:
    activity = ActivityService(MemoryCache(clock), clock)
    chosen = ActivityFilter(user_id=user) if wanted == "the user" else wanted
    async with database.transaction(Actor.system(company)) as tx:
        first = await activity.find_activities(tx, PageArgs(first=20), filters=chosen)
        with counting() as count:
            await activity.find_activities(tx, PageArgs(first=20, after=first.cursors[-1]), filters=chosen)
        (statement,) = count.texts
        last = first.items[-1]
        values: list[Any] = [company, *(value for value in (chosen.user_id, chosen.action, chosen.resource) if value)]
        plan = await plan_of(tx, statement, *values, last.timestamp, last.id)
    assert f"Index Scan Backward using {index}" in plan
    assert "Sort" not in plan
    assert "Seq Scan" not in plan
