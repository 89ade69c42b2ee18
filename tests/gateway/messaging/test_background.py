"""BackgroundWork work reports when it has ended."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from domains.kernel.clock import SystemClock
from gateway.infra.mail import OutboxMailer
from gateway.messaging.background import BackgroundWork, BackgroundWorkEnded
from gateway.messaging.jobs import ScheduledJob
from gateway.messaging.relay import Relay


class Fatal(BaseException):
    """An error that the relay does not survive."""


class Pool:
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


async def deliver(_event: object) -> None:
    return


async def rest() -> None:
    return


@pytest.fixture
def pool() -> Pool:
    return Pool()


@pytest.fixture
def background(pool: Any, tmp_path: Path) -> BackgroundWork:
    jobs = [ScheduledJob("rest", timedelta(hours=1), rest)]
    return BackgroundWork(Relay(pool, deliver, []), jobs, pool, OutboxMailer(tmp_path, SystemClock()))


@pytest.fixture
def logs() -> Iterator[list[Any]]:
    with capture_logs() as captured:
        yield captured


@pytest.mark.parametrize("error", [Fatal(), asyncio.CancelledError()])
async def test_a_relay_that_ended_is_logged_as_critical(
    background: BackgroundWork, pool: Pool, logs: list[Any], error: BaseException
) -> None:
    pool.error = error
    async with background:
        await background.check()
        pool.breaks.set()
        await asyncio.wait(background._tasks, return_when=asyncio.FIRST_COMPLETED)
        with pytest.raises(BackgroundWorkEnded, match="relay ended"):
            await background.check()
    assert [(entry["log_level"], entry["task"]) for entry in logs] == [("critical", "relay")]


async def test_a_requested_end_is_not_logged(background: BackgroundWork, logs: list[Any]) -> None:
    async with background:
        await background.check()
    assert logs == []
