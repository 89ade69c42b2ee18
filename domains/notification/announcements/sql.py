"""SQL over announcements and those who asked for them; the company is always its first parameter."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.notification import data
from domains.notification.announcements.models import Announcement
from domains.notification.data import NotificationCategory

_DUE: Final = f"""
select {data.announcement.columns("a")} from announcements as a
where a.company_id = $1 and a.status in ('SCHEDULED', 'SENDING') and a.scheduled_at <= $2
order by a.scheduled_at, a.id limit 1 for update skip locked
"""
_ASKED: Final = "company_id = $1 and category = $2 and channel = 'EMAIL' and enabled"
_COUNT: Final = f"select count(*) from notification_preferences where {_ASKED}"
_NEXT: Final = f"""
select choice.id, choice.user_id,
       (select profile.language from notification_profiles as profile
        where profile.company_id = $1 and profile.user_id = choice.user_id) as language
from notification_preferences as choice
where {_ASKED} and ($3::uuid is null or choice.id > $3)
order by choice.id limit $4
"""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A user who asked for a category, by the choice that says so."""

    choice_id: UUID
    user_id: UUID
    language: str | None


async def due(tx: Tx) -> Announcement | None:
    """The announcement that is due first, locked, unless another transaction sends it. One statement."""
    row = await tx.fetch_row(_DUE, tx.company_id, tx.clock.now())
    return None if row is None else data.announcement.from_record(row)


async def count(db: Reader, category: NotificationCategory) -> int:
    """How many users asked for a category by e-mail. One statement."""
    number: int = await db.fetch_value(_COUNT, db.company_id, category)
    return number


async def after(
    db: Reader, category: NotificationCategory, choice_id: UUID | None, limit: int
) -> Sequence[Recipient]:
    """Those who asked for a category, in the order of their choices, after one of these. One statement."""
    rows = await db.fetch(_NEXT, db.company_id, category, choice_id, limit)
    return [Recipient(row["id"], row["user_id"], row["language"]) for row in rows]
