"""Queued notifications: committed with their cause, encrypted, sent until a provider takes or refuses them."""

import asyncio
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
import structlog

from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.notification.channels import Gone, Rejected, Retry
from domains.notification.delivery import ATTEMPTS
from domains.notification.models import NewNotification, NotificationKind
from domains.notification.notifications import Notifications
from domains.notification.queue import LEASE
from gateway.infra.encryption import Cipher
from gateway.messaging.notification_queue import MAX_PAUSE, NotificationDelivery
from gateway.monitoring.backlog import Backlog
from tests.gateway.messaging.notifications.samples import KEYS, PURPOSE, RecordingChannel, Sending, send_due
from tests.gateway.messaging.samples import cancelled

LATER = Retry("TEST", "451")


async def test_a_notification_is_sent_once_and_leaves_the_queue(
    sending: Sending, process: NotificationDelivery, channel: RecordingChannel
) -> None:
    notification_id = await sending.create()
    assert [await send_due(process) for _ in range(2)] == [1, 0]
    (message,) = channel.messages
    assert (message.id, message.to, message.created_at) == (notification_id, "ann@example.com", sending.clock.now())
    assert message.subject == "A shop: Your code: confirm your e-mail address"
    assert "123456" in message.text
    assert (await sending.queued(), await sending.ends()) == (0, [("SENT", None)])
    assert await sending.logged() == [("SENT", "TEST", None)]
    assert sending.counted("sent") == 1


async def test_a_notification_of_a_transaction_that_failed_is_not_sent(sending: Sending) -> None:
    new = NewNotification(kind=NotificationKind.NO_ACCOUNT, dedupe_key="a key", recipient="ann@example.com")

    async def fail(tx: Tx) -> None:
        await Notifications(sending.outbound()).create(tx, [new])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await sending.database.run(fail, Actor.system(sending.company))
    assert (await sending.queued(), await sending.ends()) == (0, [])


async def test_the_number_and_age_of_due_notifications_are_measured(sending: Sending, relay_pool: Any) -> None:
    names = ("waiting", "oldest_seconds")
    key_ids = Cipher(KEYS, PURPOSE).key_ids
    await sending.create(scheduled_at=sending.clock.now() + timedelta(seconds=130))
    measured = []
    for seconds in (0, 100, 20, 10):
        sending.clock.advance(timedelta(seconds=seconds))
        await Backlog(relay_pool, sending.clock, sending.metrics, keys=key_ids).measure_database()
        measured.append(tuple(sending.measured(name) for name in names))
        await sending.create()
    assert measured == [(0, 0), (1, 100), (2, 120), (4, 130)]
    assert [sending.measured(name, priority) for priority in ("IMPORTANT", "NORMAL") for name in names] == [0] * 4
    await sending.create(kind=NotificationKind.WELCOME)
    sending.clock.advance(timedelta(seconds=7))
    await Backlog(relay_pool, sending.clock, sending.metrics, keys=key_ids).measure_database()
    assert [sending.measured(name, "IMPORTANT") for name in names] == [1, 7]
    assert sending.measured("waiting") == 5


async def test_a_notification_is_sent_at_its_time(
    sending: Sending, process: NotificationDelivery, channel: RecordingChannel
) -> None:
    await sending.create(scheduled_at=sending.clock.now() + timedelta(hours=5))
    sending.clock.advance(timedelta(hours=5, seconds=-1))
    assert await send_due(process) == 0
    sending.clock.advance(timedelta(seconds=1))
    assert (await send_due(process), len(channel.messages)) == (1, 1)


async def test_a_deferred_notification_is_sent_after_growing_pauses(
    sending: Sending, process: NotificationDelivery, channel: RecordingChannel
) -> None:
    channel.outcomes = [LATER, Retry("TEST", "TimeoutError"), ZeroDivisionError()]
    await sending.create()
    for seconds in (7, 14, 26):
        assert [await send_due(process) for _ in range(2)] == [1, 0]
        assert channel.messages == []
        sending.clock.advance(timedelta(seconds=seconds))
    assert await send_due(process) == 1
    assert (len(channel.messages), await sending.ends()) == (1, [("SENT", None)])
    counted = (sending.deferred(), sending.deferred(priority="NORMAL"), sending.counted("sent"))
    assert counted == (3, 0, 1)
    assert await sending.logged() == [
        ("FAILED", "TEST", "451"),
        ("FAILED", "TEST", "TimeoutError"),
        ("SENT", "TEST", None),
    ]


@pytest.mark.parametrize(
    ("wish", "pause"), [(timedelta(minutes=9), timedelta(minutes=9)), (timedelta(days=9), MAX_PAUSE)]
)
async def test_a_provider_says_when_it_wants_to_be_asked_again_but_not_for_how_long(
    sending: Sending, process: NotificationDelivery, channel: RecordingChannel, wish: timedelta, pause: timedelta
) -> None:
    channel.outcomes = [Retry("TEST", "429", after=wish)]
    await sending.create()
    assert await send_due(process) == 1
    sending.clock.advance(pause - timedelta(seconds=1))
    assert await send_due(process) == 0
    sending.clock.advance(timedelta(seconds=1))
    assert (await send_due(process), len(channel.messages)) == (1, 1)


