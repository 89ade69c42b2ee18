"""The queue of notifications: rows of all companies, claimed by the processes that send them, most urgent apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from domains.notification.models import NotificationPriority

LEASE: Final = timedelta(minutes=5)  # longer than a delivery may take; after it another process tries
UNKNOWN: Final = "unknown"  # the key of a notification that no key has decrypted; it is tried with others later
# A notification that is being sent is leased by the time of its next attempt; `attempts` tells whose lease it is. The
# planner has no statistics of a burst. It takes `coalesce` to be true of half of the rows, and a comparison of so few
# that it would read and sort all. With `priority` in the order, the index gives the first without a sort.
_CLAIM: Final = """
update queued_notifications set attempts = attempts + 1, next_attempt_at = $3
where notification_id = (
    select notification_id from queued_notifications
    where priority = $1::text::notification_priority and next_attempt_at <= $2
      and coalesce(key_id = any($4::text[]), true)
    order by priority, next_attempt_at limit 1 for update skip locked)
returning notification_id, company_id, attempts, due_at, traceparent
"""
_REMOVE: Final = "delete from queued_notifications where notification_id = $1"
_DEFER: Final = "update queued_notifications set next_attempt_at = $3 where notification_id = $1 and attempts = $2"
_POSTPONE: Final = """
update queued_notifications set next_attempt_at = $3, due_at = $3, attempts = attempts - 1
where notification_id = $1 and attempts = $2
"""
_SET_ASIDE: Final = """
update queued_notifications set next_attempt_at = $3, key_id = $4, attempts = least(attempts - 1, 1)
where notification_id = $1 and attempts = $2
"""
_WAITING: Final = """
select priority, key_id, count(*) as number, min(due_at) as oldest
from queued_notifications where due_at <= $1 group by priority, key_id
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A notification that this process may send until the lease ends; `attempts` counts this attempt too."""

    notification_id: UUID
    company_id: UUID
    attempts: int
    due_at: datetime
    traceparent: str | None


@dataclass(frozen=True, slots=True)
class Lane:
    """The notifications of a priority that are due: how many, and since when the oldest is."""

    number: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """The notifications that are due, by priority, apart from the `unreadable` ones, which no key decrypts.

    `under_older_keys` may need another key than the first; `missing_keys` are the ids of those that are not there.
    """

    lanes: Mapping[NotificationPriority, Lane]
    under_older_keys: int
    unreadable: int
    missing_keys: Sequence[str]

    @property
    def readable(self) -> int:
        """How many are due in all lanes."""
        return sum(lane.number for lane in self.lanes.values())

    @property
    def oldest(self) -> datetime | None:
        """Since when the oldest of all lanes is due."""
        return min((lane.oldest for lane in self.lanes.values() if lane.oldest is not None), default=None)


async def waiting(source: Any, key_ids: Sequence[str], now: datetime) -> Waiting:
    """What waits and is due, read from a connection or a pool of the relay, for processes with these keys."""
    keys = await source.fetch(_WAITING, now)
    readable = [key for key in keys if key["key_id"] in {None, *key_ids}]
    return Waiting(
        lanes={each: _lane([key for key in readable if key["priority"] == each]) for each in NotificationPriority},
        under_older_keys=sum(key["number"] for key in readable if key["key_id"] not in key_ids[:1]),
        unreadable=sum(key["number"] for key in keys if key not in readable),
        missing_keys=sorted({key["key_id"] for key in keys if key not in readable}),
    )


def _lane(keys: Sequence[Any]) -> Lane:
    return Lane(sum(key["number"] for key in keys), min((key["oldest"] for key in keys), default=None))


async def claim(source: Any, priority: NotificationPriority, key_ids: Sequence[str], now: datetime) -> Claimed | None:
    """The notification of a priority that has been due longest, or None. `source` is the relay's, as below."""
    row = await source.fetchrow(_CLAIM, priority, now, now + LEASE, [*key_ids, UNKNOWN])
    return None if row is None else Claimed(**row)


async def remove(source: Any, claimed: Claimed) -> None:
    """Take a notification that has ended out of the queue."""
    await source.execute(_REMOVE, claimed.notification_id)


async def defer(source: Any, claimed: Claimed, until: datetime) -> None:
    """Let a notification wait, unless another process has claimed it meanwhile."""
    await source.execute(_DEFER, claimed.notification_id, claimed.attempts, until)


async def postpone(source: Any, claimed: Claimed, until: datetime) -> None:
    """Let a notification keep its place until its recipient wants it; the attempt does not count."""
    await source.execute(_POSTPONE, claimed.notification_id, claimed.attempts, until)


async def set_aside(source: Any, claimed: Claimed, until: datetime) -> None:
    """Let a notification that no key decrypts wait. Of its attempts only whether there was one before stays known."""
    await source.execute(_SET_ASIDE, claimed.notification_id, claimed.attempts, until, UNKNOWN)
