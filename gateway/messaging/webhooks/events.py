"""From events to deliveries: what was committed becomes a delivery for each endpoint that listens."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import asyncpg

from domains.webhook.endpoints import TRYING
from domains.webhook.topics import ALL, OFFERED, PERSONAL
from gateway.messaging.committed_events import bounds

IDLE: Final = timedelta(minutes=1)
"""Without an active endpoint, the position moves on this often, so that the first one does not read old events."""
MARGIN: Final = timedelta(hours=1)
EVERYTHING: Final = "1:1:"
"""A snapshot of a new database, which shows no transaction."""
LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)
_POSITION: Final = """
select snapshot, advanced_at, pg_current_snapshot()::text as present from webhook_positions
where advanced_at < $1 or exists (select from webhook_endpoints where is_active)
for update skip locked
"""
# As in `committed_events`: sequences are not in the order of commits, so that a snapshot says what is new. The
# statement sees what its own snapshot shows, and stores that one. A delivery has the same id in whatever process
# creates it, and exists once.
_DELIVER: Final = """
with moved as (
    update webhook_positions set snapshot = pg_current_snapshot()::text, advanced_at = $2
)
insert into webhook_deliveries (id, company_id, endpoint_id, event_id, topic, version, aggregate_id, sequence,
                                payload, occurred_at, next_attempt_at, expires_at, created_at)
select md5(endpoint.id::text || event.id::text)::uuid, event.company_id, endpoint.id, event.id, event.topic,
       event.version, event.aggregate_id, event.sequence,
       case when event.version = ($5::jsonb ->> event.topic)::int
            then event.payload - array(select jsonb_array_elements_text($6::jsonb -> event.topic))
            else '{}' end,
       event.created_at, $2, $3, $2
from outbox_events as event
join webhook_endpoints as endpoint
    on endpoint.company_id = event.company_id and endpoint.is_active
       and event.created_at >= endpoint.listening_since
       and (event.topic = any(endpoint.topics) or endpoint.topics = $8)
where event.transaction_id >= pg_snapshot_xmin($1::text::pg_snapshot)
  and not pg_visible_in_snapshot(event.transaction_id, $1::text::pg_snapshot)
  and ($9 or event.transaction_id < pg_snapshot_xmax(pg_current_snapshot()))
  and event.created_at >= $4 and event.topic = any($7)
order by event.sequence
on conflict (company_id, endpoint_id, event_id) do nothing
"""
_VERSIONS: Final = {topic: event.version for topic, event in OFFERED.items()}


async def deliver_committed(pool: "asyncpg.Pool[asyncpg.Record]", now: datetime) -> int:
    """Create the deliveries of the events that were committed since the last time; how many.

    One process at a time does it, in one transaction with the new position: no event is missed, and none is delivered
    twice, wherever a process dies. In a database that was restored on another server, positions mean nothing; there,
    the events since shortly before the last time count.
    """
    async with pool.acquire() as connection, connection.transaction():
        position = await connection.fetchrow(_POSITION, now - IDLE)
        if position is None:
            return 0
        is_restored = bounds(position["present"]) < bounds(position["snapshot"])
        snapshot = EVERYTHING if is_restored else position["snapshot"]
        since = position["advanced_at"] - MARGIN if is_restored else LONG_AGO
        offered: list[Any] = [_VERSIONS, PERSONAL, list(OFFERED), [ALL]]
        times = (now, now + TRYING, since)
        status: str = await connection.execute(_DELIVER, snapshot, *times, *offered, is_restored)
        return int(status.rpartition(" ")[2])
