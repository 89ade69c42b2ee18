"""The queue of deliveries: rows of all companies, claimed by the processes that send them, an endpoint at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from domains.webhook.models import WebhookDisabledReason

SECRET_UNREADABLE: Final = "SECRET_UNREADABLE"  # noqa: S105 - a code
LEASE: Final = timedelta(minutes=1)  # longer than an attempt may take; after it another process tries
# Of the endpoints with something due, the one whose slot has waited longest is next, so that an endpoint with many
# deliveries, or a slow one, keeps nobody waiting. Whose lease it is, `attempts` and the slot's `claimed_at` tell.
_CLAIM: Final = """
with slot as (
    select endpoint_id, number from webhook_slots as free
    where claimed_until <= $1 and exists (
        select from webhook_deliveries as due
        where due.endpoint_id = free.endpoint_id and due.status = 'PENDING' and due.next_attempt_at <= $1)
    order by claimed_at limit 1 for update skip locked
), delivery as (
    select id, number from webhook_deliveries join slot on slot.endpoint_id = webhook_deliveries.endpoint_id
    where status = 'PENDING' and next_attempt_at <= $1
    order by next_attempt_at, sequence limit 1 for update of webhook_deliveries skip locked
), claimed as (
    update webhook_deliveries set attempts = attempts + 1, next_attempt_at = $2
    from delivery where webhook_deliveries.id = delivery.id
    returning webhook_deliveries.id, company_id, endpoint_id, attempts, number
), taken as (
    update webhook_slots set claimed_until = $2, claimed_at = $1
    from claimed where webhook_slots.endpoint_id = claimed.endpoint_id and webhook_slots.number = claimed.number
)
select id as delivery_id, company_id, endpoint_id, attempts, number as slot, $1::timestamptz as claimed_at
from claimed
"""
_RELEASE: Final = """
update webhook_slots set claimed_until = $4 where endpoint_id = $1 and number = $2 and claimed_at = $3
"""
_DEFER: Final = """
update webhook_deliveries
set next_attempt_at = $3, error = $4,
    status = case when expires_at < $3 then 'FAILED'::webhook_delivery_status else status end,
    ended_at = case when expires_at < $3 then $5::timestamptz end
where id = $1 and attempts = $2 and status = 'PENDING'
"""
# The deliveries of an endpoint that fails wait because of the endpoint, and not because nothing is sent.
_WAITING: Final = """
select count(*) as due, min(next_attempt_at) filter (where failing_since is null) as oldest
from webhook_deliveries as delivery join webhook_endpoints as endpoint on endpoint.id = delivery.endpoint_id
where status = 'PENDING' and next_attempt_at <= $1
"""
_UNREADABLE: Final = (
    "select count(distinct endpoint_id) from webhook_deliveries where status = 'PENDING' and error = $1"
)
_DISABLED: Final = """
select disabled_reason, count(*) as number from webhook_endpoints where not is_active group by disabled_reason
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that this process may send until the lease ends, with its slot. `attempts` counts this one too."""

    delivery_id: UUID
    company_id: UUID
    endpoint_id: UUID
    attempts: int
    slot: int
    claimed_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """The deliveries that are due, and the number of disabled endpoints by reason.

    `oldest` is since when the oldest delivery is due of those to endpoints that do not fail.
    """

    due: int
    oldest: datetime | None
    disabled: Mapping[WebhookDisabledReason, int]


async def waiting(source: Any, now: datetime) -> Waiting:
    """What is due in all companies, and what is disabled. Two statements."""
    (due,) = await source.fetch(_WAITING, now)
    disabled = {row["disabled_reason"]: row["number"] for row in await source.fetch(_DISABLED)}
    return Waiting(**due, disabled={each: disabled.get(each.value, 0) for each in WebhookDisabledReason})


async def unreadable_endpoints(source: Any) -> int:
    """The number of endpoints for which something waits because no key decrypts their secrets. One statement."""
    number: int = await source.fetchval(_UNREADABLE, SECRET_UNREADABLE)
    return number


async def claim(source: Any, now: datetime) -> Claimed | None:
    """What is due at the endpoint that waits longest, or None. `source` is a connection or a pool of the relay."""
    row = await source.fetchrow(_CLAIM, now, now + LEASE)
    return None if row is None else Claimed(**row)


async def release(source: Any, claimed: Claimed, until: datetime) -> None:
    """Let a slot rest until a time, unless its lease has ended and another process has it."""
    await source.execute(_RELEASE, claimed.endpoint_id, claimed.slot, claimed.claimed_at, until)


async def defer(source: Any, claimed: Claimed, until: datetime, error: str, now: datetime) -> None:
    """Let a delivery wait whose attempt an error of the program ended, or end it when its time is over."""
    await source.execute(_DEFER, claimed.delivery_id, claimed.attempts, until, error, now)
