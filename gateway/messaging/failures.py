"""Failures of events and jobs as they are stored."""

from collections.abc import Iterator
from typing import Final

from gateway.error_texts import text_of

MAX_LENGTH: Final = 1000


def failure_text(error: Exception) -> str:
    """The class and message of an error, cut to 1,000 characters; of a group, those of each error in it.

    Messages have no values of a database (`text_of`). The notes of an error, and of the groups that it is in, precede
    it: they name what failed.
    """
    return "; ".join(_texts(error, ()))[:MAX_LENGTH]


def _texts(error: Exception, notes: tuple[str, ...]) -> Iterator[str]:
    notes = (*notes, *getattr(error, "__notes__", ()))
    if isinstance(error, ExceptionGroup):
        for each in error.exceptions:
            yield from _texts(each, notes)
    else:
        context = f"{', '.join(notes)}: " if notes else ""
        yield f"{context}{type(error).__name__}: {text_of(error)}"
