"""SQL of webhooks that the generated verbs cannot express; the company is always its first parameter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.ids import new_id
from domains.webhook import data
from domains.webhook.models import WebhookDelivery, WebhookDeliveryStatus, WebhookEndpoint

ATTEMPTS_KEPT: Final = 10
_LOCK: Final = "select pg_advisory_xact_lock(hashtextextended('webhook endpoints of ' || $1::uuid::text, 0))"
_LISTEN: Final = """
with listening as (
    update webhook_endpoints set listening_since = now() where company_id = $1 and id = $2 returning company_id, id)
insert into webhook_slots (company_id, endpoint_id, number, claimed_until, claimed_at)
select company_id, id, number, 'epoch', 'epoch' from listening cross join generate_series(1, 2) as number
on conflict do nothing
"""
_RECORD: Final = """
with recorded as (
    update webhook_deliveries
    set status = $4::text::webhook_delivery_status, next_attempt_at = $5, response_status = $6, duration_ms = $7,
        response = $8, error = $9, ended_at = case when $4 = 'PENDING' then null else $10::timestamptz end
    where company_id = $1 and id = $2 and attempts = $3 and status = 'PENDING'
    returning company_id, id, attempts
), forgotten as (
    delete from webhook_attempts where company_id = $1 and id in (
        select id from webhook_attempts where company_id = $1 and delivery_id = $2 order by id desc offset $12)
)
insert into webhook_attempts (id, company_id, delivery_id, number, response_status, duration_ms, response, error,
                              created_at)
select $11, company_id, id, attempts, $6, $7, $8, $9, $10 from recorded
"""
_END: Final = """
update webhook_deliveries set status = 'FAILED', error = $4, ended_at = $5
where company_id = $1 and id = $2 and attempts = $3 and status = 'PENDING'
"""
_REPLAY: Final = """
update webhook_deliveries
set status = 'PENDING', attempts = 0, next_attempt_at = $2, expires_at = $3, ended_at = null
where company_id = $1 and id in (
    select id from webhook_deliveries
    where company_id = $1 and endpoint_id = $4 and status = 'FAILED' and created_at >= $5
    order by created_at, id limit $6 for update skip locked)
"""
_DELETE_OLD: Final = """
delete from webhook_deliveries where company_id = $1 and id in (
    select id from webhook_deliveries where company_id = $1 and created_at < $2 and status <> 'PENDING' limit $3)
"""
_ATTEMPTS: Final = """
select {columns} from webhook_attempts where company_id = $1 and delivery_id = any($2) order by id desc
"""


async def lock_endpoints(tx: Tx) -> None:
    """Let changes of the number of endpoints of the company wait for each other, until the transaction ends."""
    await tx.execute(_LOCK, tx.company_id)


async def listen(tx: Tx, endpoint_id: UUID) -> None:
    """Let an endpoint get the events from now on, by the clock of the database, and have its slots."""
    await tx.execute(_LISTEN, tx.company_id, endpoint_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """How an attempt ended, and with what status and next attempt it leaves the delivery."""

    number: int
    status: WebhookDeliveryStatus
    next_attempt_at: datetime
    response_status: int | None
    duration_ms: int
    response: str | None
    error: str | None


async def record(tx: Tx, delivery: WebhookDelivery, attempt: Attempt) -> bool:
    """Record an attempt; whether no later one was begun. One statement."""
    count = await tx.execute(
        _RECORD,
        tx.company_id,
        delivery.id,
        attempt.number,
        attempt.status.value,
        attempt.next_attempt_at,
        attempt.response_status,
        attempt.duration_ms,
        attempt.response,
        attempt.error,
        tx.clock.now(),
        new_id(),
        ATTEMPTS_KEPT - 1,
    )
    return bool(count)


async def end(tx: Tx, delivery: WebhookDelivery, number: int, error: str) -> bool:
    """End a delivery for which no request was sent; whether no later attempt was begun."""
    return bool(await tx.execute(_END, tx.company_id, delivery.id, number, error, tx.clock.now()))


async def replay_failed(tx: Tx, endpoint_id: UUID, since: datetime, expires_at: datetime, limit: int) -> int:
    """Let failed deliveries of an endpoint be sent again, the oldest first; how many."""
    return await tx.execute(_REPLAY, tx.company_id, tx.clock.now(), expires_at, endpoint_id, since, limit)


async def delete_before(tx: Tx, before: datetime, limit: int) -> int:
    """Delete deliveries that ended; how many."""
    return await tx.execute(_DELETE_OLD, tx.company_id, before, limit)


async def attempts_of(db: Reader, delivery_ids: Sequence[UUID]) -> list[data.WebhookAttemptRow]:
    """The last attempts of deliveries, the newest first."""
    statement = _ATTEMPTS.format(columns=data.webhook_attempt.columns())
    rows = await db.fetch(statement, db.company_id, list(delivery_ids))
    return [data.webhook_attempt.from_record(row) for row in rows]


async def load(db: Reader, delivery_id: UUID) -> tuple[WebhookDelivery, WebhookEndpoint] | None:
    """A delivery with its endpoint. Two statements."""
    delivery = await data.webhook_delivery.find_unique(db, id=delivery_id)
    if delivery is None:
        return None
    endpoint = await data.webhook_endpoint.find_unique(db, id=delivery.endpoint_id)
    return None if endpoint is None else (delivery, endpoint)
