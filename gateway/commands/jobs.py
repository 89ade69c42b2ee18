"""`commerce jobs`: lists the periodic jobs with their last runs, and runs one now."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence

from gateway.bootstrap import wired
from gateway.commands.databases import database_url
from gateway.commands.output import write_line, write_lines
from gateway.messaging.jobs import JobRun, Jobs, ScheduledJob, last_runs
from gateway.monitoring.traces import exported
from gateway.settings import Settings


class UnknownJob(Exception):
    """There is no job of this name; the message lists those that exist."""


def run_list(settings: Settings) -> None:
    """Print a line for each job."""

    async def lines(url: str) -> Sequence[str]:
        async with wired(settings, url) as platform:
            await platform.check_schema()
            runs = await last_runs(platform.relay_pool)
            return list(_table(platform.jobs, runs))

    with database_url(settings) as url:
        write_lines(asyncio.run(lines(url)))


def run_job(settings: Settings, name: str) -> int:
    """Run a job now, due or not; 0 when it succeeded, 1 when it failed or another process runs it."""

    async def work(url: str) -> int:
        async with exported(settings), wired(settings, url) as platform:
            await platform.check_schema()
            job = _find(platform.jobs, name)
            result = await Jobs(platform.relay_pool, platform.jobs, platform.database.clock).run_now(job)
        if result is None:
            write_line(f"Another process runs {job.name!r} now. Try again later.")
            return 1
        if result.error:
            write_line(f"{job.name!r} failed: {result.error}")
            return 1
        write_line(f"{job.name!r} has run.")
        return 0

    with database_url(settings) as url:
        return asyncio.run(work(url))


def describe(run: JobRun | None) -> str:
    """The last run of a job in words."""
    if run is None:
        return "never run"
    begun = f"{run.started_at:%Y-%m-%d %H:%M:%S}"
    if run.finished_at is None:
        return f"{begun}  running or interrupted"
    took = f"{(run.finished_at - run.started_at).total_seconds():.1f} s"
    return f"{begun}  {took}  {'ok' if run.error is None else f'failed: {run.error}'}"


def _table(jobs: Sequence[ScheduledJob], runs: Mapping[str, JobRun]) -> Iterator[str]:
    for job in sorted(jobs, key=lambda job: job.name):
        yield f"{job.name:40}  every {_interval(job):>6}  {describe(runs.get(job.name))}"


def _interval(job: ScheduledJob) -> str:
    seconds = int(job.every.total_seconds())
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _find(jobs: Sequence[ScheduledJob], name: str) -> ScheduledJob:
    for job in jobs:
        if job.name == name:
            return job
    raise UnknownJob(f"There is no job {name!r}. Jobs: {', '.join(sorted(job.name for job in jobs))}.")
