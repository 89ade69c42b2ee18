"""SQL of the activity domain that the generated verbs cannot express."""

from typing import Final
from uuid import UUID

from domains.kernel.database import Reader

LOOKED_AT: Final = 2_000
RECENTLY_VIEWED: Final = """
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


async def recently_viewed(db: Reader, user_id: UUID, take: int) -> list[UUID]:
    """The products among a user's latest activities, each once, the one viewed last first."""
    rows = await db.fetch(RECENTLY_VIEWED, db.company_id, user_id, LOOKED_AT, take)
    return [row[0] for row in rows]
