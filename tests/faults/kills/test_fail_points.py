"""`kill -9` at every fail-point of a server, a worker and a job, while buyers and staff are at work."""

import asyncio
import signal
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import pytest

from domains.kernel.fail_points import POINTS
from gateway.bootstrap import Platform
from tests.faults.api import Unknown
from tests.faults.drain import lapse_unpaid, pass_time, settle
from tests.faults.kills.journeys import bought, ordered, trade
from tests.faults.processes import Gateway, Process, Processes
from tests.faults.scale import FAULTS, SAMPLED
from tests.faults.shop import CANCEL, PAY, Shop

CONSUMER = {point for point in POINTS if point.startswith("consumer.")}
# Reached by payments, labels, returns and exchanges that this trade does not make. Tests of the domains stop them
# there, and let the jobs go on. `test_webhooks.py` kills what sends webhooks.
NOT_TRADED = {
    *("payment.abandoned", "payment.abandonment_sent", "payment.capture_requested", "payment.capture_answered"),
    *("payment.method_forgotten", "payment.webhook_received", "payment.webhook_fetched"),
    "checkout.tenders_locked",
    *("exchange.order_placed", "exchange.reserved", "fulfilment.order_shipped"),
    *("return.label_bought", "return.refund_begun", "return.refund_sent"),
    *("shipping.label_requested", "shipping.label_bought", "shipping.void_requested", "shipping.label_voided"),
    "shipment.followed",
    "shipment.units_sold",
    *("webhook.claimed", "webhook.sent"),
}
# What a worker reaches when it relays, handles events and sends notifications.
WORKER = {point for point in POINTS if point.split(".")[0] in {"relay", "consumer", "notification", "command"}}
# A process is killed when it reaches a point for the first time, and for later ones.
TIMES = (1, 2)
# Every kind of transaction reaches these points.
MANY_TIMES = dict.fromkeys(("command.before_commit", "command.committed"), (1, 4, 10))
OF_SERVER = dict.fromkeys(MANY_TIMES, (1, 8, 16, 24, 32)) | {"outbox.written": (1, 8, 16)}


# A few run without `make faults`, and more of them with `make faults SAMPLE=1`.
SERVER_ALWAYS = ("payment.provider_charged:1", "relay.confirmed:2")
SERVER_SAMPLE = (
    "checkout.order_written:1",
    "command.committed:16",
    "refund.provider_refunded:1",
    "notification.sent:1",
)
WORKER_ALWAYS = ("consumer.handled:1",)
WORKER_SAMPLE = ("consumer.checked:2", "notification.claimed:1", "relay.claimed:1")
JOB_SAMPLE = ("reconcile payments", "refund.recorded:kill:1")


def selected(
    points: AbstractSet[str], many: Mapping[str, Sequence[int]], always: Sequence[str], sample: Sequence[str]
) -> list[Any]:
    """The points with the number of the time, with the marks of those that always run and of the sample."""
    times = [f"{point}:{nth}" for point in sorted(points) for nth in many.get(point, TIMES)]
    marks = dict.fromkeys(times, FAULTS) | dict.fromkeys(sample, SAMPLED) | dict.fromkeys(always, ())
    assert len(marks) == len(times), "a selected point does not exist"
    return [pytest.param(each.replace(":", ":kill:"), marks=marks[each]) for each in times]


SETTLED_BY = {
    "end unpaid orders": ("outbox.written", "command.before_commit", "command.committed"),
    "reconcile payments": (
        *("payment.outcome_recorded", "refund.provider_refunded", "refund.recorded"),
        *("outbox.written", "command.before_commit", "command.committed"),
    ),
}
KILLED_JOBS = [(job, f"{point}:kill:1") for job, points in SETTLED_BY.items() for point in points]
JOBS = [pytest.param(*each, marks=SAMPLED if each == JOB_SAMPLE else FAULTS) for each in KILLED_JOBS]


async def survive(process: Process, shop: Shop, url: str) -> None:
    """Let the shop trade while an armed process dies, and start it again."""
    trading = asyncio.create_task(trade(shop))
    try:
        assert await process.ended() == -signal.SIGKILL
        await pass_time(url)
        await process.start()
        await trading
    finally:
        trading.cancel()


@pytest.mark.parametrize("point", selected(POINTS - CONSUMER - NOT_TRADED, OF_SERVER, SERVER_ALWAYS, SERVER_SAMPLE))
async def test_a_server_is_killed_and_nothing_is_lost(
    point: str, gateway: Gateway, shop: Shop, platform: Platform, shop_url: str
) -> None:
    await gateway.start(point)
    await survive(gateway, shop, shop_url)
    await settle(platform, shop, shop_url, deaths=1)
    assert shop.staff.faults == []


@pytest.mark.rabbitmq
@pytest.mark.parametrize("point", selected(WORKER, MANY_TIMES, WORKER_ALWAYS, WORKER_SAMPLE))
async def test_a_worker_is_killed_and_nothing_is_lost(
    point: str, broker: dict[str, str], processes: Processes, shop: Shop, platform: Platform, shop_url: str
) -> None:
    gateway, worker = processes.gateway(**broker), processes.worker(**broker)
    shop = shop.behind(shop.staff.http, [gateway.url])
    await asyncio.gather(gateway.start(), worker.start(point))
    await survive(worker, shop, shop_url)
    await settle(platform, shop, shop_url, deaths=1)
    assert shop.staff.faults == []


@pytest.mark.parametrize(("name", "point"), JOBS)
async def test_a_job_is_killed_and_nothing_is_lost(
    name: str, point: str, gateway: Gateway, processes: Processes, shop: Shop, platform: Platform, shop_url: str
) -> None:
    await gateway.start("payment.provider_charged:kill:2")
    await leave_work(gateway, shop)
    await lapse_unpaid(shop_url)
    await pass_time(shop_url)
    job = processes.job(name)
    await job.start(point)
    assert await job.ended() == -signal.SIGKILL
    await gateway.start()
    await settle(platform, shop, shop_url, deaths=3)


async def leave_work(gateway: Gateway, shop: Shop) -> None:
    """A refund and a payment that the server began before it died, and unpaid orders. The gateway has died."""
    first, second, third = shop.buyer(), shop.buyer(), shop.buyer()
    refunded, unsure = await bought(first, shop), await ordered(second, shop)
    for _ in range(2):
        await ordered(third, shop)
    charged = await second.client.mutate(PAY, **second.pay_input(unsure))
    assert isinstance(charged, Unknown), charged
    assert await gateway.ended() == -signal.SIGKILL
    await gateway.start("refund.requested:kill:1")
    cancelled = await first.client.mutate(CANCEL, **first.cancel_input(refunded))
    assert isinstance(cancelled, Unknown), cancelled
    assert await gateway.ended() == -signal.SIGKILL
