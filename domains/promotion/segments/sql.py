"""SQL of customer segments; the company is always its first parameter."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.ids import new_id

# The last number separates this key from those of other advisory locks.
LOCK: Final = "select pg_advisory_xact_lock(hashtextextended($1::uuid::text, 8))"
USED_BY: Final = """
select name from promotions where company_id = $1 and segment_id = $2
union all
select name from customer_segments where company_id = $1
  and jsonb_path_exists(conditions, '$.**.in_segment ? (@ == $id)', jsonb_build_object('id', $2::uuid::text))
order by 1
"""
ADD_MEMBERS: Final = """
insert into customer_segment_members (id, company_id, segment_id, user_id, created_at)
select new.id, $1, $2, new.user_id, $5 from unnest($3::uuid[], $4::uuid[]) as new (id, user_id)
on conflict (company_id, segment_id, user_id) do nothing
returning user_id
"""


async def lock(tx: Tx) -> None:
    """Lock the segments of the company until the transaction ends; readers do not wait."""
    await tx.execute(LOCK, tx.company_id)


async def used_by(db: Reader, segment_id: UUID) -> list[str]:
    """The names of the promotions and segments that name a segment."""
    return [row["name"] for row in await db.fetch(USED_BY, db.company_id, segment_id)]


async def add_members(tx: Tx, segment_id: UUID, user_ids: Collection[UUID]) -> list[UUID]:
    """Put users on the list of a segment; returns those who were not on it."""
    ids, now = [new_id() for _ in user_ids], tx.clock.now()
    rows = await tx.fetch(ADD_MEMBERS, tx.company_id, segment_id, ids, sorted(user_ids), now)
    return [row["user_id"] for row in rows]
