"""Webhooks from the event to the receiver: nothing is lost, and a message that comes twice has the same id."""

import asyncio
import hmac
from base64 import b64decode, b64encode
from datetime import timedelta

import pytest

from domains.kernel import fail_points
from domains.kernel.ids import new_id
from domains.role.events import RoleCreated
from domains.webhook.models import WebhookDisabledReason
from domains.webhook.queue import LEASE
from gateway.messaging.webhooks import sender
from tests.gateway.messaging.webhooks.receiver import Receiver, Request, answer, receiving
from tests.gateway.messaging.webhooks.samples import PAUSE, Webhooks, order_created


def is_signed(request: Request, secret: str) -> bool:
    """Whether a request has a signature by a secret, as the guide verifies it."""
    signed = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + request.body
    expected = b64encode(hmac.digest(b64decode(secret.removeprefix("whsec_")), signed, "sha256")).decode()
    return f"v1,{expected}" in request.headers["webhook-signature"].split(" ")


async def test_an_event_is_sent_without_its_personal_fields(webhooks: Webhooks, receiver: Receiver) -> None:
    issued, event, process = await webhooks.listen(receiver), order_created(), webhooks.process()
    await webhooks.emit(event)
    assert (await process.read_committed(), await process.send_due()) == (1, 1)
    (request,), (row,) = receiver.requests, await webhooks.rows()
    assert request.json == {
        "id": str(row["event_id"]),
        "topic": "order.created",
        "version": 1,
        "apiVersion": "2026-12",
        "companyId": str(webhooks.company),
        "aggregateId": str(event.order_id),
        "sequence": row["sequence"],
        "occurredAt": row["occurred_at"].isoformat(),
        "data": {
            "orderId": str(event.order_id),
            "orderNumber": "1001",
            "userId": None,
            "total": "12.50",
            "currency": "EUR",
        },
    }
    assert is_signed(request, issued.secret.reveal())
    assert request.headers["webhook-id"] == f"msg_{row['id'].hex}"
    assert (row["status"], row["attempts"], row["response_status"], row["response"]) == ("SUCCEEDED", 1, 200, "OK")
    assert "vera@example.com" not in str(dict(row))


async def test_only_offered_topics_that_are_chosen_are_delivered(webhooks: Webhooks, receiver: Receiver) -> None:
    await webhooks.listen(receiver, "order.paid")
    await webhooks.listen(receiver, "order.created", "order.paid")
    await webhooks.emit(order_created(), RoleCreated(role_id=new_id(), code="A", name="A"))
    assert await webhooks.process().read_committed() == 1
    await webhooks.listen(receiver)
    await webhooks.emit(RoleCreated(role_id=new_id(), code="B", name="B"))
    assert await webhooks.process().read_committed() == 0


async def test_only_endpoints_of_the_company_get_its_events(
    webhooks: Webhooks, receiver: Receiver, other_company: object
) -> None:
    await webhooks.listen(receiver, company=other_company)  # type: ignore[arg-type]
    await webhooks.emit()
    assert await webhooks.process().read_committed() == 0


async def test_events_from_before_the_endpoint_are_not_delivered(webhooks: Webhooks, receiver: Receiver) -> None:
    await webhooks.emit()
    await webhooks.listen(receiver)
    assert await webhooks.process().read_committed() == 0


async def test_an_event_that_commits_late_is_not_missed(webhooks: Webhooks, receiver: Receiver) -> None:
    """A transaction that began before another one, and commits after its events were read."""
    await webhooks.listen(receiver)
    process = webhooks.process()
    async with webhooks.owner.acquire() as connection:
        late = connection.transaction()
        await late.start()
        await connection.execute(
            "insert into outbox_events (id, company_id, topic, aggregate_id, payload, actor_kind)"
            " values ($1, $2, 'order.paid', $1, '{}', 'SYSTEM')",
            new_id(),
            webhooks.company,
        )
        await webhooks.emit()
        assert await process.read_committed() == 1
        await late.commit()
    assert await process.read_committed() == 1
    assert await process.read_committed() == 0


async def test_two_processes_that_read_at_once_create_one_delivery(webhooks: Webhooks, receiver: Receiver) -> None:
    await webhooks.listen(receiver)
    await webhooks.emit()
    created = await asyncio.gather(*(webhooks.process().read_committed() for _ in range(4)))
    assert sum(created) == 1


