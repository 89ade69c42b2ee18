"""Measures what waits: events of the outbox, notifications, webhooks, jobs, and messages at the broker."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Final

import asyncpg
import structlog

from domains.kernel.clock import Clock
from domains.kernel.transactions.cleanup import raise_if_cancelled
from domains.notification import queue
from domains.webhook import queue as webhooks
from gateway.messaging.broker import Broker
from gateway.messaging.jobs import ScheduledJob, last_runs
from gateway.monitoring.metrics import Metrics

log = structlog.get_logger("gateway.backlog")
SAMPLE_SECONDS: Final = 5.0
OUTBOX: Final = """
select count(*) filter (where dead_at is null) as pending, count(*) filter (where dead_at is not null) as dead,
       min(created_at) filter (where dead_at is null) as oldest
from outbox_events where published_at is null
"""


class Backlog:
    """Sets the gauges of waiting work every few seconds. What cannot be measured is not reported meanwhile."""

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        clock: Clock,
        metrics: Metrics,
        broker: Broker | None = None,
        jobs: Sequence[ScheduledJob] = (),
        keys: Sequence[str] = (),
    ) -> None:
        self._pool = pool
        self._clock = clock
        self._metrics = metrics
        self._broker = broker
        self._jobs = jobs
        self._keys = keys

    async def run(self) -> None:
        """Measure until cancelled. Queues are measured while the database does not answer, and vice versa."""
        async with asyncio.TaskGroup() as group:
            group.create_task(_repeat(self.measure_database))
            if self._broker is not None:
                group.create_task(_repeat(partial(self.measure_queues, self._broker)))

    async def measure_database(self) -> None:
        """Measure the outbox, notifications, webhooks and jobs once. A failure is logged."""
        with _measuring("database", self._metrics.forget_database):
            (outbox,) = await self._pool.fetch(OUTBOX)
            self._metrics.outbox_pending.set(outbox["pending"])
            self._metrics.outbox_dead.set(outbox["dead"])
            self._metrics.outbox_lag.set(self._age(outbox["oldest"]))
            await self._measure_notifications()
            await self._measure_webhooks()
            runs = await last_runs(self._pool)
            for job in self._jobs:
                started = runs[job.name].started_at.timestamp() if job.name in runs else 0.0
                self._metrics.job_started.labels(job.name).set(started)
            self._metrics.backlog_measured.set(self._clock.now().timestamp())

    async def _measure_notifications(self) -> None:
        due = await queue.waiting(self._pool, self._keys, self._clock.now())
        for priority, lane in due.lanes.items():
            self._metrics.notifications_waiting.labels(priority.value).set(lane.number)
            self._metrics.notifications_oldest.labels(priority.value).set(self._age(lane.oldest))
        self._metrics.notifications_unreadable.set(due.unreadable)

    async def _measure_webhooks(self) -> None:
        due = await webhooks.waiting(self._pool, self._clock.now())
        self._metrics.webhooks_waiting.set(due.due)
        self._metrics.webhooks_oldest.set(self._age(due.oldest))
        for reason, number in due.disabled.items():
            self._metrics.webhook_endpoints_disabled.labels(reason.value).set(number)

    def _age(self, oldest: datetime | None) -> float:
        """Seconds since a time; 0 without one."""
        return 0.0 if oldest is None else max((self._clock.now() - oldest).total_seconds(), 0.0)

    async def measure_queues(self, broker: Broker) -> None:
        """Measure the queues of a broker once. A failure is logged."""
        with _measuring("queues", self._metrics.queue_messages.clear):
            depths = await broker.depths()
            self._metrics.queue_messages.clear()
            for name, depth in depths.items():
                self._metrics.queue_messages.labels(name).set(depth)


async def _repeat(measure: Callable[[], Awaitable[None]]) -> None:
    while True:
        await measure()
        await asyncio.sleep(SAMPLE_SECONDS)


@contextmanager
def _measuring(subject: str, forget: Callable[[], None]) -> Iterator[None]:
    """Forget earlier values when the body fails: a value of long ago would look like one of now."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - it is measured again in seconds
        raise_if_cancelled()
        forget()
        log.warning("backlog not measured", subject=subject, error=repr(error))
