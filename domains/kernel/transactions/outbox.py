"""The outbox: events are rows of the transaction that caused them, so they commit and roll back with it.

The times of their creation are the database server's, by which relays of several machines measure how long an event
has waited. The time at which an event without a handler is published is the process's: it is deleted by it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, TypeAlias
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.events import Event
from domains.kernel.ids import new_id
from domains.kernel.monitoring import traces
from domains.kernel.prisma.changes import Insertion
from domains.kernel.prisma.columns import Column

IsRelayed: TypeAlias = Callable[[Event], bool]
"""Whether a relay has to deliver an event; others are stored as published."""
TABLE: Final = "outbox_events"
COLUMNS: Final = (
    Column("id", "uuid"),
    Column("company_id", "uuid"),
    Column("topic", "text"),
    Column("version", "integer"),
    Column("aggregate_id", "uuid"),
    Column("payload", "jsonb"),
    Column("actor_kind", "text"),
    Column("actor_id", "uuid"),
    Column("traceparent", "text"),
    Column("published_at", "timestamptz"),
)


def is_always_relayed(_event: Event) -> bool:
    """Whether an event is relayed: always."""
    return True


def insertion(
    events: Sequence[Event], company_id: UUID | None, actor: Actor, published: Sequence[datetime | None]
) -> Insertion:
    """The insertion of these events, in their order and in the current trace; it has no rows when there are none.

    `published` has the time for each event that no relay needs to deliver.
    """
    traceparent = traces.traceparent() if events else None
    rows = [
        (
            new_id(),
            company_id,
            event.topic,
            event.version,
            event.aggregate_id,
            event.payload(),
            actor.kind.value,
            actor.user_id,
            traceparent,
            published_at,
        )
        for event, published_at in zip(events, published, strict=True)
    ]
    return Insertion(TABLE, COLUMNS, rows)
