"""Failures of events and jobs as they are stored."""

from typing import Final

from gateway.error_texts import text_of

MAX_LENGTH: Final = 1000


def failure_text(error: Exception) -> str:
    """The class and message of an error, without values of a database, cut to 1,000 characters."""
    return f"{type(error).__name__}: {text_of(error)}"[:MAX_LENGTH]
