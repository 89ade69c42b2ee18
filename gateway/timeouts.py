"""The timeout of an execution."""

import asyncio
from contextlib import AbstractAsyncContextManager
from types import TracebackType

from gateway.graphql.core.errors import RequestRefused


def within_time(seconds: float) -> AbstractAsyncContextManager[None]:
    """Cancel the body after so many seconds and raise RequestRefused (503)."""
    return _WithinTime(seconds)


class _WithinTime(AbstractAsyncContextManager[None]):
    """A class, because every request needs it and a generator takes three times as long."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._timeout = asyncio.timeout(seconds)

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            await self._timeout.__aexit__(kind, error, traceback)
            if isinstance(error, TimeoutError):  # of the body itself
                raise error
        except TimeoutError:
            message = f"The operation took longer than {self._seconds:g} seconds and was cancelled."
            raise RequestRefused("TIMEOUT", message, status=503) from None
