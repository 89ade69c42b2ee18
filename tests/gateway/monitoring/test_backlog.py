"""What waits is measured every few seconds; what cannot be measured is not reported with a value of long ago."""

import asyncio
import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from domains.kernel.clock import FixedClock
from domains.notification.models import NotificationPriority
from gateway.infra.rabbitmq import BrokerUnavailable
from gateway.messaging.broker import Broker
from gateway.messaging.jobs import Jobs, ScheduledJob
from gateway.monitoring import backlog
from gateway.monitoring.backlog import Backlog
from gateway.monitoring.metrics import Metrics
from tests.conditions import wait_until

OUTBOX = ("outbox_pending", "outbox_lag_seconds", "outbox_dead_letters")
GAUGES = (*OUTBOX, "notifications_unreadable", "webhooks_waiting", "webhooks_oldest_seconds")
LANES = ("notifications_waiting", "notifications_oldest_seconds")
REASONS = {"FAILING", "GONE", "BY_STAFF"}


class AbsentPool:
    """A pool whose server does not answer."""

    async def fetch(self, *_: object) -> None:
        raise ConnectionRefusedError


class ChangingBroker(Broker):
    """A broker that reports one measurement after the other; None is no answer."""

    def __init__(self, *measured: Mapping[str, int] | None) -> None:
        self.measured = list(measured)

    async def depths(self) -> Mapping[str, int]:
        if (depths := self.measured.pop(0)) is None:
            raise BrokerUnavailable
        return depths


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"commerce_{name}", labels)


async def rest() -> None:
    await asyncio.sleep(0)


async def test_what_the_database_has_is_not_reported_while_it_is_away(
    relay_pool: Any, metrics: Metrics, clock: FixedClock
) -> None:
    jobs = [ScheduledJob("measured job", timedelta(hours=1), rest)]
    await Backlog(relay_pool, clock, metrics, jobs=jobs).measure_database()
    measured = clock.now().timestamp()
    assert {value(metrics, name) is None for name in GAUGES} == {False}
    labelled = [(name, {"priority": each.value}) for name in LANES for each in NotificationPriority]
    labelled += [("webhook_endpoints_disabled", {"reason": each}) for each in REASONS]
    assert None not in [value(metrics, name, **labels) for name, labels in labelled]
    clock.advance(timedelta(minutes=1))
    absent: Any = AbsentPool()
    await Backlog(absent, clock, metrics, jobs=jobs).measure_database()
    assert all(math.isnan(value(metrics, name) or 0.0) for name in GAUGES)
    assert {value(metrics, name, **labels) for name, labels in labelled} == {None}
    assert value(metrics, "job_started_timestamp_seconds", job="measured job") is None
    assert value(metrics, "backlog_measured_timestamp_seconds") == measured


async def test_the_start_of_each_job_is_that_of_any_process_and_0_before_the_first(
    relay_pool: Any, metrics: Metrics, clock: FixedClock
) -> None:
    ran, never = (ScheduledJob(f"started {name}", timedelta(minutes=5), rest) for name in ("once", "never"))
    await Jobs(relay_pool, [ran, never], clock).run_now(ran)
    Jobs(relay_pool, [ran, never], clock, metrics)
    await Backlog(relay_pool, clock, metrics, jobs=[ran, never]).measure_database()
    assert value(metrics, "job_started_timestamp_seconds", job=ran.name) == clock.now().timestamp()
    assert value(metrics, "job_started_timestamp_seconds", job=never.name) == 0
    assert value(metrics, "job_interval_seconds", job=never.name) == 300


@pytest.mark.parametrize("lost", [None, {}])
async def test_queues_are_not_reported_while_the_broker_is_away(
    relay_pool: Any, metrics: Metrics, clock: FixedClock, lost: Mapping[str, int] | None
) -> None:
    broker = ChangingBroker({"order.events": 7, "other.events": 2}, {"order.events": 8}, lost)
    measuring = Backlog(relay_pool, clock, metrics, broker)
    seen = []
    for _ in range(3):
        await measuring.measure_queues(broker)
        seen.append([value(metrics, "queue_messages", queue=name) for name in ("order.events", "other.events")])
    assert seen == [[7, 2], [8, None], [None, None]]


async def test_queues_are_measured_while_the_database_is_away(
    metrics: Metrics, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "SAMPLE_SECONDS", 0.01)
    absent: Any = AbsentPool()
    broker = ChangingBroker({"order.events": 1}, None, *[{"order.events": 3}] * 500)
    running = asyncio.create_task(Backlog(absent, clock, metrics, broker).run())
    await wait_until(lambda: value(metrics, "queue_messages", queue="order.events") == 3)
    running.cancel()
    await asyncio.wait([running], timeout=10)
    assert running.cancelled()
