"""What a claim reads of a queue in which many notifications wait."""

from typing import Any

import orjson

from domains.kernel.actor import Actor
from domains.notification import queue
from domains.notification.models import NewNotification, NotificationKind, NotificationPriority
from domains.notification.notifications import Notifications
from tests.gateway.messaging.notifications.samples import Sending

MANY = 2_000
EXPLAIN = f"explain (analyze, format json) {queue._CLAIM}"


async def create_many(sending: Sending) -> None:
    new = [
        NewNotification(kind=NotificationKind.CART_CODE, dedupe_key=f"burst {each}", recipient=f"{each}@example.com")
        for each in range(MANY)
    ]
    async with sending.database.transaction(Actor.system(sending.company)) as tx:
        await Notifications(sending.outbound()).create(tx, new)


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(each for part in plan.get("Plans", ()) for each in nodes(part))]


async def test_a_claim_of_a_burst_reads_one_notification(sending: Sending, relay_pool: Any) -> None:
    """The planner knows nothing of the burst: there are no statistics of it."""
    await create_many(sending)
    now, keys = sending.clock.now(), sending.process().key_ids
    async with relay_pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        found = await connection.fetchval(
            EXPLAIN, NotificationPriority.CRITICAL, now, now + queue.LEASE, [*keys, queue.UNKNOWN]
        )
        await transaction.rollback()
    (explained,) = orjson.loads(found) if isinstance(found, str) else found
    read = nodes(explained["Plan"])
    assert "Sort" not in {each["Node Type"] for each in read}
    assert max(each["Actual Rows"] for each in read) == 1
