"""Queued mail: committed with its cause, encrypted, delivered until the mail server takes or refuses it."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import structlog

from domains.kernel import fail_points
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Tx
from gateway.infra.encryption import Cipher
from gateway.infra.mail import DELIVERY_SECONDS, QUIT_SECONDS, Mail, MailDeferred, MailRefused
from gateway.messaging.mail_queue import (
    ATTEMPTS,
    CLAIM,
    CONCURRENT,
    LEASE,
    MIN_PAUSE,
    MailDelivery,
    MailQueue,
)
from gateway.monitoring.backlog import Backlog
from gateway.monitoring.metrics import Metrics
from tests.conditions import wait_until
from tests.gateway.messaging.mail.samples import KEYS, RecordingTransport, count, send
from tests.gateway.messaging.samples import cancelled

GIVEN_UP = "commerce_mail_given_up_total"


async def test_a_mail_is_delivered_once_and_deleted(
    database: Database,
    queue: MailQueue,
    delivery: MailDelivery,
    transport: RecordingTransport,
    clock: FixedClock,
    owner: Any,
    company: UUID,
) -> None:
    await send(database, queue, company)
    mail_id = await owner.fetchval("select id from queued_mails")
    assert [await delivery.deliver_due() for _ in range(2)] == [1, 0]
    assert transport.mails == [Mail(str(mail_id), "ann@example.com", "Your code", "It is 123456.", clock.now())]
    assert await count(owner) == 0


async def test_a_mail_of_a_transaction_that_failed_is_not_sent(
    database: Database, queue: MailQueue, owner: Any, company: UUID
) -> None:
    async def fail(tx: Tx) -> None:
        await queue.send(tx, to="ann@example.com", subject="Your code", text="It is 123456.")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.run(fail, Actor.system(company))
    assert await count(owner) == 0


async def test_the_number_and_age_of_waiting_mails_are_measured(
    database: Database, queue: MailQueue, relay_pool: Any, metrics: Metrics, clock: FixedClock, company: UUID
) -> None:
    measured = []
    for seconds in (0, 100, 20):
        clock.advance(timedelta(seconds=seconds))
        await Backlog(relay_pool, clock, metrics, mail_keys=Cipher(KEYS, b"mail").key_ids).measure_database()
        names = ("commerce_mail_pending", "commerce_mail_oldest_seconds")
        measured.append(tuple(metrics.registry.get_sample_value(name) for name in names))
        await send(database, queue, company)
    assert measured == [(0, 0), (1, 100), (2, 120)]


async def test_a_deferred_mail_is_delivered_after_growing_pauses(
    database: Database,
    queue: MailQueue,
    delivery: MailDelivery,
    transport: RecordingTransport,
    clock: FixedClock,
    company: UUID,
) -> None:
    transport.errors = [MailDeferred("451"), MailDeferred("TimeoutError"), ZeroDivisionError()]
    await send(database, queue, company)
    for seconds in (7, 14, 26):
        assert [await delivery.deliver_due() for _ in range(2)] == [1, 0]
        assert transport.mails == []
        clock.advance(timedelta(seconds=seconds))
    assert await delivery.deliver_due() == 1
    assert len(transport.mails) == 1


@pytest.mark.parametrize("fields", [b'{"to": "ann@example.com", "cc": "bob@example.com"}', b"["])
async def test_a_mail_of_another_version_is_deferred(
    database: Database, queue: MailQueue, delivery: MailDelivery, owner: Any, company: UUID, fields: bytes
) -> None:
    await send(database, queue, company)
    await owner.execute("update queued_mails set content = $1", Cipher(KEYS, b"mail").encrypt(fields))
    due = await owner.fetchval("select next_attempt_at from queued_mails")
    with structlog.testing.capture_logs() as logs:
        assert await delivery.deliver_due() == 1
    row = await owner.fetchrow("select attempts, next_attempt_at - $1 as pause from queued_mails", due)
    assert (row["attempts"], row["pause"] < LEASE) == (1, True)
    assert [line["event"] for line in logs] == ["mail of an unknown form", "mail deferred"]


@pytest.mark.parametrize(("error", "reason"), [(MailRefused("550"), "refused"), (MailDeferred("451"), "expired")])
async def test_a_mail_is_given_up_after_a_refusal_or_the_last_attempt(
    database: Database,
    queue: MailQueue,
    delivery: MailDelivery,
    transport: RecordingTransport,
    owner: Any,
    company: UUID,
    metrics: Metrics,
    error: Exception,
    reason: str,
) -> None:
    transport.errors = [error]
    await send(database, queue, company)
    await owner.execute("update queued_mails set attempts = $1", ATTEMPTS - 1)
    with structlog.testing.capture_logs() as logs:
        assert await delivery.deliver_due() == 1
    assert (await count(owner), [entry["event"] for entry in logs]) == (0, ["mail not delivered"])
    assert "ann@" not in str(logs)
    given_up = [metrics.registry.get_sample_value(GIVEN_UP, {"reason": each}) for each in ("refused", "expired")]
    assert given_up == [float(reason == "refused"), float(reason == "expired")]


async def test_a_mail_whose_delivery_was_interrupted_is_delivered_again_later(
    database: Database,
    queue: MailQueue,
    delivery: MailDelivery,
    transport: RecordingTransport,
    clock: FixedClock,
    company: UUID,
) -> None:
    await send(database, queue, company)
    transport.errors = [asyncio.CancelledError()]
    with pytest.raises(asyncio.CancelledError):
        await delivery.deliver_due()
    assert await delivery.deliver_due() == 0
    clock.advance(LEASE)
    assert await delivery.deliver_due() == 1
    assert len(transport.mails) == 1


async def test_two_processes_claim_only_what_they_deliver_at_once_and_deliver_each_mail_once(
    database: Database,
    queue: MailQueue,
    delivery: MailDelivery,
    other: MailDelivery,
    transport: RecordingTransport,
    owner: Any,
    company: UUID,
) -> None:
    recipients = [f"ann{number}@example.com" for number in range(4 * CONCURRENT)]
    for to in recipients:
        await send(database, queue, company, to)
    transport.answering.clear()
    running = [asyncio.create_task(each.run()) for each in (delivery, other)]
    await wait_until(lambda: transport.running == 2 * CONCURRENT)
    assert await owner.fetchval("select count(*) from queued_mails where attempts = 1") == 2 * CONCURRENT
    transport.answering.set()
    await wait_until(lambda: len(transport.mails) >= len(recipients))
    for each in running:
        await cancelled(each)
    assert sorted(mail.to for mail in transport.mails) == sorted(recipients)


async def test_a_process_that_was_stopped_longer_than_its_lease_leaves_the_mail_to_the_next(
    database: Database,
    queue: MailQueue,
    delivery: MailDelivery,
    other: MailDelivery,
    transport: RecordingTransport,
    clock: FixedClock,
    owner: Any,
    company: UUID,
) -> None:
    await send(database, queue, company)
    transport.answering.clear()
    transport.errors = [MailDeferred("451")]
    stopped = asyncio.create_task(delivery.deliver_due())
    await wait_until(lambda: transport.running == 1)
    clock.advance(LEASE)
    await owner.execute(CLAIM, clock.now(), clock.now() + LEASE, delivery.key_ids)  # by another process
    transport.answering.set()
    await stopped
    clock.advance(2 * MIN_PAUSE)
    assert await other.deliver_due() == 0
    clock.advance(LEASE)
    assert (await other.deliver_due(), len(transport.mails)) == (1, 1)


@pytest.mark.parametrize("point", ["mail.claimed", "mail.sent"])
async def test_a_mail_of_a_process_that_died_is_delivered_again_with_the_same_id(
    database: Database,
    queue: MailQueue,
    delivery: MailDelivery,
    other: MailDelivery,
    transport: RecordingTransport,
    clock: FixedClock,
    owner: Any,
    company: UUID,
    point: str,
) -> None:
    await send(database, queue, company)
    fail_points.arm([f"{point}:raise:1"])
    try:
        with pytest.raises(fail_points.FailPointReached):
            await delivery.deliver_due()
    finally:
        fail_points.arm([])
    assert (await other.deliver_due(), await count(owner)) == (0, 1)
    clock.advance(LEASE)
    assert (await other.deliver_due(), await count(owner)) == (1, 0)
    assert len({mail.id for mail in transport.mails}) == 1
    assert len(transport.mails) == (2 if point == "mail.sent" else 1)


async def test_a_failure_while_one_mail_is_delivered_does_not_end_the_delivery(
    database: Database, queue: MailQueue, delivery: MailDelivery, transport: RecordingTransport, company: UUID
) -> None:
    fail_points.arm(["mail.sent:raise:1"])
    running = asyncio.create_task(delivery.run())
    try:
        for number in range(2):
            await send(database, queue, company, f"ann{number}@example.com")
        await wait_until(lambda: len(transport.mails) == 2)
        await send(database, queue, company, "bob@example.com")
        await wait_until(lambda: len(transport.mails) == 3)
    finally:
        fail_points.arm([])
        await cancelled(running)
    assert sorted(mail.to for mail in transport.mails) == ["ann0@example.com", "ann1@example.com", "bob@example.com"]


def test_a_lease_is_longer_than_a_delivery() -> None:
    assert LEASE.total_seconds() >= DELIVERY_SECONDS + QUIT_SECONDS + 30


async def test_a_commit_wakes_the_delivery(
    database: Database, queue: MailQueue, delivery: MailDelivery, transport: RecordingTransport, company: UUID
) -> None:
    running = asyncio.create_task(delivery.run())
    for number in range(2):
        await send(database, queue, company)
        async with asyncio.timeout(5):
            await transport.delivered.wait()
        transport.delivered.clear()
        assert len(transport.mails) == number + 1
    await cancelled(running)
