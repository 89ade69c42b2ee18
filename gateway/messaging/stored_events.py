"""The stored events of the outbox: listing them, and publishing them again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Final
from uuid import UUID

MAX_LISTED: Final = 1000
LIST: Final = """
select event.id, event.topic, event.version, company.slug as company, event.created_at, event.published_at,
       event.dead_at, event.attempts, event.last_error
from outbox_events as event left join companies as company on company.id = event.company_id
where ($1::text is null or event.topic = $1)
  and ($2::text is null or company.slug = $2)
  and ($3::timestamptz is null or event.created_at >= $3)
  and case $4 when 'PENDING' then event.published_at is null and event.dead_at is null
              when 'PUBLISHED' then event.published_at is not null
              when 'DEAD' then event.dead_at is not null
              else true end
  and ($5::uuid is null or event.id = $5)
order by event.sequence desc limit $6
"""
# The events of one aggregate are published in their order again, as those of the outbox always are.
REPLAY: Final = """
update outbox_events set published_at = null, dead_at = null, attempts = 0, next_attempt_at = now(), last_error = null
where id = any($1::uuid[]) and (published_at is not null or dead_at is not null)
returning id
"""
REPLAY_DEAD: Final = """
update outbox_events set dead_at = null, attempts = 0, next_attempt_at = now(), last_error = null
where dead_at is not null returning id
"""


class EventState(Enum):
    """Where an event of the outbox stands."""

    PENDING = "PENDING"
    PUBLISHED = "PUBLISHED"
    DEAD = "DEAD"


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event of the outbox, without its payload, which may contain personal data."""

    id: UUID
    topic: str
    version: int
    company: str | None
    created_at: datetime
    published_at: datetime | None
    dead_at: datetime | None
    attempts: int
    last_error: str | None

    @property
    def state(self) -> EventState:
        """Where the event stands."""
        if self.dead_at is not None:
            return EventState.DEAD
        return EventState.PENDING if self.published_at is None else EventState.PUBLISHED


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Which events to list; None is every one."""

    topic: str | None = None
    company: str | None = None
    since: datetime | None = None
    state: EventState | None = None
    id: UUID | None = None


async def list_events(connection: Any, chosen: EventFilter, limit: int) -> Sequence[StoredEvent]:
    """The newest events that a filter selects, at most 1000."""
    state = chosen.state.value if chosen.state else None
    values = (chosen.topic, chosen.company, chosen.since, state, chosen.id, min(limit, MAX_LISTED))
    rows = await connection.fetch(LIST, *values)
    return [StoredEvent(*row.values()) for row in rows]


async def replay(connection: Any, ids: Sequence[UUID]) -> Sequence[UUID]:
    """Schedule published or dead events for publication; return the ids of those that exist.

    A handler that has handled an event is not called again: the inbox knows it.
    """
    return [row["id"] for row in await connection.fetch(REPLAY, list(ids))]


async def replay_dead(connection: Any) -> Sequence[UUID]:
    """Schedule every dead letter for new attempts; return their ids."""
    return [row["id"] for row in await connection.fetch(REPLAY_DEAD)]
