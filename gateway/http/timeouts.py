"""The timeout of a request's execution."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.graphql.core.errors import RequestRefused
from gateway.http.settings import HttpSettings


@asynccontextmanager
async def within_time(settings: HttpSettings) -> AsyncIterator[None]:
    """Cancel the body after `execution_timeout` seconds and raise RequestRefused (503)."""
    try:
        async with asyncio.timeout(settings.execution_timeout):
            yield
    except TimeoutError:
        message = f"The operation took longer than {settings.execution_timeout:g} seconds and was cancelled."
        raise RequestRefused("TIMEOUT", message, status=503) from None
