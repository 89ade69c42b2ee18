"""The outbox: events are rows of the transaction that caused them, so none is lost and none is invented."""

from collections.abc import Sequence
from typing import Any, Protocol
from uuid import UUID

import orjson

from domains.kernel.actor import Actor
from domains.kernel.events import Event
from domains.kernel.ids import new_id

INSERT = """
insert into outbox_events (id, company_id, topic, version, aggregate_id, payload, actor_kind, actor_id)
select id, $2, topic, version, aggregate_id, payload::jsonb, $7::text, $8
from unnest($1::uuid[], $3::text[], $4::int[], $5::uuid[], $6::text[])
     as event (id, topic, version, aggregate_id, payload)
"""


class Writer(Protocol):
    """What the outbox needs of a transaction."""

    actor: Actor
    company_id: UUID | None

    async def execute(self, sql: str, *args: Any) -> int:
        """Run one statement."""
        ...


async def write(tx: Writer, events: Sequence[Event]) -> None:
    """Write the events in their order, all in one statement; none at all when there are none."""
    if not events:
        return
    await tx.execute(
        INSERT,
        [new_id() for _ in events],
        tx.company_id,
        [event.topic for event in events],
        [event.version for event in events],
        [event.aggregate_id for event in events],
        [encode(event) for event in events],
        tx.actor.kind.value,
        tx.actor.user_id,
    )


def encode(event: Event) -> str:
    """The event's own fields as JSON; decimals and ids as strings."""
    return orjson.dumps(event.payload(), default=str).decode()