async def test_a_notification_whose_content_is_of_another_version_is_deferred(
    sending: Sending, process: NotificationDelivery, owner: Any
) -> None:
    for variables in (b"[", b'{"number": 123456}'):
        notification_id = await sending.create()
        content = Cipher(KEYS, PURPOSE).encrypt(variables).decode()
        await owner.execute("update notifications set content = $2 where id = $1", notification_id, content)
        with structlog.testing.capture_logs() as logs:
            assert await send_due(process) == 1
        assert [line["event"] for line in logs] == ["notification failed", "notification deferred"]
        row = await owner.fetchrow(
            "select attempts, next_attempt_at - due_at as pause from queued_notifications where notification_id = $1",
            notification_id,
        )
        assert (row["attempts"], row["pause"] < LEASE) == (1, True)


@pytest.mark.parametrize(
    ("outcome", "reason", "result"),
    [
        (Rejected("TEST", "554 5.7.1"), "554 5.7.1", "refused"),
        (Gone("TEST", "550 5.1.1"), "550 5.1.1", "refused"),
        (LATER, "451", "expired"),
        (ZeroDivisionError(), "ZeroDivisionError", "expired"),
    ],
)
async def test_a_notification_is_given_up_after_a_refusal_or_the_last_attempt(
    sending: Sending,
    process: NotificationDelivery,
    channel: RecordingChannel,
    owner: Any,
    outcome: Any,
    reason: str,
    result: str,
) -> None:
    channel.outcomes = [outcome]
    notification_id = await sending.create()
    await owner.execute(
        "update queued_notifications set attempts = $2 where notification_id = $1", notification_id, ATTEMPTS - 1
    )
    with structlog.testing.capture_logs() as logs:
        assert await send_due(process) == 1
    status = "BOUNCED" if isinstance(outcome, Gone) else "FAILED"
    assert (await sending.queued(), await sending.ends()) == (0, [(status, reason)])
    assert [(logged, error) for logged, _, error in await sending.logged()] == [(status, reason)]
    assert (logs[-1]["event"], logs[-1]["log_level"]) == ("notification ended", "warning")
    assert "ann@" not in str(logs)
    assert [sending.counted(each) for each in ("sent", "refused", "expired", "unwanted")] == [
        0,
        float(result == "refused"),
        float(result == "expired"),
        0,
    ]
    topic = await owner.fetchval("select topic from outbox_events where aggregate_id = $1", notification_id)
    assert topic == "notification.failed"


async def test_an_attempt_before_the_last_one_gives_nothing_up(
    sending: Sending, process: NotificationDelivery, channel: RecordingChannel, owner: Any
) -> None:
    channel.outcomes = [LATER, ZeroDivisionError()]
    for _ in range(2):
        await sending.create()
    await owner.execute(
        "update queued_notifications set attempts = $2 where company_id = $1", sending.company, ATTEMPTS - 2
    )
    assert await send_due(process) == 2
    assert (await sending.queued(), await sending.ends()) == (2, [("PENDING", None)] * 2)


async def test_a_commit_wakes_the_delivery(
    sending: Sending, process: NotificationDelivery, channel: RecordingChannel
) -> None:
    running = asyncio.create_task(process.run())
    for number in range(2):
        await sending.create()
        async with asyncio.timeout(5):
            await channel.sent.wait()
        channel.sent.clear()
        assert len(channel.messages) == number + 1
    await cancelled(running)


async def test_what_comes_in_quiet_hours_keeps_its_place_and_no_attempt_counts(
    sending: Sending, process: NotificationDelivery, channel: RecordingChannel, owner: Any
) -> None:
    await owner.execute(
        "insert into notification_settings (company_id, quiet_hours_start, quiet_hours_end) values ($1, $2, $3)",
        sending.company,
        *(time.fromisoformat(each) for each in ("00:00", "23:00")),
    )
    sending.clock.advance(datetime(2027, 6, 1, 12, tzinfo=UTC) - sending.clock.now())
    critical = await sending.create()
    await sending.create(kind=NotificationKind.PASSWORD_CHANGED)
    assert await send_due(process) == 2
    assert [message.id for message in channel.messages] == [critical]
    row = await owner.fetchrow("select * from queued_notifications")
    assert (row["attempts"], row["next_attempt_at"], row["due_at"]) == (
        0,
        *[datetime(2027, 6, 1, 23, tzinfo=UTC)] * 2,
    )
    assert (await sending.logged(), await send_due(process)) == ([("SENT", "TEST", None)], 0)
    sending.clock.advance(timedelta(hours=11))
    assert (await send_due(process), len(channel.messages), await sending.queued()) == (1, 2, 0)
