"""Periodic jobs: each runs at its interval, in one process at a time."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import asyncpg
import structlog

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.domain import Job, Scope
from gateway.messaging.handlers import SYSTEM_ID

log = structlog.get_logger("gateway.jobs")


@dataclass(frozen=True, slots=True)
class ScheduledJob:
    """A job that opens its own transactions. It may be interrupted at any point."""

    name: str
    every: timedelta
    work: Callable[[], Awaitable[object]]


class Jobs:
    """Runs jobs while the process runs. Several processes may; an advisory lock lets one at a time run a job."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", jobs: Sequence[ScheduledJob]) -> None:
        self._pool = pool
        self._jobs = list(jobs)

    async def run(self) -> None:
        """Run all jobs, each at its interval, until cancelled. A failed job is logged and runs again."""
        async with asyncio.TaskGroup() as group:
            for job in self._jobs:
                group.create_task(self._repeat(job), name=f"job {job.name}")

    async def run_once(self, job: ScheduledJob) -> bool:
        """Run a job now unless another process runs it; return whether it succeeded. A failure is logged."""
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
    """A declared job, bound to a database."""
    match job.scope:
        case Scope.COMPANY:
            work = per_company(database, job.work)
        case Scope.COMPANY_WORKFLOW:
            work = each_company(database, job.work)
        case Scope.PLATFORM:
            work = on_platform(database, job.work)
    return ScheduledJob(job.name, job.every, work)


def per_company(database: Database, work: Callable[[Tx], Awaitable[int]]) -> Callable[[], Awaitable[None]]:
    """Work that runs for each company, in transactions of the company, until it returns zero."""

    async def run_until_done(database: Database, actor: Actor) -> None:
        while await database.run(work, actor):
            pass

    return each_company(database, run_until_done)


def each_company(
    database: Database, work: Callable[[Database, Actor], Awaitable[object]]
) -> Callable[[], Awaitable[None]]:
    """Work that opens its own transactions and runs once for each company; a failure does not stop the others.

    Inactive companies are included: they serve no requests, but their payments, stock and personal data still need
    the jobs.
    """

    async def run_in_companies() -> None:
        failures: list[Exception] = []
        for row in await database.reader(None).fetch("select id from companies order by id"):
            try:
                await work(database, Actor.system(row["id"]))
            except Exception as error:  # noqa: BLE001 - all failures are raised at the end
                failures.append(error)
        if failures:
            raise ExceptionGroup("The job failed for some companies.", failures)

    return run_in_companies


def on_platform(database: Database, work: Callable[[Tx], Awaitable[int]]) -> Callable[[], Awaitable[None]]:
    """Work on rows without a company, in transactions of the platform, until it returns zero."""

    async def run_on_platform() -> None:
        while await database.run(work, Actor.system(SYSTEM_ID), platform=True):
            pass

    return run_on_platform
