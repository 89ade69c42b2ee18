"""The security log of refused connections, of which a flood is one line in ten seconds."""

import time
from collections.abc import Callable
from typing import Final

import structlog

log = structlog.get_logger("gateway.http")
LOG_INTERVAL: Final = 10.0  # seconds between log lines of one kind


class RefusalLog:
    """Counts refusals and logs their number when a line is due."""

    def __init__(self, reason: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._reason = reason
        self._monotonic = monotonic
        self._refused = 0
        self._logged_at: float | None = None

    def count(self, code: str, **client: str | None) -> None:
        """Count the refusal of a connection with its error code, and what is known of the client."""
        self._refused += 1
        now = self._monotonic()
        if self._logged_at is None or now - self._logged_at >= LOG_INTERVAL:
            log.warning("security", kind="throttling", reason=self._reason, code=code, count=self._refused, **client)
            self._logged_at, self._refused = now, 0
