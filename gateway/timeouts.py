"""The timeout of an execution."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.graphql.core.errors import RequestRefused


@asynccontextmanager
async def within_time(seconds: float) -> AsyncIterator[None]:
    """Cancel the body after so many seconds and raise RequestRefused (503)."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        message = f"The operation took longer than {seconds:g} seconds and was cancelled."
        raise RequestRefused("TIMEOUT", message, status=503) from None
