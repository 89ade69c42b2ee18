"""What is measured of webhooks: attempts by result, what is due and for how long, and disabled endpoints."""

from datetime import timedelta

from domains.webhook.queue import SECRET_UNREADABLE
from gateway.commands.checks.webhooks import check_webhooks
from gateway.monitoring.backlog import Backlog
from tests.gateway.messaging.webhooks.receiver import Receiver, answer, receiving
from tests.gateway.messaging.webhooks.samples import Webhooks, order_created

KEYS = "JWT_KEYS decrypts the secrets of webhooks"


def value(webhooks: Webhooks, name: str, **labels: str) -> float | None:
    return webhooks.metrics.registry.get_sample_value(f"commerce_{name}", labels)


async def measured(webhooks: Webhooks) -> tuple[float | None, float | None]:
    """How many deliveries are due, and since when the oldest of an endpoint is that works."""
    await Backlog(webhooks.relay_pool, webhooks.database.clock, webhooks.metrics).measure_database()
    return value(webhooks, "webhooks_waiting"), value(webhooks, "webhooks_oldest_seconds")


def attempts(webhooks: Webhooks) -> list[float | None]:
    """The numbers of attempts that succeeded, were deferred and failed."""
    results = ("succeeded", "deferred", "failed")
    return [value(webhooks, "webhook_attempts_total", result=each) for each in results]


async def test_attempts_and_disabled_endpoints_are_counted_by_result_and_reason(
    webhooks: Webhooks, receiver: Receiver
) -> None:
    await webhooks.listen(receiver)
    process = webhooks.process()
    assert (await measured(webhooks), attempts(webhooks)) == ((0, 0), [0, 0, 0])
    for given, counted in ((200, [1, 0, 0]), (500, [1, 1, 0]), (410, [1, 1, 1])):
        receiver.answers = [answer(given)]
        await webhooks.emit()
        await process.read_committed()
        await process.send_due()
        assert attempts(webhooks) == counted
        webhooks.pass_time(timedelta(seconds=5))
    await measured(webhooks)
    reasons = ("FAILING", "GONE", "BY_STAFF")
    assert [value(webhooks, "webhook_endpoints_disabled", reason=each) for each in reasons] == [0, 1, 0]


async def test_the_age_is_that_of_the_oldest_delivery_to_an_endpoint_that_does_not_fail(
    webhooks: Webhooks, receiver: Receiver
) -> None:
    await webhooks.listen(receiver)
    process = webhooks.process()
    receiver.answers = [answer(500)]
    await webhooks.emit()
    await process.read_committed()
    await process.send_due()
    webhooks.pass_time(timedelta(hours=2))
    assert await measured(webhooks) == (1, 0)
    async with receiving() as working:
        await webhooks.listen(working)
        await webhooks.emit(order_created())
        await process.read_committed()
    webhooks.pass_time(timedelta(minutes=59))
    assert await measured(webhooks) == (3, 59 * 60)
    (sent, _) = await check_webhooks(webhooks.owner, webhooks.database.clock.now())
    assert (sent.passed, sent.advice) == (True, "Webhooks that wait: 3.")
    webhooks.pass_time(timedelta(minutes=2))
    (sent, _) = await check_webhooks(webhooks.owner, webhooks.database.clock.now())
    assert (sent.passed, sent.subject) == (False, "Webhooks are sent")


async def test_the_doctor_counts_endpoints_whose_secrets_need_a_removed_key(
    webhooks: Webhooks, receiver: Receiver
) -> None:
    await webhooks.listen(receiver)
    await webhooks.emit(order_created(), order_created())
    process = webhooks.process()
    await process.read_committed()
    (_, keys) = await check_webhooks(webhooks.owner, webhooks.database.clock.now())
    assert (keys.subject, keys.passed, keys.advice) == (KEYS, True, "")
    await webhooks.owner.execute(
        "update webhook_endpoints set encrypted_secrets = 'under another key' where company_id = $1", webhooks.company
    )
    assert await process.send_due() == 2
    assert {row["error"] for row in await webhooks.rows()} == {SECRET_UNREADABLE}
    (sent, keys) = await check_webhooks(webhooks.owner, webhooks.database.clock.now())
    assert (sent.passed, keys.passed) == (True, False)
    assert keys.advice.startswith("The secrets of 1 webhook endpoints need a key that was removed.")


async def test_the_doctor_counts_disabled_endpoints_and_passes(webhooks: Webhooks, receiver: Receiver) -> None:
    await webhooks.listen(receiver)
    await webhooks.emit()
    process = webhooks.process()
    await process.read_committed()
    receiver.answers = [answer(410)]
    await process.send_due()
    (sent, _) = await check_webhooks(webhooks.owner, webhooks.database.clock.now())
    assert sent.passed
    assert sent.advice == "Disabled webhook endpoints: 1 (GONE). Their companies can enable them again."
