"""Completion of everything that was begun: time passes, jobs run, and what waits is delivered."""

from datetime import timedelta
from functools import partial
from typing import Any, Final

from domains.kernel.idempotency.keys import LEASE
from domains.notification import queue as notifications
from domains.payment.reconciliation import ABANDONED_AFTER
from gateway.bootstrap import Platform
from gateway.infra.postgres import connected
from gateway.messaging.jobs import Jobs, ScheduledJob
from tests.conditions import wait_until
from tests.faults.invariants.checks import require_all, wrong_inbox
from tests.faults.shop import Shop

DRAIN_SECONDS: Final = 30.0
ROUNDS: Final = 5
SENT_WITHIN: Final = timedelta(seconds=10)  # the first mail of a kind compiles its template
# Notifications that running processes send: the lease of what a killed process has claimed is older.
SENDING: Final = "attempts > 0 and next_attempt_at between now() + $1::interval - $2::interval and now() + $1"
# What only a wait would bring about: leases of killed processes end, and retries become due.
PASS_TIME: Final = f"""
with claims as (
  update idempotency_keys set claimed_at = claimed_at - $3::interval where outcome is null
), payments_begun as (
  update payments set updated_at = updated_at - $4::interval
  where status not in ('SUCCEEDED', 'FAILED', 'CANCELLED') or cancel_requested_at is not null
), refunds_begun as (
  update refunds set updated_at = updated_at - $4::interval where status = 'PENDING'
), notifications as (
  update queued_notifications set next_attempt_at = now() where next_attempt_at > now() and not ({SENDING})
), deliveries as (
  update webhook_deliveries set next_attempt_at = now() where status = 'PENDING' and next_attempt_at > now()
), slots as (
  update webhook_slots set claimed_until = now() where claimed_until > now()
)
update outbox_events set next_attempt_at = now() where published_at is null and next_attempt_at > now()
"""  # noqa: S608 - from this file
# The time of an order and that of its reservations are the same.
LAPSE: Final = """
with lapsed as (
  update orders set expires_at = now() - interval '1 second'
  where status in ('PENDING', 'PAYMENT_PENDING') and expires_at is not null returning id
)
update reservations set expires_at = now() - interval '1 second'
where status = 'ACTIVE' and order_id in (select id from lapsed)
"""
# A notification that was tried waits for its next attempt, or for the end of the lease of a killed process.
WAITING: Final = """
select (select count(*) from outbox_events where published_at is null)
  + (select count(*) from queued_notifications where attempts <= $1)
"""
UNTRIED: Final = 0
IS_SENDING: Final = f"select exists (select from queued_notifications where {SENDING})"  # noqa: S608 - from this file
EVER: Final = 2**31 - 1


async def pass_time(url: str, sent_within: timedelta = timedelta(0)) -> None:
    """Let the time pass after which a request, payment, notification or webhook of a killed process is taken over.

    No request may be running: it would be taken for an interrupted one. Where processes run, `sent_within` is how
    long they send a notification, which no other one claims.
    """
    async with connected(url) as connection:
        await connection.execute(PASS_TIME, notifications.LEASE, sent_within, LEASE, ABANDONED_AFTER)


async def lapse_unpaid(url: str) -> None:
    """Let the time pass in which orders could be paid."""
    async with connected(url) as connection:
        await connection.execute(LAPSE)


async def recovered(platform: Platform, url: str) -> None:
    """Wait until every event is handled and every notification was tried, by what runs alone: no time is passed.

    A server or worker must have been started, and no client may send requests. Raises TimeoutError after 30 s.
    """
    await _deliver(platform, url, UNTRIED)


async def drained(platform: Platform, url: str) -> None:
    """Complete what was begun: run all jobs, and wait until every event is handled and every notification sent.

    A server or worker must run, which delivers. No client may send requests. Raises TimeoutError, and the error of a
    failed job.
    """
    for _ in range(ROUNDS):
        await wait_until(partial(_sends_nothing, url), DRAIN_SECONDS)
        await pass_time(url, SENT_WITHIN)
        for job in platform.jobs:
            await run_job(platform, job)
        await _deliver(platform, url, EVER)
        if not await _is_unsettled(url):
            return
    raise TimeoutError(f"Payments are not settled after {ROUNDS} runs of all jobs.")


async def settle(platform: Platform, shop: Shop, url: str, *, deaths: int = 0) -> None:
    """Let unpaid orders lapse, drain, and check all invariants after so many processes died.

    Raises AssertionError, and the same as `drained`.
    """
    await lapse_unpaid(url)
    await drained(platform, url)
    await require_all(platform, url, shop, deaths=deaths)


async def run_job(platform: Platform, job: ScheduledJob) -> None:
    """Run a job now; waits while another process runs it. Raises TimeoutError, and the error of the job."""
    jobs, results = Jobs(platform.relay_pool, platform.jobs, platform.database.clock), []

    async def has_run() -> bool:
        results.append(await jobs.run_now(job))
        return results[-1] is not None

    await wait_until(has_run, DRAIN_SECONDS)
    if results[-1] and results[-1].error:
        raise results[-1].error


async def _deliver(platform: Platform, url: str, attempts: int) -> None:
    """Wait until every event is handled and no notification with so few attempts is left. Raises TimeoutError."""

    async def is_delivered() -> bool:
        return await _undelivered(platform, url, attempts) == (0, [])

    try:
        await wait_until(is_delivered, DRAIN_SECONDS)
    except TimeoutError:
        waiting, unhandled = await _undelivered(platform, url, attempts)
        left = f"{waiting} events or notifications wait; not handled exactly once: {unhandled[:5]}"
        raise TimeoutError(left) from None


async def _undelivered(platform: Platform, url: str, attempts: int) -> tuple[int, list[Any]]:
    async with connected(url) as connection:
        return await connection.fetchval(WAITING, attempts), await wrong_inbox(platform, connection)


async def _sends_nothing(url: str) -> bool:
    """Whether no running process sends a notification, which another one would claim when time passes."""
    async with connected(url) as connection:
        return not await connection.fetchval(IS_SENDING, notifications.LEASE, SENT_WITHIN)


async def _is_unsettled(url: str) -> Any:
    async with connected(url) as connection:
        return await connection.fetchval(
            "select exists (select from payments where status not in ('SUCCEEDED', 'FAILED', 'CANCELLED'))"
            " or exists (select from refunds where status = 'PENDING')"
            " or exists (select from orders where status in ('PENDING', 'PAYMENT_PENDING') and expires_at <= now())"
        )
