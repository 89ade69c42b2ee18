"""Mail is encrypted, waits for a process with its key, and is not lost when the keys are rotated."""

from copy import copy
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import structlog

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.ports import DecryptionFailed
from gateway.infra.encryption import Cipher
from gateway.infra.mail import MailDeferred
from gateway.messaging.mail_queue import (
    ATTEMPTS,
    MAX_PAUSE,
    MIN_PAUSE,
    MailDelivery,
    MailQueue,
    waiting_mails,
)
from gateway.messaging.wake import Wake
from gateway.monitoring.backlog import Backlog
from gateway.monitoring.metrics import Metrics
from tests.gateway.messaging.mail.samples import KEYS, LOST, RecordingTransport, count, send


async def test_a_stored_mail_reveals_nothing_and_the_gateway_cannot_read_it(
    database: Database, queue: MailQueue, owner: Any, company: UUID
) -> None:
    await send(database, queue, company)
    row = str(await owner.fetchrow("select m::text, convert_from(content, 'UTF8') as content from queued_mails m"))
    for part in ("ann@", "example", "Your code", "123456"):
        assert part not in row
    assert not await owner.fetchval("select has_table_privilege('commerce_gateway', 'queued_mails', 'select')")


def with_keys(delivery: MailDelivery, *keys: bytes) -> MailDelivery:
    """The delivery of a process with other keys."""
    changed = copy(delivery)
    changed._cipher = Cipher(keys, b"mail")
    return changed


async def test_a_mail_waits_untouched_until_a_process_has_its_key(
    database: Database,
    wake: Wake,
    delivery: MailDelivery,
    transport: RecordingTransport,
    relay_pool: Any,
    metrics: Metrics,
    clock: FixedClock,
    owner: Any,
    company: UUID,
) -> None:
    for key in (KEYS[1], LOST):
        await send(database, MailQueue(Cipher([key], b"mail"), wake), company)
    assert (await delivery.deliver_due(), await delivery.deliver_due(), len(transport.mails)) == (1, 0, 1)
    clock.advance(timedelta(days=30))
    assert (await delivery.deliver_due(), await owner.fetchval("select attempts from queued_mails")) == (0, 0)
    await Backlog(relay_pool, clock, metrics, mail_keys=delivery.key_ids).measure_database()
    names = ("mail_pending", "mail_oldest_seconds", "mail_unreadable")
    assert [metrics.registry.get_sample_value(f"commerce_{name}") for name in names] == [0, 0, 1]
    assert await with_keys(delivery, *KEYS, LOST).deliver_due() == 1
    assert (len(transport.mails), await count(owner)) == (2, 0)


@pytest.mark.parametrize("is_recorded", [False, True])
async def test_a_mail_that_no_key_decrypts_is_tried_again_and_never_given_up(
    database: Database,
    wake: Wake,
    delivery: MailDelivery,
    transport: RecordingTransport,
    clock: FixedClock,
    owner: Any,
    company: UUID,
    is_recorded: bool,
) -> None:
    await send(database, MailQueue(Cipher([LOST], b"mail"), wake), company)
    key_id = delivery.key_ids[0] if is_recorded else None
    await owner.execute("update queued_mails set key_id = $1, attempts = $2", key_id, ATTEMPTS)
    for _ in range(2):
        with structlog.testing.capture_logs() as logs:
            assert [await delivery.deliver_due() for _ in range(2)] == [1, 0]
        assert [entry["event"] for entry in logs] == ["mail not readable"]
        waiting = await waiting_mails(owner, delivery.key_ids)
        assert (waiting.readable, waiting.unreadable, waiting.missing_keys) == (0, 1, ["unknown"])
        clock.advance(MAX_PAUSE)
    transport.errors = [MailDeferred("451")]
    other = with_keys(delivery, LOST)
    assert (await other.deliver_due(), await count(owner)) == (1, 1)
    clock.advance(2 * MIN_PAUSE)
    assert (await other.deliver_due(), len(transport.mails), await count(owner)) == (1, 1, 0)


async def test_a_rotation_of_the_key_with_rolling_restarts_loses_no_mail(
    database: Database, wake: Wake, delivery: MailDelivery, transport: RecordingTransport, owner: Any, company: UUID
) -> None:
    old, new = KEYS
    processes = [with_keys(delivery, *keys) for keys in ([old], [old, new], [new, old], [new])]
    queues = [MailQueue(Cipher(keys, b"mail"), wake) for keys in ([old], [old, new], [new, old], [new])]
    for before, after in ((0, 1), (1, 2), (2, 3)):  # some processes have been restarted, and some have not
        for sender, receiver in ((before, after), (after, before)):
            await send(database, queues[sender], company)
            older = (await waiting_mails(owner, processes[2].key_ids)).under_older_keys
            assert older == (1 if sender < 2 else 0)
            assert await processes[receiver].deliver_due() == 1
    assert len(transport.mails) == 6


def test_keys_of_other_purposes_do_not_decrypt() -> None:
    with pytest.raises(DecryptionFailed):
        Cipher(KEYS, b"payment tokens").decrypt(Cipher(KEYS, b"mail").encrypt(b"tea"))


async def test_the_log_names_a_recipient_by_a_pseudonym_that_needs_the_key(
    database: Database, queue: MailQueue, delivery: MailDelivery, owner: Any, company: UUID
) -> None:
    for to in ("ann@example.com", "bob@example.com", "ann@example.com"):
        await send(database, queue, company, to)
    ids = {str(row["id"]) for row in await owner.fetch("select id from queued_mails")}
    with structlog.testing.capture_logs() as logs:
        await delivery.deliver_due()
    ann, bob, again = [entry["recipient"] for entry in logs]
    assert ann == again != bob
    assert ann == Cipher(KEYS[:1], b"mail").pseudonym("ann@example.com")
    assert ann != Cipher(KEYS[1:], b"mail").pseudonym("ann@example.com")
    assert "ann@" not in str(logs)
    assert {entry["mail_id"] for entry in logs} == ids
