"""The relay after RabbitMQ or the workers were away: the work of a batch does not grow with the backlog."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from gateway.messaging.relay import BATCH_SIZE, BEGIN, CLAIM

BACKLOG = 6_000
EVENTS_OF_AN_AGGREGATE = 7
FILL = """
insert into outbox_events (id, topic, aggregate_id, payload, actor_kind, published_at)
select gen_random_uuid(), 'kettle.boiled', md5(($1 + number / $2)::text)::uuid, '{}', 'SYSTEM', $3::timestamptz
from generate_series(1, $4::int) as number
"""


@pytest.fixture(autouse=True)
async def empty_outbox(owner: Any) -> None:
    await owner.execute("truncate outbox_events, inbox_entries")


@pytest.mark.parametrize("published", [0, 20_000])
async def test_a_claim_reads_few_rows_of_a_backlog_that_the_planner_does_not_know(
    published: int, owner: Any, relay_pool: Any
) -> None:
    await owner.execute(FILL, 0, EVENTS_OF_AN_AGGREGATE, datetime.now(UTC), published)
    await owner.execute("analyze outbox_events")
    async with relay_pool.acquire() as connection:
        await connection.execute(f"prepare claim (text[], bigint) as {CLAIM}")
        for _ in range(10):  # after five executions a plan is kept
            await connection.execute("execute claim (null, 50)")
        await owner.execute(FILL, 1_000_000, EVENTS_OF_AN_AGGREGATE, None, BACKLOG)
        await connection.execute(BEGIN)
        plan = await connection.fetchval(f"explain (analyze, format json) execute claim (null, {BATCH_SIZE})")
        await connection.execute("rollback; deallocate claim")
    head = BATCH_SIZE * EVENTS_OF_AN_AGGREGATE  # the events among which a batch finds the first of each aggregate
    assert rows_of(orjson.loads(plan)[0]["Plan"]) < head**2


def rows_of(plan: dict[str, Any]) -> int:
    """The rows that a plan has read, returned or not."""
    return sum(
        round(
            (node["Actual Rows"] + sum(count for name, count in node.items() if name.startswith("Rows Removed")))
            * node["Actual Loops"]
        )
        for node in nodes_of(plan)
    )


def nodes_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", []):
        yield from nodes_of(part)