async def test_a_restored_database_misses_nothing_and_sends_nothing_twice(
    webhooks: Webhooks, receiver: Receiver
) -> None:
    await webhooks.listen(receiver)
    await webhooks.emit()
    process = webhooks.process()
    assert await process.read_committed() == 1
    await webhooks.emit()
    beyond = 2**60
    await webhooks.owner.execute(
        "update webhook_positions set snapshot = $1, advanced_at = now()", f"{beyond}:{beyond}:"
    )
    assert await process.read_committed() == 1
    await webhooks.emit()
    assert await process.read_committed() == 1
    assert len(await webhooks.rows()) == 3


async def test_a_failed_attempt_is_made_again_with_the_same_id(webhooks: Webhooks, receiver: Receiver) -> None:
    await webhooks.listen(receiver)
    await webhooks.emit()
    process = webhooks.process()
    await process.read_committed()
    receiver.answers = [answer(500, b"down"), answer(503, b"", "retry-after: 900"), answer(302)]
    assert await process.send_due() == 1
    webhooks.pass_time(PAUSE)
    assert await process.send_due() == 1
    webhooks.pass_time(timedelta(seconds=899))
    assert await process.send_due() == 0
    webhooks.pass_time(timedelta(seconds=1))
    assert await process.send_due() == 1
    (row,) = await webhooks.rows()
    assert (row["status"], row["response_status"], row["error"]) == ("PENDING", 302, "REDIRECTED")
    webhooks.pass_time(timedelta(hours=1))
    assert await process.send_due() == 1
    (row,) = await webhooks.rows()
    assert (row["status"], row["attempts"], row["error"]) == ("SUCCEEDED", 4, None)
    assert len(set(receiver.ids)) == 1
    assert len(receiver.ids) == 4
    assert [each["response_status"] for each in await webhooks.rows("webhook_attempts")] == [500, 503, 302, 200]
    (endpoint,) = await webhooks.rows("webhook_endpoints")
    assert endpoint["failing_since"] is None


async def test_an_endpoint_that_fails_for_three_days_is_disabled(webhooks: Webhooks, receiver: Receiver) -> None:
    await webhooks.listen(receiver)
    await webhooks.emit()
    process = webhooks.process()
    await process.read_committed()
    receiver.answers = [answer(500)] * 200
    while (await webhooks.rows())[0]["status"] == "PENDING":
        webhooks.pass_time(timedelta(hours=1))
        await process.send_due()
    await webhooks.emit()
    await process.read_committed()
    webhooks.pass_time(timedelta(hours=2))
    await process.send_due()
    (endpoint,) = await webhooks.rows("webhook_endpoints")
    assert (endpoint["is_active"], endpoint["disabled_reason"]) == (False, "FAILING")
    assert len(await webhooks.rows("webhook_attempts")) <= 11
    emitted = "select payload from outbox_events where company_id = $1 and topic = 'webhook_endpoint.disabled'"
    assert await webhooks.owner.fetchval(emitted, webhooks.company) == {
        "endpoint_id": str(endpoint["id"]),
        "disabled_reason": "FAILING",
    }


async def test_an_endpoint_that_is_gone_is_disabled_at_once(webhooks: Webhooks, receiver: Receiver) -> None:
    await webhooks.listen(receiver)
    await webhooks.emit(order_created(), order_created())
    process = webhooks.process()
    await process.read_committed()
    receiver.answers = [answer(410)]
    await process.send_due()
    (endpoint,) = await webhooks.rows("webhook_endpoints")
    assert (endpoint["is_active"], endpoint["disabled_reason"]) == (False, WebhookDisabledReason.GONE)
    assert sorted((each["status"], each["error"]) for each in await webhooks.rows()) == [
        ("FAILED", "ENDPOINT_DISABLED"),
        ("FAILED", "REFUSED"),
    ]
    assert len(receiver.requests) == 1


