"""Several processes send from one queue, and each may be stopped or die between any two steps."""

import asyncio
from contextlib import suppress
from typing import Any

import asyncpg
import pytest

from domains.kernel import fail_points
from domains.kernel.transactions.retries import RECORD_SECONDS
from domains.notification import queue, sql
from domains.notification.channels import Rejected, Retry
from domains.notification.models import NotificationKind, NotificationPriority
from domains.notification.queue import LEASE
from gateway.messaging.notification_queue import MIN_PAUSE, WORKERS, NotificationDelivery
from gateway.providers.notifications.smtp import DELIVERY_SECONDS
from gateway.providers.notifications.smtp_connections import QUIT_SECONDS
from tests.conditions import wait_until
from tests.gateway.messaging.notifications.samples import RecordingChannel, Sending, send_due
from tests.gateway.messaging.samples import cancelled

AT_ONCE = WORKERS[NotificationPriority.CRITICAL]


async def test_a_notification_whose_sending_was_interrupted_is_sent_later(
    sending: Sending, process: NotificationDelivery, channel: RecordingChannel
) -> None:
    await sending.create()
    channel.outcomes = [asyncio.CancelledError()]
    with pytest.raises(asyncio.CancelledError):
        await send_due(process)
    assert await send_due(process) == 0
    sending.clock.advance(LEASE)
    assert await send_due(process) == 1
    assert len(channel.messages) == 1


async def test_two_processes_claim_only_what_they_send_at_once_and_send_each_notification_once(
    sending: Sending,
    process: NotificationDelivery,
    other: NotificationDelivery,
    channel: RecordingChannel,
    owner: Any,
) -> None:
    recipients = [f"ann{number}@example.com" for number in range(4 * AT_ONCE)]
    for to in recipients:
        await sending.create(to)
    channel.answering.clear()
    running = [asyncio.create_task(each.run()) for each in (process, other)]
    await wait_until(lambda: channel.running == 2 * AT_ONCE)
    claimed = await owner.fetchval(
        "select count(*) from queued_notifications where attempts = 1 and company_id = $1", sending.company
    )
    assert claimed == 2 * AT_ONCE
    channel.answering.set()
    await wait_until(lambda: len(channel.messages) >= len(recipients))
    for each in running:
        await cancelled(each)
    assert channel.recipients == sorted(recipients)


@pytest.mark.parametrize("late", [Retry("TEST", "451"), None])
async def test_a_process_that_was_stopped_longer_than_its_lease_leaves_the_notification_to_the_next(
    sending: Sending,
    process: NotificationDelivery,
    other: NotificationDelivery,
    channel: RecordingChannel,
    relay_pool: Any,
    late: Retry | None,
) -> None:
    notification_id = await sending.create()
    channel.answering.clear()
    channel.outcomes = [late] if late else []
    stopped = asyncio.create_task(send_due(process))
    await wait_until(lambda: channel.running == 1)
    sending.clock.advance(LEASE)
    claimed = await queue.claim(relay_pool, NotificationPriority.CRITICAL, other.key_ids, sending.clock.now())
    assert claimed is not None
    assert (claimed.notification_id, claimed.attempts) == (notification_id, 2)
    channel.answering.set()
    await stopped
    sending.clock.advance(2 * MIN_PAUSE)
    assert await send_due(other) == 0
    sending.clock.advance(LEASE)
    assert (await send_due(other), len(channel.messages)) == (1 if late else 0, 1)
    assert await sending.ends() == [("SENT", None)]


async def test_of_two_ends_the_first_is_recorded(
    sending: Sending,
    process: NotificationDelivery,
    other: NotificationDelivery,
    channel: RecordingChannel,
    owner: Any,
) -> None:
    notification_id = await sending.create()
    channel.answering.clear()
    channel.outcomes = [Rejected("TEST", "554")]
    running = [asyncio.create_task(send_due(process))]
    await wait_until(lambda: channel.running == 1)
    sending.clock.advance(LEASE)
    running.append(asyncio.create_task(send_due(other)))
    await wait_until(lambda: channel.running == 2)
    channel.answering.set()
    await asyncio.gather(*running)
    assert (len(await sending.logged()), await sending.queued()) == (1, 0)
    events = await owner.fetch("select topic from outbox_events where aggregate_id = $1", notification_id)
    assert len(events) == 1
    assert (sending.counted("sent") or 0) + (sending.counted("refused") or 0) == 1


@pytest.mark.parametrize("point", ["notification.claimed", "notification.rendered", "notification.sent"])
async def test_a_notification_of_a_process_that_failed_is_sent_again_with_the_same_id(
    sending: Sending,
    process: NotificationDelivery,
    other: NotificationDelivery,
    channel: RecordingChannel,
    point: str,
) -> None:
    notification_id = await sending.create()
    fail_points.arm([f"{point}:raise:1"])
    try:
        with suppress(fail_points.FailPointReached):
            await send_due(process)
    finally:
        fail_points.arm([])
    assert (await send_due(other), await sending.queued()) == (0, 1)
    sending.clock.advance(LEASE)
    assert (await send_due(other), await sending.queued()) == (1, 0)
    assert {message.id for message in channel.messages} == {notification_id}
    assert len(channel.messages) == (2 if point == "notification.sent" else 1)
    assert await sending.ends() == [("SENT", None)]


