"""The log of slow work: requests, handlers of events, jobs."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import structlog

from domains.kernel.monitoring.statement_counts import counting

log = structlog.get_logger("gateway.slow")
LIMIT: Final = 1_000
"""Milliseconds above which work is slow."""


@contextmanager
def timed(event: str, limit: int) -> Iterator[None]:
    """Log a line, `slow job`, with milliseconds and SQL statements when the body takes more than `limit` ms."""
    started = time.perf_counter()
    with counting() as statements:
        try:
            yield
        finally:
            milliseconds = round((time.perf_counter() - started) * 1_000, 2)
            if milliseconds > limit:
                log.warning(event, milliseconds=milliseconds, statements=statements.data)
