"""Background work of a process: the outbox relay, consumers, jobs, and the delivery of mail."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any, Final, Self, TypeVar

import structlog

log = structlog.get_logger("gateway.background")
STOP_SECONDS: Final = 10.0
FINISH_SECONDS: Final = 4.0  # for what was begun, of those
T = TypeVar("T")
Work = Callable[[], Coroutine[Any, Any, None]]
"""Runs until it is cancelled."""


class BackgroundWorkEnded(Exception):
    """Background work has ended unexpectedly; the log has the reason."""


class BackgroundWork:
    """Named work that runs while the process runs. Starts with `async with`, and stops in the reverse order.

    The end waits for all of it `stop_seconds` at most, for example while the database does not answer.
    """

    def __init__(self, work: Mapping[str, Work], stop_seconds: float = STOP_SECONDS) -> None:
        self._work = work
        self._stop_seconds = stop_seconds
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(work(), name=name) for name, work in self._work.items()]
        for task in self._tasks:
            task.add_done_callback(_report)
        return self

    async def check(self) -> None:
        """Raise BackgroundWorkEnded when some of the work does not run."""
        if ended := [task.get_name() for task in self._tasks if task.done()]:
            raise BackgroundWorkEnded(f"{' and '.join(ended)} ended. Restart this process.")

    async def until(self, stopped: asyncio.Event) -> None:
        """Wait until the event is set. Raises BackgroundWorkEnded when some of the work ends before."""
        stopping = asyncio.create_task(stopped.wait())
        try:
            await asyncio.wait([stopping, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
        if not stopped.is_set():
            await self.check()

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.remove_done_callback(_report)
        with suppress(TimeoutError):
            async with asyncio.timeout(self._stop_seconds):
                await self._stop()
        for task in self._tasks:
            if not task.done():
                task.cancel()
                log.error("background work does not stop", task=task.get_name())

    async def _stop(self) -> None:
        for task in reversed(self._tasks):
            if not task.cancel():
                continue  # it had ended, which was reported
            await asyncio.wait([task])
            if not task.cancelled() and (error := task.exception()):
                log.warning("background work failed as it ended", task=task.get_name(), error=repr(error))


def _report(task: "asyncio.Task[None]") -> None:
    error = None if task.cancelled() else task.exception()
    log.critical("background work has ended", task=task.get_name(), exc_info=error)


async def completed(work: Coroutine[Any, Any, T], seconds: float = FINISH_SECONDS) -> T:
    """The result of work that goes on for up to so many seconds after the current task is cancelled.

    For messages that are handed over to others: one whose end is not recorded is sent again. Raises CancelledError
    once the work has ended or was cancelled too.
    """
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task], timeout=seconds)
        raise
    finally:
        if task.cancel():
            await asyncio.wait([task])
