"""The check of periodic jobs."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from gateway.commands.checks.results import CheckResult
from gateway.commands.jobs import describe
from gateway.messaging.jobs import JobRun, ScheduledJob

INTERVALS: Final = 3
START: Final = timedelta(minutes=2)
"""The time after the start of the first process, within which every job has begun for the first time."""
ADVICE: Final = "Start a server or a worker, whose log says why a job fails. `commerce jobs run NAME` runs one now."


def check_jobs(jobs: Sequence[ScheduledJob], runs: Mapping[str, JobRun], now: datetime) -> CheckResult:
    """Whether the last run of each job began within three intervals and succeeded; shows the last run of each."""
    is_begun = any(run.started_at + START < now for run in runs.values())
    lines, passed = [], True
    for job in sorted(jobs, key=lambda job: job.name):
        run = runs.get(job.name)
        is_overdue = is_begun if run is None else run.started_at + INTERVALS * job.every < now
        lines.append(f"{job.name}: {describe(run)}{'  overdue' if is_overdue else ''}")
        passed = passed and not is_overdue and (run is None or run.error is None)
    return CheckResult("Jobs run", passed, "\n".join(lines if passed else [ADVICE, *lines]))
