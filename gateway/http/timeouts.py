"""The bound on how long a request may take once it has arrived."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.graphql.core.errors import RequestRefused
from gateway.http.settings import HttpSettings


@asynccontextmanager
async def within_time(settings: HttpSettings) -> AsyncIterator[None]:
    """Give up what takes longer than `execution_timeout` seconds. Raises RequestRefused (503) then."""
    try:
        async with asyncio.timeout(settings.execution_timeout):
            yield
    except TimeoutError:
        message = f"The operation took longer than {settings.execution_timeout:g} seconds and was given up."
        raise RequestRefused("TIMEOUT", message, status=503) from None
