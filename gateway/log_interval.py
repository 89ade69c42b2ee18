"""Log lines of what fails again and again, of which one a minute is enough."""

import time
from collections.abc import Callable
from typing import Final

INTERVAL: Final = 60.0
"""The seconds between two lines of one kind."""


class LogInterval:
    """The interval of one kind of line; the first one is due at once."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._due_at = -float("inf")

    def is_due(self) -> bool:
        """Whether to log a line now, after which none is due for a minute."""
        if (now := self._monotonic()) < self._due_at:
            return False
        self._due_at = now + INTERVAL
        return True
