"""SQL over e-mails that wait for a digest; the company is always its first parameter."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.notification.preferences.choices import Refusal

# Those of one recipient are together. The last recipient of a full batch may have more: they wait for the next batch.
_DUE: Final = """
with due as (
    select id, recipient, user_id, digest_at from notifications
    where company_id = $1 and digest_at <= $2
    order by recipient, user_id, id limit $3 for update skip locked
), last as (
    select recipient, user_id from due order by recipient desc, user_id desc nulls first limit 1
)
select due.id from due cross join last
where (select count(*) from due) < $3
   or (due.recipient, due.user_id) is distinct from (last.recipient, last.user_id)
   or not exists (select from due as other
                  where (other.recipient, other.user_id) is distinct from (last.recipient, last.user_id))
"""
_ITEMS: Final = "select id from notifications where company_id = $1 and digest_id = $2 and status = 'PENDING'"
_REFUSE: Final = """
with given as (
    select * from unnest($2::uuid[], $3::text[]) as given (id, reason)
), finished as (
    update notifications
    set status = 'FAILED', failure_reason = reason, content = null, digest_at = null, updated_at = $4
    from given
    where company_id = $1 and notifications.id = given.id and status = 'PENDING'
    returning notifications.id, reason
), logged as (
    insert into notification_logs (id, company_id, notification_id, status, provider, error, created_at)
    select gen_random_uuid(), $1, id, 'FAILED', 'none', reason, $4 from finished
)
select id from finished
"""
_POSTPONE: Final = """
update notifications set digest_at = given.until, updated_at = $4
from unnest($2::uuid[], $3::timestamptz[]) as given (id, until)
where company_id = $1 and notifications.id = given.id and digest_at is not null
"""
_RELEASE: Final = """
with released as (
    update notifications set digest_at = null, content = given.content, updated_at = $4
    from unnest($2::uuid[], $3::text[]) as given (id, content)
    where company_id = $1 and notifications.id = given.id and digest_at is not null
    returning notifications.id, priority
)
insert into queued_notifications (notification_id, company_id, priority, key_id, next_attempt_at, traceparent, due_at)
select id, $1, priority, $5, $4, $6, $4 from released
"""
_ASSIGN: Final = """
update notifications as item set digest_id = digest.id, digest_at = null, updated_at = $4
from unnest($2::uuid[], $3::text[]) as given (id, dedupe_key)
join notifications as digest on digest.company_id = $1 and digest.dedupe_key = given.dedupe_key
where item.company_id = $1 and item.id = given.id and item.digest_at is not null
"""


async def due(tx: Tx, limit: int) -> list[UUID]:
    """Lock e-mails that are due for a digest, and return their ids, those of a recipient together."""
    return [row["id"] for row in await tx.fetch(_DUE, tx.company_id, tx.clock.now(), limit)]


async def items(db: Reader, digest_id: UUID) -> list[UUID]:
    """The pending items of a digest."""
    return [row["id"] for row in await db.fetch(_ITEMS, db.company_id, digest_id)]


async def refuse(tx: Tx, refused: Sequence[tuple[UUID, Refusal]]) -> set[UUID]:
    """End and log notifications that are not wanted, and return the ids of those that were pending."""
    ids, reasons = zip(*refused, strict=True)
    return {row["id"] for row in await tx.fetch(_REFUSE, tx.company_id, list(ids), list(reasons), tx.clock.now())}


async def postpone(tx: Tx, postponed: Sequence[tuple[UUID, datetime]]) -> None:
    """Let e-mails wait for a digest until a time."""
    ids, until = zip(*postponed, strict=True)
    await tx.execute(_POSTPONE, tx.company_id, list(ids), list(until), tx.clock.now())


async def release(tx: Tx, contents: Mapping[UUID, str], key_id: str, traceparent: str | None) -> None:
    """Give e-mails a place in the queue of their own, with their contents under the key of this id."""
    values = (list(contents), list(contents.values()), tx.clock.now(), key_id, traceparent)
    await tx.execute(_RELEASE, tx.company_id, *values)


async def assign(tx: Tx, keys: Sequence[tuple[UUID, str]]) -> None:
    """Make e-mails the items of digests, which are named by their key."""
    ids, dedupe_keys = zip(*keys, strict=True)
    await tx.execute(_ASSIGN, tx.company_id, list(ids), list(dedupe_keys), tx.clock.now())
