"""SQL of the activity domain that the generated verbs cannot express."""

from datetime import datetime
from typing import Final
from uuid import UUID

from domains.kernel.database import Reader, Tx

READ_ACTIVITIES: Final = 2_000
LAST_VIEWED: Final = """
select product_id
from (
    select product_id, timestamp
    from activity_logs
    where company_id = $1 and user_id = $2
    order by timestamp desc
    limit $3
) as latest
where product_id is not null
group by product_id
order by max(timestamp) desc, product_id
limit $4
"""
DELETE_BEFORE: Final = """
delete from activity_logs
where company_id = $1 and id = any(array(
    select id from activity_logs where company_id = $1 and timestamp < $2 order by timestamp, id limit $3
))
"""


async def last_viewed(db: Reader, user_id: UUID, take: int) -> list[UUID]:
    """The ids of the products among a user's latest activities, each once, the last viewed first."""
    rows = await db.fetch(LAST_VIEWED, db.company_id, user_id, READ_ACTIVITIES, take)
    return [row[0] for row in rows]


async def delete_before(tx: Tx, moment: datetime, limit: int) -> int:
    """Delete at most `limit` of the oldest activities from before a time; how many were deleted."""
    return await tx.execute(DELETE_BEFORE, tx.company_id, moment, limit)
