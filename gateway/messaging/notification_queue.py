"""Sending of queued notifications, in a lane for each priority, with retries."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import asyncpg
import structlog
from opentelemetry.trace import SpanKind

from domains.kernel.clock import Clock
from domains.kernel.database import Database
from domains.kernel.fail_points import reach
from domains.kernel.monitoring import traces
from domains.kernel.transactions.cleanup import raise_if_cancelled
from domains.notification import queue
from domains.notification.delivery import ATTEMPTS, Deferred, Delivery, Ended, Postponed, Result
from domains.notification.models import NotificationPriority, NotificationType
from domains.notification.notifications import Unreadable
from domains.notification.queue import Claimed
from gateway.messaging.background import completed
from gateway.messaging.backoff import backoff
from gateway.messaging.wake import Turn, Wake, wait_for_work
from gateway.monitoring.metrics import Metrics

log = structlog.get_logger("gateway.notifications")
WORKERS: Final[Mapping[NotificationPriority, int]] = {
    NotificationPriority.CRITICAL: 4,
    NotificationPriority.IMPORTANT: 2,
    NotificationPriority.NORMAL: 1,
}
MIN_PAUSE: Final = timedelta(seconds=5)
MAX_PAUSE: Final = timedelta(hours=1)
POLL_SECONDS: Final = 2.0
UNKNOWN_CHANNEL: Final = "UNKNOWN"


class NotificationDelivery:
    """Sends queued notifications while the process runs; any number of processes may.

    Each priority has workers of its own, so that the most urgent never wait for the others. A notification whose end
    was not recorded, because the process died, is sent again with the same id.
    """

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        database: Database,
        delivery: Delivery,
        wake: Wake,
        metrics: Metrics,
    ) -> None:
        self._pool = pool
        self._database = database
        self._delivery = delivery
        self._wake = wake
        self._metrics = metrics

    @property
    def key_ids(self) -> Sequence[str]:
        """The ids of the keys whose notifications this process sends."""
        return self._delivery.key_ids

    @property
    def _clock(self) -> Clock:
        return self._database.clock

    async def run(self) -> None:
        """Send a few notifications at a time until cancelled; what was begun is finished, for a few seconds."""
        async with asyncio.TaskGroup() as group:
            for priority, number in WORKERS.items():
                turn = Turn()
                self._wake.add(turn)
                for _ in range(number):
                    group.create_task(self._work(priority, turn))

    async def _work(self, priority: NotificationPriority, turn: Turn) -> None:
        """Send when it is this worker's turn, and every few seconds what other processes queued."""
        while True:
            try:
                await self.send_due(priority, turn)
            except Exception:  # the notifications stay in their table
                raise_if_cancelled()
                log.exception("the queue of notifications cannot be read")
            await wait_for_work(turn, POLL_SECONDS)

    async def send_due(self, priority: NotificationPriority, turn: Turn | None = None) -> int:
        """Try to send what is due, one after the other; return the number of attempts.

        A notification is claimed only when it is sent at once: a slow provider does not let the leases of others end.
        Each claim gives the turn to the next worker of the priority, so that only one of them finds nothing.
        """
        attempts = 0
        while await completed(self._send_next(priority, turn)):
            attempts += 1
        return attempts

    async def _send_next(self, priority: NotificationPriority, turn: Turn | None) -> bool:
        """Try to send what has been due longest; whether there was something."""
        claimed = await queue.claim(self._pool, priority, self.key_ids, self._clock.now())
        if claimed is None:
            return False
        if turn is not None:
            turn.set()
        reach("notification.claimed")
        attributes: dict[str, Any] = {"messaging.message.id": str(claimed.notification_id)}
        with traces.entry(claimed.traceparent, "send notification", SpanKind.CLIENT, attributes):
            await self._send(claimed, priority)
        return True

    async def _send(self, claimed: Claimed, priority: NotificationPriority) -> None:
        types: list[NotificationType] = []
        try:
            ended = await self._delivery.send(
                self._database, claimed.company_id, claimed.notification_id, claimed.attempts, types.append
            )
        except Unreadable:
            await queue.set_aside(self._pool, claimed, self._clock.now() + MAX_PAUSE)
            log.exception("notification not readable", notification=str(claimed.notification_id))
            return
        except Exception as error:
            raise_if_cancelled()
            traces.record_error(error)
            log.exception("notification failed", notification=str(claimed.notification_id))
            ended = await self._failed(claimed, type(error).__name__)
        await self._record(claimed, ended)
        self._count(ended, types, priority)

    def _count(self, ended: Ended, types: Sequence[NotificationType], priority: NotificationPriority) -> None:
        """Count how an attempt ended. Without a type, nothing could be read of the notification."""
        channel = types[0].value if types else UNKNOWN_CHANNEL
        if isinstance(ended, Deferred):
            self._metrics.notifications_deferred.labels(channel, priority.value).inc()
        elif isinstance(ended, Result):
            self._metrics.notifications_ended.labels(ended.value, channel, priority.value).inc()

    async def _failed(self, claimed: Claimed, reason: str) -> Ended:
        """How an attempt ends that an error of the program ended: such as one in a template, which may be mended."""
        if claimed.attempts < ATTEMPTS:
            return Deferred(None, reason)
        return await self._delivery.give_up(self._database, claimed.company_id, claimed.notification_id, reason)

    async def _record(self, claimed: Claimed, ended: Ended) -> None:
        if isinstance(ended, Deferred):
            await self._defer(claimed, ended)
            return
        if isinstance(ended, Postponed):
            await queue.postpone(self._pool, claimed, ended.until)
            log.debug(
                "notification postponed", notification=str(claimed.notification_id), until=ended.until.isoformat()
            )
            return
        await queue.remove(self._pool, claimed)
        if ended is not None:
            tell = log.warning if ended in {Result.REFUSED, Result.EXPIRED} else log.debug
            ids = {"notification": str(claimed.notification_id), "attempts": claimed.attempts}
            tell("notification ended", **ids, result=ended.value)

    async def _defer(self, claimed: Claimed, deferred: Deferred) -> None:
        pause = timedelta(seconds=backoff(claimed.attempts - 1, MIN_PAUSE.total_seconds(), MAX_PAUSE.total_seconds()))
        until = self._clock.now() + min(max(deferred.after or pause, MIN_PAUSE), MAX_PAUSE)
        await queue.defer(self._pool, claimed, until)
        log.warning(
            "notification deferred",
            notification=str(claimed.notification_id),
            attempt=claimed.attempts,
            reason=deferred.error,
        )
