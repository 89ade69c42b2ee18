"""Work that comes round: each job at its interval, in one process at a time."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.domain import Job, Scope
from gateway.messaging.handlers import NOBODY

log = structlog.get_logger("gateway.jobs")


@dataclass(frozen=True, slots=True)
class ScheduledJob:
    """A job that opens its own transactions. It may be interrupted at any point."""

    name: str
    every: timedelta
    work: Callable[[], Awaitable[object]]


class Jobs:
    """Runs jobs while the process runs. Several processes may: an advisory lock lets one at a time do a job."""

    def __init__(self, pool: Any, jobs: Sequence[ScheduledJob]) -> None:
        self._pool = pool
        self._jobs = list(jobs)

    async def run(self) -> None:
        """Run all jobs, each at its interval, until cancelled. A job that fails is logged and comes round again."""
        async with asyncio.TaskGroup() as group:
            for job in self._jobs:
                group.create_task(self._repeat(job), name=f"job {job.name}")

    async def run_once(self, job: ScheduledJob) -> bool:
        """Do a job now unless another process is at it; whether it was done. A failure is logged, not raised."""
        async with self._pool.acquire() as connection:
            if not await connection.fetchval("select pg_try_advisory_lock(hashtext($1))", f"job {job.name}"):
                return False
            try:
                await job.work()
            except Exception:
                log.exception("job failed", job=job.name)
                return False
            finally:
                await connection.fetchval("select pg_advisory_unlock(hashtext($1))", f"job {job.name}")
            return True

    async def _repeat(self, job: ScheduledJob) -> None:
        while True:
            await asyncio.sleep(job.every.total_seconds() * random.uniform(0.9, 1.1))  # noqa: S311 - jitter, no secret
            try:
                await self.run_once(job)
            except Exception:
                log.exception("job not started", job=job.name)


def scheduled(database: Database, job: Job) -> ScheduledJob:
    """A declared job on a database."""
    match job.scope:
        case Scope.COMPANY:
            work = per_company(database, job.work)
        case Scope.COMPANY_WORKFLOW:
            work = in_each_company(database, job.work)
        case Scope.PLATFORM:
            work = on_the_platform(database, job.work)
    return ScheduledJob(job.name, job.every, work)


def per_company(database: Database, work: Callable[[Tx], Awaitable[int]]) -> Callable[[], Awaitable[None]]:
    """Work that is done for each company, in transactions of the company, until it returns zero."""

    async def until_done(database: Database, actor: Actor) -> None:
        while await database.run(work, actor):
            pass

    return in_each_company(database, until_done)


def in_each_company(
    database: Database, work: Callable[[Database, Actor], Awaitable[object]]
) -> Callable[[], Awaitable[None]]:
    """Work that opens its own transactions, done once for each company; one that fails stops no other.

    Closed companies are among them: no request is served in their name, but their money and goods are settled and
    what they keep of people is tidied all the same.
    """

    async def everywhere() -> None:
        failures: list[Exception] = []
        for row in await database.reader(None).fetch("select id from companies order by id"):
            try:
                await work(database, Actor.system(row["id"]))
            except Exception as error:  # noqa: BLE001 - all of them are raised when the others are done
                failures.append(error)
        if failures:
            raise ExceptionGroup("It failed for some companies.", failures)

    return everywhere


def on_the_platform(database: Database, work: Callable[[Tx], Awaitable[int]]) -> Callable[[], Awaitable[None]]:
    """Work on what belongs to no company, in transactions of the platform, until it returns zero."""

    async def there() -> None:
        while await database.run(work, Actor.system(NOBODY), platform=True):
            pass

    return there
