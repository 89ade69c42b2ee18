"""Background work of a process: the outbox relay, the jobs and the delivery of mail."""

import asyncio
from collections.abc import Sequence
from typing import Self

import asyncpg
import structlog

from gateway.infra.mail import RunningMailer
from gateway.messaging.jobs import Jobs, ScheduledJob
from gateway.messaging.relay import Relay

log = structlog.get_logger("gateway.background")


class BackgroundWorkEnded(Exception):
    """Background work has ended unexpectedly; the log has the reason."""


class BackgroundWork:
    """Starts with `async with`, and stops in order: first relay and jobs, then the mail that they caused."""

    def __init__(
        self,
        relay: Relay,
        jobs: Sequence[ScheduledJob],
        pool: "asyncpg.Pool[asyncpg.Record]",
        mailer: RunningMailer,
    ) -> None:
        self._relay = relay
        self._jobs = Jobs(pool, jobs)
        self._mailer = mailer
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        await self._mailer.start()
        self._tasks = [
            asyncio.create_task(self._relay.run(), name="relay"),
            asyncio.create_task(self._jobs.run(), name="jobs"),
        ]
        for task in self._tasks:
            task.add_done_callback(_report)
        return self

    async def check(self) -> None:
        """Raise BackgroundWorkEnded when the relay or the jobs do not run."""
        if ended := [task.get_name() for task in self._tasks if task.done()]:
            raise BackgroundWorkEnded(f"{' and '.join(ended)} ended. Restart this process.")

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.remove_done_callback(_report)
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._mailer.stop()


def _report(task: "asyncio.Task[None]") -> None:
    error = None if task.cancelled() else task.exception()
    log.critical("background work has ended", task=task.get_name(), exc_info=error)
