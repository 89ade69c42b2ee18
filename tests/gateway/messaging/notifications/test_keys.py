"""Contents are encrypted, wait for a process with their key, and are not lost when the keys are rotated."""

from datetime import timedelta
from typing import Any

import pytest
import structlog

from domains.kernel.ports import DecryptionFailed
from domains.notification.channels import Retry
from domains.notification.delivery import ATTEMPTS
from domains.notification.models import NotificationKind, NotificationPriority
from domains.notification.queue import LEASE, claim, waiting
from gateway.infra.encryption import Cipher
from gateway.messaging.notification_queue import MAX_PAUSE, MIN_PAUSE, NotificationDelivery
from gateway.monitoring.backlog import Backlog
from tests.gateway.messaging.notifications.samples import (
    KEYS,
    LOST,
    PURPOSE,
    RecordingChannel,
    Sending,
    send_due,
)

CODE = NotificationKind.CART_CODE


async def test_what_waits_reveals_no_secret_and_the_queue_is_hidden_from_the_gateway(
    sending: Sending, process: NotificationDelivery, owner: Any
) -> None:
    stored = "select t::text from notifications t where company_id = $1"
    queued = "select t::text from queued_notifications t where company_id = $1"
    notification_id = await sending.create()
    before = await owner.fetchval(stored, sending.company) + await owner.fetchval(queued, sending.company)
    assert await send_due(process) == 1
    after = await owner.fetchval(stored, sending.company)
    log = await owner.fetchval("select l::text from notification_logs l where notification_id = $1", notification_id)
    event = await owner.fetchval("select e::text from outbox_events e where aggregate_id = $1", notification_id)
    for part in ("Your code", "123456"):
        assert part not in before + after + log + event
    assert "ann@" not in log + event
    assert await owner.fetchval("select content is null from notifications where id = $1", notification_id)
    assert not await owner.fetchval(
        "select has_table_privilege('commerce_gateway', 'queued_notifications', 'select')"
    )


async def test_a_notification_waits_untouched_until_a_process_has_its_key(
    sending: Sending, process: NotificationDelivery, channel: RecordingChannel, relay_pool: Any, owner: Any
) -> None:
    for key in (KEYS[1], LOST):
        await sending.create("ann@example.com", CODE, key)
    assert (await send_due(process), await send_due(process), len(channel.messages)) == (1, 0, 1)
    sending.clock.advance(timedelta(days=30))
    attempts = "select attempts from queued_notifications where company_id = $1"
    assert (await send_due(process), await owner.fetchval(attempts, sending.company)) == (0, 0)
    await Backlog(relay_pool, sending.clock, sending.metrics, keys=process.key_ids).measure_database()
    unreadable = sending.metrics.registry.get_sample_value("commerce_notifications_unreadable")
    assert [sending.measured("waiting"), sending.measured("oldest_seconds"), unreadable] == [0, 0, 1]
    assert await send_due(sending.process(*KEYS, LOST)) == 1
    assert (len(channel.messages), await sending.queued()) == (2, 0)


@pytest.mark.parametrize("is_recorded", [False, True])
async def test_a_notification_that_no_key_decrypts_is_tried_again_and_never_given_up(
    sending: Sending, process: NotificationDelivery, channel: RecordingChannel, owner: Any, is_recorded: bool
) -> None:
    await sending.create("ann@example.com", CODE, LOST)
    key_id = process.key_ids[0] if is_recorded else None
    await owner.execute(
        "update queued_notifications set key_id = $2, attempts = $3 where company_id = $1",
        sending.company,
        key_id,
        ATTEMPTS,
    )
    for _ in range(2):
        with structlog.testing.capture_logs() as logs:
            assert [await send_due(process) for _ in range(2)] == [1, 0]
        assert [entry["event"] for entry in logs] == ["notification not readable"]
        found = await waiting(owner, process.key_ids, sending.clock.now())
        assert (found.readable, found.unreadable, found.missing_keys) == (0, 1, ["unknown"])
        sending.clock.advance(MAX_PAUSE)
    channel.outcomes = [Retry("TEST", "451")]
    other = sending.process(LOST)
    assert (await send_due(other), await sending.queued()) == (1, 1)
    sending.clock.advance(2 * MIN_PAUSE)
    assert (await send_due(other), len(channel.messages), await sending.queued()) == (1, 1, 0)


async def test_a_rotation_of_the_key_with_rolling_restarts_loses_no_notification(
    sending: Sending, channel: RecordingChannel, owner: Any
) -> None:
    old, new = KEYS
    keys = ([old], [old, new], [new, old], [new])
    processes = [sending.process(*each) for each in keys]
    for before, after in ((0, 1), (1, 2), (2, 3)):  # some processes have been restarted, and some have not
        for sender, receiver in ((before, after), (after, before)):
            await sending.create("ann@example.com", CODE, *keys[sender])
            older = (await waiting(owner, processes[2].key_ids, sending.clock.now())).under_older_keys
            assert older == (1 if sender < 2 else 0)
            assert await send_due(processes[receiver]) == 1
    assert len(channel.messages) == 6


def test_keys_of_other_purposes_do_not_decrypt() -> None:
    with pytest.raises(DecryptionFailed):
        Cipher(KEYS, b"payment tokens").decrypt(Cipher(KEYS, PURPOSE).encrypt(b"tea"))


async def test_the_log_names_notifications_and_no_recipient(sending: Sending, process: NotificationDelivery) -> None:
    ids = [str(await sending.create(to)) for to in ("ann@example.com", "bob@example.com")]
    with structlog.testing.capture_logs() as logs:
        await send_due(process)
    assert sorted(entry["notification"] for entry in logs) == sorted(ids)
    assert "@" not in str(logs)


async def test_what_a_process_may_have_sent_is_known_as_such_after_it_was_set_aside(
    sending: Sending, process: NotificationDelivery, relay_pool: Any, owner: Any
) -> None:
    """An SMS is then looked up at its provider before it is sent again."""
    await sending.create("ann@example.com", CODE, LOST)
    await owner.execute("update queued_notifications set key_id = null where company_id = $1", sending.company)
    # A process with the key sent it and died; two without the key do not read it.
    claimed = await claim(relay_pool, NotificationPriority.CRITICAL, [], sending.clock.now())
    assert claimed is not None
    for pause in (LEASE, MAX_PAUSE):
        sending.clock.advance(pause)
        assert await send_due(process) == 1
    sending.clock.advance(MAX_PAUSE)
    claimed = await claim(relay_pool, NotificationPriority.CRITICAL, [], sending.clock.now())
    assert claimed is not None
    assert claimed.attempts == 2