async def test_a_process_that_dies_after_the_request_sends_the_same_message_again(
    webhooks: Webhooks, receiver: Receiver
) -> None:
    await webhooks.listen(receiver)
    await webhooks.emit()
    process, other = webhooks.process(), webhooks.process()
    await process.read_committed()
    claimed = await process._claim()
    assert claimed is not None
    fail_points.arm(["webhook.sent:raise:1"])
    try:
        with pytest.raises(fail_points.FailPointReached):
            await webhooks.dispatch.send(webhooks.database, claimed.company_id, claimed.delivery_id, claimed.attempts)
    finally:
        fail_points.arm([])
    assert await other.send_due() == 0
    webhooks.pass_time(LEASE)
    assert await other.send_due() == 1
    assert len(receiver.ids) == 2
    assert len(set(receiver.ids)) == 1
    (row,) = await webhooks.rows()
    assert row["status"] == "SUCCEEDED"


async def test_the_answer_of_an_attempt_that_was_overtaken_changes_nothing(
    webhooks: Webhooks, receiver: Receiver
) -> None:
    await webhooks.listen(receiver)
    await webhooks.emit()
    process = webhooks.process()
    await process.read_committed()
    first = await process._claim()
    webhooks.pass_time(LEASE)
    second = await process._claim()
    assert first is not None
    assert second is not None
    assert second.attempts == 2
    receiver.answers = [answer(500)]
    sent = await webhooks.dispatch.send(webhooks.database, first.company_id, first.delivery_id, first.attempts)
    assert sent is None
    assert (await webhooks.rows())[0]["response_status"] is None


async def test_two_requests_at_most_are_sent_to_an_endpoint_at_once(
    webhooks: Webhooks, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six that hang, claimed by two processes, do not delay another endpoint."""
    monkeypatch.setattr(sender, "POLL_SECONDS", 0.05)
    ended = asyncio.Event()

    async def hang(_writer: asyncio.StreamWriter) -> None:
        await ended.wait()

    async with receiving() as healthy:
        await webhooks.listen(receiver)
        await webhooks.emit(*(order_created() for _ in range(6)))
        await webhooks.process().read_committed()
        receiver.answers = [hang] * 6
        running = [asyncio.create_task(webhooks.process().run()) for _ in range(2)]
        async with asyncio.timeout(10):
            await receiver.has_received(2)
            await webhooks.listen(healthy)
            await webhooks.emit()
            await healthy.has_received(1)
        assert receiver.most_running == 2
        ended.set()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def test_both_secrets_sign_for_a_day_after_a_rotation(webhooks: Webhooks, receiver: Receiver) -> None:
    issued = await webhooks.listen(receiver)
    rotated = await webhooks.run(lambda tx: webhooks.endpoints.rotate_secret(tx, issued.endpoint.id))
    process = webhooks.process()
    for _ in range(2):
        await webhooks.emit()
        await process.read_committed()
        await process.send_due()
        webhooks.pass_time(timedelta(hours=24))
    during, after = receiver.requests
    assert is_signed(during, issued.secret.reveal())
    assert is_signed(during, rotated.secret.reveal())
    assert is_signed(after, rotated.secret.reveal())
    assert not is_signed(after, issued.secret.reveal())


async def test_no_secret_is_stored_in_clear(webhooks: Webhooks, receiver: Receiver) -> None:
    issued = await webhooks.listen(receiver)
    (row,) = await webhooks.rows("webhook_endpoints")
    assert issued.secret.reveal() not in str(dict(row))
    assert b64decode(issued.secret.reveal().removeprefix("whsec_"))[:8].hex() not in str(dict(row))


async def test_an_answer_that_cannot_be_stored_is_made_storable(webhooks: Webhooks, receiver: Receiver) -> None:
    await webhooks.listen(receiver)
    await webhooks.emit()
    process = webhooks.process()
    await process.read_committed()
    receiver.answers = [answer(200, b"\x00\xff\xfe" + b"x" * 100_000)]
    assert await process.send_due() == 1
    (row,) = await webhooks.rows()
    assert row["status"] == "SUCCEEDED"
    assert len(row["response"]) == 1_000


async def test_without_an_endpoint_nothing_is_written(webhooks: Webhooks) -> None:
    process = webhooks.process()
    await process.read_committed()
    position = await webhooks.owner.fetchrow("select * from webhook_positions")
    await webhooks.emit()
    assert await process.read_committed() == 0
    assert await webhooks.owner.fetchrow("select * from webhook_positions") == position
