"""Periodic jobs: each runs at its interval, in one process at a time, and its last run is recorded."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import asyncpg
import structlog
from opentelemetry.trace import SpanKind
from structlog.contextvars import bound_contextvars

from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Database, Tx
from domains.kernel.domain import Job, Scope
from domains.kernel.monitoring import traces
from domains.kernel.transactions.cleanup import clean_up, raise_if_cancelled
from gateway.messaging.event_emitter import SYSTEM_ID
from gateway.messaging.failures import failure_text
from gateway.monitoring.metrics import Metrics
from gateway.monitoring.slow import LIMIT, timed

log = structlog.get_logger("gateway.jobs")
SLOW_JOB: Final = 10  # a job does the work of many requests
AT_ONCE: Final = 8  # jobs of a process; each holds a connection, the others wait
CHECK_SECONDS: Final = 30.0  # between two checks whether a job is due
TRY_LOCK: Final = "select pg_try_advisory_lock(hashtextextended($1, 0))"
UNLOCK: Final = "select pg_advisory_unlock(hashtextextended($1, 0))"
LAST_RUN: Final = "select started_at, finished_at from job_runs where name = $1"
STARTED: Final = """
insert into job_runs (name, started_at) values ($1, $2)
on conflict (name) do update set started_at = excluded.started_at, finished_at = null, error = null
"""
FINISHED: Final = "update job_runs set finished_at = greatest($2, started_at), error = $3 where name = $1"


@dataclass(frozen=True, slots=True)
class ScheduledJob:
    """A job that opens its own transactions. It may be interrupted at any point."""

    name: str
    every: timedelta
    work: Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class JobResult:
    """The outcome of one attempt to run a job: the error of a failed run, None of a successful one."""

    error: Exception | None = None


class Jobs:
    """Runs jobs while the process runs, each at its interval.

    Several processes may: an advisory lock lets one at a time run a job, and the table `job_runs` says under the lock
    whether it is due. A job that a killed process did not finish is due at once. One that takes more than ten times
    `slow` milliseconds is logged.
    """

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        jobs: Sequence[ScheduledJob],
        clock: Clock,
        metrics: Metrics | None = None,
        *,
        slow: int = LIMIT,
    ) -> None:
        self._slow = slow * SLOW_JOB
        self._pool = pool
        self._jobs = list(jobs)
        self._clock = clock
        self._metrics = metrics or Metrics()
        self._turns = asyncio.Semaphore(AT_ONCE)
        for job in jobs:
            self._metrics.expect_job(job.name, job.every)

    async def run(self) -> None:
        """Run all jobs when they are due, 8 at once, until cancelled. A failed job is logged and runs again."""
        async with asyncio.TaskGroup() as group:
            for job in self._jobs:
                group.create_task(self._repeat(job), name=f"job {job.name}")

    async def run_now(self, job: ScheduledJob) -> JobResult | None:
        """Run a job whether it is due or not; None when another process runs it. A failure is logged."""
        return await self._run_locked(job, only_due=False)

    async def run_due(self, job: ScheduledJob) -> JobResult | None:
        """Run a job if it is due; None when it is not, or another process runs it. A failure is logged."""
        return await self._run_locked(job, only_due=True)

    async def _run_locked(self, job: ScheduledJob, *, only_due: bool) -> JobResult | None:
        async with self._pool.acquire() as connection:
            if not await connection.fetchval(TRY_LOCK, f"job {job.name}"):
                return None
            try:
                if only_due and not await self._is_due(connection, job):
                    return None
                return await self._run(connection, job)
            finally:
                await clean_up(connection, connection.fetchval, UNLOCK, f"job {job.name}")

    async def _is_due(self, connection: Any, job: ScheduledJob) -> bool:
        last = await connection.fetchrow(LAST_RUN, job.name)
        if last is None or last["finished_at"] is None:
            return True
        return bool(last["started_at"] + job.every <= self._clock.now())

    async def _run(self, connection: Any, job: ScheduledJob) -> JobResult:
        await connection.execute(STARTED, job.name, self._clock.now())
        started = time.perf_counter()
        with (
            bound_contextvars(job=job.name),
            traces.entry(None, f"job {job.name}", SpanKind.INTERNAL),
            timed("slow job", self._slow),
        ):
            result = await _result_of(job)
        text = failure_text(result.error) if result.error else None
        await connection.execute(FINISHED, job.name, self._clock.now(), text)
        seconds, is_success = time.perf_counter() - started, result.error is None
        self._metrics.job_finished(job.name, seconds, self._clock.now(), is_success=is_success)
        return result

    async def _repeat(self, job: ScheduledJob) -> None:
        between = min(job.every.total_seconds(), CHECK_SECONDS)
        while True:
            await asyncio.sleep(between * random.uniform(0.9, 1.1))  # noqa: S311 - jitter, no secret
            try:
                async with self._turns:
                    await self.run_due(job)
            except Exception:
                raise_if_cancelled()
                log.exception("job not started", job=job.name)


async def _result_of(job: ScheduledJob) -> JobResult:
    try:
        await job.work()
    except Exception as error:
        raise_if_cancelled()
        traces.record_error(error)
        log.exception("job failed", job=job.name)
        return JobResult(error)
    return JobResult()


@dataclass(frozen=True, slots=True)
class JobRun:
    """The last run of a job: running or interrupted without `finished_at`, failed with an error."""

    started_at: datetime
    finished_at: datetime | None
    error: str | None


async def last_runs(pool: "asyncpg.Pool[asyncpg.Record]") -> Mapping[str, JobRun]:
    """The last run of each job that has run, by the job's name."""
    rows = await pool.fetch("select name, started_at, finished_at, error from job_runs")
    return {name: JobRun(*run) for name, *run in rows}


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

    The failures are raised together at the end as an ExceptionGroup, each with a note that names the company.
    Inactive companies are included: they serve no requests, but their payments, stock and personal data still need
    the jobs.
    """

    async def run_in_companies() -> None:
        failures: list[Exception] = []
        for company_id, slug in await database.reader(None).fetch("select id, slug from companies order by id"):
            try:
                await work(database, Actor.system(company_id))
            except Exception as error:  # noqa: BLE001 - all failures are raised at the end
                raise_if_cancelled()
                error.add_note(f"company {slug}")
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
