"""Sending of webhooks: events become deliveries, which are sent a few at a time, two of each endpoint."""

import asyncio
import time
from datetime import timedelta
from typing import Final

import asyncpg
import structlog

from domains.kernel.database import Database
from domains.kernel.fail_points import reach
from domains.kernel.transactions.cleanup import raise_if_cancelled
from domains.webhook import queue
from domains.webhook.dispatch import Dispatch, Result
from domains.webhook.queue import Claimed
from gateway.messaging.background import completed
from gateway.messaging.backoff import backoff
from gateway.messaging.wake import Wake, wait_for_work
from gateway.messaging.webhooks.events import deliver_committed
from gateway.monitoring.metrics import Metrics

log = structlog.get_logger("gateway.webhooks")
CONCURRENCY: Final = 32
READ_SECONDS: Final = 1.0
POLL_SECONDS: Final = 2.0
MIN_PAUSE: Final = 60.0
MAX_PAUSE: Final = 3_600.0
RESTING: Final = 10
"""How often the duration of an attempt that failed its slot rests, so that slow endpoints do not take all turns."""
LONGEST_REST: Final = timedelta(minutes=1)


class WebhookSender:
    """Sends webhooks while the process runs; any number of processes may.

    An attempt whose end was not recorded, because the process died, is made again with the same id of the message.
    """

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        database: Database,
        dispatch: Dispatch,
        wake: Wake,
        metrics: Metrics,
    ) -> None:
        self._pool = pool
        self._database = database
        self._outbound = dispatch
        self._wake = wake
        self._metrics = metrics
        self._due = asyncio.Event()
        self._free = asyncio.Semaphore(CONCURRENCY)

    async def run(self) -> None:
        """Create and send deliveries until cancelled; attempts that were begun are finished, for a few seconds."""
        self._wake.add(self._due)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._read())
            group.create_task(self._dispatch(group))

    async def read_committed(self) -> int:
        """Create the deliveries of the events that were committed since the last time; how many."""
        return await deliver_committed(self._pool, self._database.clock.now())

    async def send_due(self) -> int:
        """Try to send what is due, one after the other; return the number of attempts."""
        attempts = 0
        while claimed := await self._claim():
            await self._send(claimed)
            attempts += 1
        return attempts

    async def _read(self) -> None:
        while True:
            try:
                if await self.read_committed():
                    self._due.set()
            except Exception:  # the position stays where it is
                raise_if_cancelled()
                log.exception("events for webhooks cannot be read")
            await asyncio.sleep(READ_SECONDS)

    async def _dispatch(self, group: asyncio.TaskGroup) -> None:
        while True:
            self._due.clear()
            try:
                while await self._dispatched(group):
                    pass
            except Exception:  # the deliveries stay in their table
                raise_if_cancelled()
                log.exception("the queue of webhooks cannot be read")
            await wait_for_work(self._due, POLL_SECONDS)

    async def _dispatched(self, group: asyncio.TaskGroup) -> bool:
        """Send the next delivery in a task of its own, once one of them is free; whether there was one."""
        await self._free.acquire()
        claimed = None
        try:
            claimed = await self._claim()
        finally:
            if claimed is None:
                self._free.release()
        if claimed is not None:
            group.create_task(completed(self._send_freeing(claimed)))
        return claimed is not None

    async def _send_freeing(self, claimed: Claimed) -> None:
        try:
            await self._send(claimed)
        finally:
            self._free.release()
            self._due.set()

    async def _claim(self) -> Claimed | None:
        return await queue.claim(self._pool, self._database.clock.now())

    async def _send(self, claimed: Claimed) -> None:
        """Make an attempt, and free the slot. Raises nothing but a cancellation: the lease ends by itself."""
        started = time.monotonic()
        try:
            reach("webhook.claimed")
            result = await self._attempt(claimed)
            rest = timedelta(0)
            if result not in {None, Result.SUCCEEDED}:
                rest = min(RESTING * timedelta(seconds=time.monotonic() - started), LONGEST_REST)
            await queue.release(self._pool, claimed, self._database.clock.now() + rest)
        except Exception:
            raise_if_cancelled()
            log.exception("webhook not recorded", delivery=str(claimed.delivery_id))
            return
        if result is not None:
            self._metrics.webhook_attempts.labels(result.value).inc()
            tell = log.debug if result is Result.SUCCEEDED else log.warning
            tell("webhook sent", delivery=str(claimed.delivery_id), attempt=claimed.attempts, result=result.value)

    async def _attempt(self, claimed: Claimed) -> Result | None:
        """Make an attempt; one that an error of the program ends is made again after a pause."""
        try:
            return await self._outbound.send(
                self._database, claimed.company_id, claimed.delivery_id, claimed.attempts
            )
        except Exception as error:
            raise_if_cancelled()
            log.exception("webhook failed", delivery=str(claimed.delivery_id))
            now = self._database.clock.now()
            until = now + timedelta(seconds=backoff(claimed.attempts - 1, MIN_PAUSE, MAX_PAUSE))
            await queue.defer(self._pool, claimed, until, type(error).__name__, now)
            return Result.DEFERRED
