"""Failures of events and jobs as they are stored."""

from typing import Final

MAX_LENGTH: Final = 1000


def failure_text(error: Exception) -> str:
    """The class and message of an error, cut to 1,000 characters."""
    return f"{type(error).__name__}: {error}"[:MAX_LENGTH]
