"""Jobs: one process at a time, isolated and logged failures, all companies."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import structlog

from domains.kernel.clock import FixedClock, SystemClock
from domains.kernel.database import Database, Tx
from domains.kernel.ids import new_id
from gateway.messaging.cleanup import delete_delivered
from gateway.messaging.jobs import JobResult, JobRun, Jobs, ScheduledJob, last_runs, per_company
from tests.conditions import wait_until

OFTEN = timedelta(milliseconds=1)


async def test_a_failed_job_runs_again(relay_pool: Any) -> None:
    runs, thrice = 0, asyncio.Event()

    async def work() -> None:
        nonlocal runs
        runs += 1
        if runs == 3:
            thrice.set()
        raise ConnectionError("not today")

    running = asyncio.create_task(Jobs(relay_pool, [ScheduledJob("failing", OFTEN, work)], SystemClock()).run())
    with structlog.testing.capture_logs() as logs:
        async with asyncio.timeout(5):
            await thrice.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert {(entry["event"], entry["job"]) for entry in logs} == {("job failed", "failing")}


async def test_a_process_runs_few_jobs_at_once_and_the_others_after_them(
    relay_pool: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.messaging.jobs.AT_ONCE", 2)
    go_on, begun = asyncio.Event(), set[str]()

    def job(name: str) -> ScheduledJob:
        async def work() -> None:
            begun.add(name)
            await go_on.wait()

        return ScheduledJob(name, OFTEN, work)

    jobs = Jobs(relay_pool, [job(f"one of four {each}") for each in range(4)], SystemClock())
    running = asyncio.create_task(jobs.run())
    await wait_until(lambda: len(begun) == 2)
    await asyncio.sleep(0.2)
    assert len(begun) == 2
    go_on.set()
    await wait_until(lambda: len(begun) == 4)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_job_runs_in_one_process_at_a_time(relay_pool: Any) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        await go_on.wait()

    job, clock = ScheduledJob("alone", OFTEN, work), SystemClock()
    here, there = Jobs(relay_pool, [job], clock), Jobs(relay_pool, [job], clock)
    first = asyncio.create_task(here.run_now(job))
    await begun.wait()
    assert await there.run_now(job) is None
    go_on.set()
    assert await first == JobResult()
    assert await there.run_now(job) == JobResult()


async def test_a_failed_job_releases_its_lock(relay_pool: Any, clock: FixedClock) -> None:
    error = ConnectionError("no tea")

    async def fail() -> None:
        raise error

    job = ScheduledJob("broken", OFTEN, fail)
    with structlog.testing.capture_logs() as logs:
        assert [await Jobs(relay_pool, [], clock).run_now(job) for _ in range(2)] == [JobResult(error)] * 2
    assert [entry["event"] for entry in logs] == ["job failed", "job failed"]
    assert (await last_runs(relay_pool))["broken"] == JobRun(clock.now(), clock.now(), "ConnectionError: no tea")


async def test_many_processes_run_a_job_once_in_each_interval(relay_pool: Any, clock: FixedClock) -> None:
    runs = []

    async def work() -> None:
        runs.append(clock.now())

    job = ScheduledJob("hourly", timedelta(hours=1), work)
    processes = [Jobs(relay_pool, [job], clock) for _ in range(10)]
    begun = clock.now()
    for minutes in (0, 30, 29, 1):
        clock.advance(timedelta(minutes=minutes))
        for process in processes:
            await process.run_due(job)
    assert runs == [begun, begun + timedelta(hours=1)]


async def test_a_job_that_was_interrupted_is_due_at_once(relay_pool: Any, clock: FixedClock) -> None:
    interrupted, runs = True, 0

    async def work() -> None:
        nonlocal runs
        if interrupted:
            raise asyncio.CancelledError
        runs += 1

    job = ScheduledJob("interrupted", timedelta(days=1), work)
    jobs = Jobs(relay_pool, [job], clock)
    with pytest.raises(asyncio.CancelledError):
        await jobs.run_due(job)
    assert (await last_runs(relay_pool))["interrupted"] == JobRun(clock.now(), None, None)
    interrupted = False
    assert await jobs.run_due(job) == JobResult()
    assert await jobs.run_due(job) is None
    assert runs == 1


async def test_a_job_that_is_done_by_hand_is_not_due_again(relay_pool: Any, clock: FixedClock) -> None:
    runs = 0

    async def work() -> None:
        nonlocal runs
        runs += 1

    job = ScheduledJob("by hand", timedelta(days=1), work)
    jobs = Jobs(relay_pool, [job], clock)
    for _ in range(2):
        assert await jobs.run_now(job) == JobResult()
    assert await jobs.run_due(job) is None
    assert runs == 2


async def test_a_job_runs_in_each_company_until_no_work_is_left(
    database: Database, owner: Any, company: UUID, other_company: UUID
) -> None:
    await owner.execute("update companies set is_active = false where id = $1", other_company)
    left, asked = {company: 2, other_company: 1}, []

    async def work(tx: Tx) -> int:
        assert tx.company_id is not None
        asked.append(tx.company_id)
        remaining = left.get(tx.company_id, 0)
        left[tx.company_id] = remaining - 1
        return max(remaining, 0)

    await per_company(database, work)()
    assert (asked.count(company), asked.count(other_company)) == (3, 2)


async def test_a_company_whose_work_fails_does_not_stop_others(
    database: Database, company: UUID, other_company: UUID
) -> None:
    asked = []

    async def work(tx: Tx) -> int:
        asked.append(tx.company_id)
        if tx.company_id in (company, other_company):
            raise ConnectionError("not here")
        return 0

    with pytest.raises(ExceptionGroup) as caught:
        await per_company(database, work)()
    assert len(caught.value.exceptions) == 2
    assert {company, other_company} <= set(asked)


async def test_only_expired_rows_are_deleted(owner: Any, relay_pool: Any, company: UUID) -> None:
    await owner.execute("truncate outbox_events, inbox_entries, idempotency_keys")
    for days in (None, 13, 15):
        await owner.execute(
            "insert into outbox_events (id, company_id, topic, aggregate_id, payload, actor_kind, published_at) "
            "values ($1, $2, 'tea.made', $1, '{}', 'SYSTEM', now() - make_interval(days => $3))",
            new_id(), company, days,
        )  # fmt: skip
    for days in (29, 31):
        await owner.execute(
            "insert into inbox_entries (event_id, handler, processed_at) "
            "values ($1, 'x', now() - make_interval(days => $2))",
            new_id(), days,
        )  # fmt: skip
    for minutes in (-1, 1):
        await owner.execute(
            "insert into idempotency_keys "
            "(id, company_id, actor_key, operation, key, request_hash, version, claimed_at, expires_at) "
            "values ($1, $2, 'a', 'o', gen_random_uuid()::text, 'h', 2, now(), now() - make_interval(mins => $3))",
            new_id(), company, minutes,
        )  # fmt: skip
    await delete_delivered(relay_pool, SystemClock())
    left = "select (select count(*) from outbox_events), (select count(*) from inbox_entries), count(*)"
    assert tuple(await owner.fetchrow(f"{left} from idempotency_keys")) == (2, 1, 1)
