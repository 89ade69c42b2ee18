"""Background work of a process: the outbox relay, consumers, jobs, and the delivery of mail."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Self

import structlog

log = structlog.get_logger("gateway.background")
Work = Callable[[], Coroutine[Any, Any, None]]
"""Runs until it is cancelled."""


class BackgroundWorkEnded(Exception):
    """Background work has ended unexpectedly; the log has the reason."""


class BackgroundWork:
    """Named work that runs while the process runs. Starts with `async with`, and stops in the reverse order."""

    def __init__(self, work: Mapping[str, Work]) -> None:
        self._work = work
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

    async def __aexit__(self, *_: object) -> None:
        for task in reversed(self._tasks):
            task.remove_done_callback(_report)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def _report(task: "asyncio.Task[None]") -> None:
    error = None if task.cancelled() else task.exception()
    log.critical("background work has ended", task=task.get_name(), exc_info=error)
