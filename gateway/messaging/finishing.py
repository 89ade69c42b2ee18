"""Completion of what a process has begun when it is asked to end."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

T = TypeVar("T")
FINISH_SECONDS: Final = 4.0  # less than background work has to stop


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
