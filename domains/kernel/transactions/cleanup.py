"""Cleanup after an error that must not hide the error, and cancellations that a cleanup has hidden."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import asyncpg

CLEANUP_SECONDS: Final = 2.0


async def clean_up(connection: Any, call: Callable[..., Awaitable[object]], *args: Any) -> None:
    """Make a call that ends the work of a connection, such as a rollback or an unlock.

    When it fails or is not answered within two seconds, the connection is terminated: the server then ends its
    transaction and its locks. Raises nothing, so that the error that led here is raised.
    """
    try:
        async with asyncio.timeout(CLEANUP_SECONDS):
            await call(*args)
    except BaseException as error:
        with suppress(asyncpg.InterfaceError):  # it is lost, and given back to its pool
            connection.terminate()
        if not isinstance(error, Exception):
            raise


def raise_if_cancelled() -> None:
    """Raise CancelledError if the current task was asked to end.

    For loops that go on after an error: the end of a connection can replace the cancellation by an error of its own.
    """
    if (task := asyncio.current_task()) and task.cancelling():
        raise asyncio.CancelledError


@contextmanager
def keep_cancellation() -> Iterator[None]:
    """Raise CancelledError at the end of the block when the current task was cancelled inside and it is not raised.

    For calls of libraries that use `asyncio.wait_for`: before Python 3.12 it returns the result instead when that is
    there at the moment of the cancellation (https://github.com/python/cpython/issues/86296).
    """
    task = asyncio.current_task()
    before = task.cancelling() if task else 0
    yield
    if task and task.cancelling() > before:
        raise asyncio.CancelledError