async def test_a_notification_that_ended_before_the_process_died_only_leaves_the_queue(
    sending: Sending,
    process: NotificationDelivery,
    other: NotificationDelivery,
    channel: RecordingChannel,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await sending.create()

    async def die(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(queue, "remove", die)
        with pytest.raises(ZeroDivisionError):
            await send_due(process)
    assert (await sending.ends(), await sending.queued()) == ([("SENT", None)], 1)
    sending.clock.advance(LEASE)
    assert (await send_due(other), await sending.queued(), len(channel.messages)) == (1, 0, 1)
    assert sending.counted("sent") == 0


async def test_a_failure_while_one_notification_is_sent_does_not_end_the_delivery(
    sending: Sending, process: NotificationDelivery, channel: RecordingChannel
) -> None:
    fail_points.arm(["notification.sent:raise:1"])
    running = asyncio.create_task(process.run())
    try:
        for number in range(2):
            await sending.create(f"ann{number}@example.com")
        await wait_until(lambda: len(channel.messages) == 2)
        await sending.create("bob@example.com")
        await wait_until(lambda: len(channel.messages) == 3)
    finally:
        fail_points.arm([])
        await cancelled(running)
    assert channel.recipients == ["ann0@example.com", "ann1@example.com", "bob@example.com"]


async def test_a_process_that_is_stopped_records_what_it_has_handed_over(
    sending: Sending, process: NotificationDelivery, other: NotificationDelivery, channel: RecordingChannel
) -> None:
    await sending.create()
    channel.answering.clear()
    running = asyncio.create_task(process.run())
    await wait_until(lambda: channel.running == 1)
    running.cancel()
    await asyncio.sleep(0.05)
    channel.answering.set()
    with suppress(asyncio.CancelledError):
        await running
    assert (await sending.ends(), await sending.queued()) == ([("SENT", None)], 0)
    sending.clock.advance(LEASE)
    assert (await send_due(other), len(channel.messages)) == (0, 1)


async def test_what_was_handed_over_is_recorded_once_the_database_answers_again(
    sending: Sending,
    process: NotificationDelivery,
    channel: RecordingChannel,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await sending.create()
    finish, failures = sql.finish, [ConnectionResetError(), asyncpg.CannotConnectNowError()]

    async def failing(*args: Any) -> Any:
        if failures:
            raise failures.pop()
        return await finish(*args)

    monkeypatch.setattr(sql, "finish", failing)
    assert await send_due(process) == 1
    assert (await sending.ends(), await sending.queued(), len(channel.messages)) == ([("SENT", None)], 0, 1)


def test_a_lease_is_longer_than_a_delivery() -> None:
    assert LEASE.total_seconds() >= DELIVERY_SECONDS + QUIT_SECONDS + RECORD_SECONDS + 30


@pytest.mark.parametrize("slow", [NotificationPriority.NORMAL, NotificationPriority.IMPORTANT])
async def test_what_is_less_urgent_never_delays_what_is_critical(
    sending: Sending, process: NotificationDelivery, channel: RecordingChannel, owner: Any, slow: NotificationPriority
) -> None:
    for number in range(3 * AT_ONCE):
        await sending.create(f"slow{number}@example.com")
    await owner.execute(
        "update queued_notifications set priority = $2 where company_id = $1", sending.company, slow.value
    )
    channel.answering.clear()
    channel.is_slow = lambda message: message.to.startswith("slow")
    running = asyncio.create_task(process.run())
    await wait_until(lambda: channel.running == WORKERS[slow])
    for number in range(2 * AT_ONCE):
        await sending.create(f"ann{number}@example.com")
    await wait_until(lambda: len(channel.messages) == 2 * AT_ONCE)
    assert {to[:3] for to in channel.recipients} == {"ann"}
    channel.answering.set()
    await wait_until(lambda: len(channel.messages) == 5 * AT_ONCE)
    await cancelled(running)


async def test_the_priority_of_a_kind_selects_its_lane(
    sending: Sending, process: NotificationDelivery, channel: RecordingChannel
) -> None:
    assert {*WORKERS} == {*NotificationPriority}
    assert min(WORKERS.values()) > 0
    await sending.create("ann@example.com")
    await sending.create("bob@example.com", NotificationKind.PASSWORD_CHANGED)
    assert (await process.send_due(NotificationPriority.NORMAL), channel.recipients) == (0, [])
    assert (await process.send_due(NotificationPriority.IMPORTANT), channel.recipients) == (1, ["bob@example.com"])
    assert (await process.send_due(NotificationPriority.CRITICAL), len(channel.messages)) == (1, 2)


async def test_of_the_workers_of_a_priority_a_commit_wakes_one(
    sending: Sending, process: NotificationDelivery, channel: RecordingChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims: list[NotificationPriority] = []
    claim = queue.claim

    async def count(source: Any, priority: NotificationPriority, *args: Any) -> Any:
        claims.append(priority)
        return await claim(source, priority, *args)

    monkeypatch.setattr(queue, "claim", count)
    monkeypatch.setattr("gateway.messaging.notification_queue.POLL_SECONDS", 600)
    running = asyncio.create_task(process.run())
    await wait_until(lambda: len(claims) == sum(WORKERS.values()))
    claims.clear()
    await sending.create()
    await wait_until(lambda: len(channel.messages) == 1 and len(claims) == len(WORKERS) + 2)
    await cancelled(running)
    assert claims.count(NotificationPriority.CRITICAL) == 3  # the one, and two workers that find no more
