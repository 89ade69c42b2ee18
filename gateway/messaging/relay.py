"""The outbox relay: delivers committed events to handlers or the broker, at least once and in order per aggregate."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import asyncpg
import structlog

from domains.kernel.events import Envelope
from domains.kernel.fail_points import reach
from domains.kernel.transactions.cleanup import clean_up, raise_if_cancelled
from gateway.infra.rabbitmq import BrokerUnavailable
from gateway.messaging.backoff import backoff
from gateway.messaging.delivery import Delivery, Failure
from gateway.messaging.failures import failure_text
from gateway.messaging.wake import Wake, wait_for_work
from gateway.monitoring.events import logged

log = structlog.get_logger("gateway.relay")
BATCH_SIZE: Final = 50
MAX_ATTEMPTS: Final = 10
MIN_PAUSE: Final = 1.0
MAX_PAUSE: Final = 256.0
POLL_SECONDS: Final = 2.0
MOST_UNSUBSCRIBED: Final = 1_000
GATHER_SECONDS: Final = 0.05  # events that are committed within this time are delivered in one batch

# Only the first pending event of each aggregate: the next one waits until this one is delivered, in every relay.
# A row that another relay has locked is skipped, and therefore all later events of its aggregate are too.
# The planner does not know a backlog that has just arisen. Without `offset 0` it joins all waiting events with each
# other.
CLAIM = """
select id, topic, version, company_id, aggregate_id, sequence, actor_kind, actor_id, created_at, payload,
  traceparent, attempts
from outbox_events as event
where published_at is null and dead_at is null and next_attempt_at <= now()
  and ($1::text[] is null or topic = any($1))
  and not exists (
    select from outbox_events as earlier
    where earlier.aggregate_id = event.aggregate_id and earlier.sequence < event.sequence
      and earlier.published_at is null and earlier.dead_at is null
      and ($1::text[] is null or earlier.topic = any($1))
    offset 0
  )
order by sequence limit $2
for update skip locked
"""
# The transaction of the claim is idle for as long as all its deliveries take. A plan that was kept from the time of
# an empty outbox would take seconds with a backlog.
BEGIN = "begin; set local idle_in_transaction_session_timeout = 0; set local plan_cache_mode = force_custom_plan"
PUBLISH_UNSUBSCRIBED = """
update outbox_events set published_at = now()
where id in (select id from outbox_events
             where published_at is null and dead_at is null and topic <> all($1)
             order by sequence limit $2 for update skip locked)
"""
PUBLISHED = "update outbox_events set published_at = clock_timestamp(), last_error = null where id = any($1)"
FAILED = """
update outbox_events
set attempts = attempts + 1, last_error = $2,
    next_attempt_at = clock_timestamp() + make_interval(secs => $3),
    dead_at = case when attempts + 1 >= $4 then clock_timestamp() end
where id = $1
"""


@dataclass(frozen=True, slots=True)
class BatchResult:
    """The number of events that were processed, and whether more may be delivered at once."""

    events: int
    has_more: bool


class Relay:
    """Delivers events of the outbox while the process runs; any number of relays may run concurrently.

    A commit of events sets `wake`, so that they are delivered at once. The claimed rows stay locked
    until their delivery is recorded, so that another relay continues when this one dies.
    """

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        delivery: Delivery,
        *,
        wake: Wake | None = None,
        batch: int = BATCH_SIZE,
    ) -> None:
        self._pool = pool
        self._delivery = delivery
        self._topics = None if delivery.topics is None else list(delivery.topics)
        self._batch = batch
        self._woken = asyncio.Event()
        if wake is not None:
            wake.add(self._woken)

    async def run(self) -> None:
        """Deliver events until cancelled: when it is woken, and every few seconds for other processes."""
        while True:
            self._woken.clear()
            await self._delivery.ready()
            try:
                while (await self._deliver_batch()).has_more:
                    pass
            except Exception:  # the events stay in their table, and the next batch retries them
                raise_if_cancelled()
                log.exception("the outbox cannot be read")
            if await wait_for_work(self._woken, POLL_SECONDS):
                await asyncio.sleep(GATHER_SECONDS)

    async def deliver_batch(self) -> int:
        """Process one batch and return the number of its events."""
        return (await self._deliver_batch()).events

    async def _deliver_batch(self) -> BatchResult:
        async with self._pool.acquire() as connection:
            unsubscribed = await self._publish_unsubscribed(connection)
            await connection.execute(BEGIN)
            try:
                rows = await connection.fetch(CLAIM, self._topics, self._batch)
                failures = await self._deliver_claimed(connection, rows) if rows else []
            except BaseException:
                await clean_up(connection, connection.execute, "rollback")
                raise
            await connection.execute("commit")
        is_refused = any(isinstance(failure, BrokerUnavailable) for failure in failures)
        has_more = bool(rows) or unsubscribed == MOST_UNSUBSCRIBED
        return BatchResult(unsubscribed + len(rows), has_more=has_more and not is_refused)

    async def _deliver_claimed(self, connection: Any, rows: Sequence[asyncpg.Record]) -> Sequence[Failure]:
        """Deliver the claimed events and record the results, which the caller commits."""
        reach("relay.claimed")
        failures = await self._delivery.deliver([_envelope(row) for row in rows])
        reach("relay.confirmed")
        await self._record(connection, rows, failures)
        reach("relay.recorded")
        return failures

    async def _publish_unsubscribed(self, connection: Any) -> int:
        if self._topics is None:
            return 0
        status: str = await connection.execute(PUBLISH_UNSUBSCRIBED, self._topics, MOST_UNSUBSCRIBED)
        return int(status.rpartition(" ")[2])

    async def _record(self, connection: Any, rows: Sequence[asyncpg.Record], failures: Sequence[Failure]) -> None:
        """Mark delivered events as published, and schedule failed ones for another attempt."""
        delivered = [row["id"] for row, failure in zip(rows, failures, strict=True) if failure is None]
        if delivered:
            await connection.execute(PUBLISHED, delivered)
        for row, failure in zip(rows, failures, strict=True):
            if isinstance(failure, BrokerUnavailable):
                with logged(_envelope(row)):
                    log.warning("event not published", error=str(failure))
            elif failure is not None:
                await _record_failure(connection, row, failure)


async def _record_failure(connection: Any, row: asyncpg.Record, failure: Exception) -> None:
    attempts: int = row["attempts"]
    pause = backoff(attempts, MIN_PAUSE, MAX_PAUSE)
    await connection.execute(FAILED, row["id"], failure_text(failure), pause, MAX_ATTEMPTS)
    with logged(_envelope(row)):
        log.error("event not handled", attempt=attempts + 1, exc_info=failure)


def _envelope(row: asyncpg.Record) -> Envelope:
    *fields, _ = row.values()
    return Envelope(*fields)
