"""Background work reports when it has ended, and completes what it has begun when it is asked to end."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from domains.kernel.clock import SystemClock
from domains.kernel.database import Database
from gateway.messaging.background import BackgroundWork, BackgroundWorkEnded, completed
from gateway.messaging.delivery import InProcessDelivery
from gateway.messaging.event_emitter import EventEmitter
from gateway.messaging.jobs import Jobs, ScheduledJob
from gateway.messaging.relay import Relay


class Fatal(BaseException):
    """An error that the relay does not survive."""


class BrokenPool:
    """A pool without a connection: acquire waits or fails."""

    def __init__(self) -> None:
        self.breaks = asyncio.Event()
        self.error: BaseException = Fatal()

    def acquire(self) -> Any:
        return self

    async def __aenter__(self) -> None:
        await self.breaks.wait()
        raise self.error

    async def __aexit__(self, *_: object) -> None:
        return


async def rest() -> None:
    return


@pytest.fixture
def broken_pool() -> BrokenPool:
    return BrokenPool()


@pytest.fixture
def background(broken_pool: Any, database: Database) -> BackgroundWork:
    jobs = Jobs(broken_pool, [ScheduledJob("rest", timedelta(hours=1), rest)], SystemClock())
    relay = Relay(broken_pool, InProcessDelivery(EventEmitter(database)))
    return BackgroundWork({"relay": relay.run, "jobs": jobs.run})


@pytest.fixture
def logs() -> Iterator[list[Any]]:
    with capture_logs() as captured:
        yield captured


@pytest.mark.parametrize("error", [Fatal(), asyncio.CancelledError()])
async def test_a_relay_that_ended_is_logged_as_critical(
    background: BackgroundWork, broken_pool: BrokenPool, logs: list[Any], error: BaseException
) -> None:
    broken_pool.error = error
    async with background:
        await background.check()
        broken_pool.breaks.set()
        await asyncio.wait(background._tasks, return_when=asyncio.FIRST_COMPLETED)
        with pytest.raises(BackgroundWorkEnded, match="relay ended"):
            await background.check()
    assert [(entry["log_level"], entry["task"]) for entry in logs] == [("critical", "relay")]


async def test_a_process_waits_until_it_is_stopped(background: BackgroundWork) -> None:
    stopped = asyncio.Event()
    async with background:
        waiting = asyncio.create_task(background.until(stopped))
        await asyncio.sleep(0)
        assert not waiting.done()
        stopped.set()
        await waiting


async def test_a_process_does_not_outlive_a_part_of_its_work(
    background: BackgroundWork, broken_pool: BrokenPool, logs: list[Any]
) -> None:
    async with background:
        waiting = asyncio.create_task(background.until(asyncio.Event()))
        broken_pool.breaks.set()
        with pytest.raises(BackgroundWorkEnded, match="relay ended"):
            await waiting
    assert [entry["event"] for entry in logs] == ["background work has ended"]


async def test_a_requested_end_is_not_logged(background: BackgroundWork, logs: list[Any]) -> None:
    async with background:
        await background.check()
    assert logs == []


async def test_the_result_and_the_error_of_the_work_are_its_own() -> None:
    assert await completed(asyncio.sleep(0, "done")) == "done"
    with pytest.raises(ZeroDivisionError):
        await completed(fail())


async def fail() -> None:
    raise ZeroDivisionError


async def test_work_that_ends_soon_is_not_interrupted() -> None:
    begun, go_on, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        await go_on.wait()
        ended.set()

    running = asyncio.create_task(completed(work()))
    await begun.wait()
    running.cancel()
    await asyncio.sleep(0.01)
    assert not running.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert ended.is_set()


async def test_work_that_takes_too_long_is_interrupted_and_has_ended() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    running = asyncio.create_task(completed(work(), 0.01))
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert ended.is_set()
