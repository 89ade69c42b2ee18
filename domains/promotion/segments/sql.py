"""SQL of customer segments; the company is always its first parameter."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from domains.account.fragments import PAID_ORDERS
from domains.kernel.database import Reader, Tx
from domains.kernel.ids import new_id
from domains.promotion.segments.conditions import Segment, parsed

# The last number separates this key from those of other advisory locks.
LOCK: Final = "select pg_advisory_xact_lock(hashtextextended($1::uuid::text, 8))"
USED_BY: Final = """
select name from promotions where company_id = $1 and segment_id = $2
union all
select name from coupons where company_id = $1 and segment_id = $2
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
# The conditions of the segment of a row, and of the segments that they lead to, by id; null for everyone.
_CONDITIONS: Final = """
case when {row}.segment_id is not null then (
  with recursive named as (
    select s.id, s.conditions from customer_segments s where s.company_id = $1 and s.id = {row}.segment_id
    union
    select s.id, s.conditions from named
    cross join lateral jsonb_path_query(named.conditions, 'strict $.**.in_segment') as inner_id
    join customer_segments s on s.company_id = $1 and s.id = (inner_id #>> '{}')::uuid
  )
  select jsonb_object_agg(id, conditions) from named) end as segments
"""
FIND: Final = f"select {_CONDITIONS.replace('{row}', 'named_row')} from (select $2::uuid as segment_id) as named_row"
_OF_BUYER: Final = f"from {PAID_ORDERS} b where b.company_id = $1 and (b.user_id = $4 or b.mailbox = $5)"
PAID: Final = f"(select count(*) {_OF_BUYER})"
UNCONFIRMED: Final = f"""(select count(*) from {PAID_ORDERS} b where b.company_id = $1
  and b.mailbox = $5 and not b.email_confirmed and (b.user_id is null or b.user_id is distinct from $4))"""
HISTORY: Final = {
    "paid_orders": PAID,
    "unconfirmed_orders": UNCONFIRMED,
    "first_paid_at": f"(select min(b.paid_at) {_OF_BUYER})",
    "last_paid_at": f"(select max(b.paid_at) {_OF_BUYER})",
    "lists": "array(select m.segment_id from customer_segment_members m where m.company_id = $1 and m.user_id = $4)",
}


def conditions_of(row: str) -> str:
    """The column `segments` of promotions or coupons with this alias, for `segment_of`."""
    return _CONDITIONS.replace("{row}", row)


def history_of(row: str) -> str:
    """The columns `Buyer` has of the account $4 and the confirmed mailbox $5; null in rows without a segment."""
    columns = (f"case when {row}.segment_id is not null then {sql} end as {name}" for name, sql in HISTORY.items())
    return ",\n  ".join(columns)


def segment_of(segment_id: UUID | None, conditions: Mapping[str, Any] | None) -> Segment | None:
    """The segment of a row of `conditions_of`."""
    if segment_id is None:
        return None
    return Segment(segment_id, {UUID(each): parsed(tree) for each, tree in (conditions or {}).items()})


def history(values: Sequence[Any]) -> dict[str, Any]:
    """The fields of `Buyer` in a row of `history_of`, by name."""
    found = dict(zip(HISTORY, values, strict=True))
    return {**found, "lists": frozenset(found["lists"])}


async def find(db: Reader, segment_id: UUID) -> Segment | None:
    """A segment with the conditions of those that it leads to; None for an unknown one. One statement."""
    conditions = await db.fetch_value(FIND, db.company_id, segment_id)
    return segment_of(segment_id, conditions) if conditions else None


async def lock(tx: Tx) -> None:
    """Lock the segments of the company until the transaction ends; readers do not wait."""
    await tx.execute(LOCK, tx.company_id)


async def used_by(db: Reader, segment_id: UUID) -> list[str]:
    """The names of the promotions, coupons and segments that name a segment."""
    return [row["name"] for row in await db.fetch(USED_BY, db.company_id, segment_id)]


async def add_members(tx: Tx, segment_id: UUID, user_ids: Collection[UUID]) -> list[UUID]:
    """Put users on the list of a segment; returns those who were not on it."""
    ids, now = [new_id() for _ in user_ids], tx.clock.now()
    rows = await tx.fetch(ADD_MEMBERS, tx.company_id, segment_id, ids, sorted(user_ids), now)
    return [row["user_id"] for row in rows]
