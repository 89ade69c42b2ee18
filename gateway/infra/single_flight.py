"""Single flight: concurrent callers with the same key share one running call."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Runs one call per key at a time; callers that come while it runs get its result or its error."""

    def __init__(self) -> None:
        self._running: dict[str, asyncio.Task[T]] = {}

    def __contains__(self, key: str) -> bool:
        """Whether a call of a key runs."""
        return key in self._running

    async def run(self, key: str, call: Callable[[], Awaitable[T]]) -> T:
        """The result of the running call of a key, or of a new one. A cancelled caller leaves it running."""
        task = self._running.get(key)
        if task is None:
            task = self._running[key] = asyncio.create_task(_awaited(call))
            task.add_done_callback(lambda _: self._running.pop(key, None))
        return await asyncio.shield(task)


async def _awaited(call: Callable[[], Awaitable[T]]) -> T:
    return await call()
