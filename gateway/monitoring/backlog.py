"""Measures what waits: events of the outbox, mail, and messages at the broker."""

import asyncio
from typing import Final

import asyncpg
import structlog

from domains.kernel.clock import Clock
from domains.kernel.transactions.cleanup import raise_if_cancelled
from gateway.messaging.broker import Broker
from gateway.monitoring.metrics import Metrics

log = structlog.get_logger("gateway.backlog")
SAMPLE_SECONDS: Final = 5.0
MAILS: Final = "select count(*) from queued_mails"
OUTBOX: Final = """
select count(*) filter (where dead_at is null) as pending, count(*) filter (where dead_at is not null) as dead,
       min(created_at) filter (where dead_at is null) as oldest
from outbox_events where published_at is null
"""


class Backlog:
    """Sets the gauges of waiting work every few seconds."""

    def __init__(
        self, pool: "asyncpg.Pool[asyncpg.Record]", clock: Clock, metrics: Metrics, broker: Broker | None = None
    ) -> None:
        self._pool = pool
        self._clock = clock
        self._metrics = metrics
        self._broker = broker

    async def run(self) -> None:
        """Measure until cancelled. A failure is logged."""
        while True:
            try:
                await self.measure()
            except Exception as error:  # noqa: BLE001 - it is measured again in seconds
                raise_if_cancelled()
                log.warning("backlog not measured", error=repr(error))
            await asyncio.sleep(SAMPLE_SECONDS)

    async def measure(self) -> None:
        """Measure once."""
        (row,) = await self._pool.fetch(OUTBOX)
        age = (self._clock.now() - row["oldest"]).total_seconds() if row["oldest"] else 0.0
        self._metrics.outbox_pending.set(row["pending"])
        self._metrics.outbox_dead.set(row["dead"])
        self._metrics.outbox_lag.set(max(age, 0.0))
        self._metrics.mail_pending.set(await self._pool.fetchval(MAILS))
        if self._broker is not None:
            for queue, depth in (await self._broker.depths()).items():
                self._metrics.queue_messages.labels(queue).set(depth)
