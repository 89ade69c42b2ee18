"""Clocks: the source of the current time, injected wherever it is needed, so that tests can set it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

_OVERRIDE: Final[ContextVar[datetime | None]] = ContextVar("clock", default=None)


class Clock(Protocol):
    """A source of the current time."""

    def now(self) -> datetime:
        """The current time, aware and in UTC."""
        ...


@contextmanager
def set_to(at: datetime) -> Iterator[None]:
    """Stop the system's clock at another time for the code inside, and for no concurrent task.

    The demo creates its past orders with it.
    """
    token = _OVERRIDE.set(at)
    try:
        yield
    finally:
        _OVERRIDE.reset(token)


class SystemClock:
    """The clock of the machine. Only the bootstrap creates one."""

    def now(self) -> datetime:
        """The current time, aware and in UTC."""
        return _OVERRIDE.get() or datetime.now(UTC)


@dataclass(slots=True)
class FixedClock:
    """A clock that stands still until it is moved."""

    at: datetime

    def now(self) -> datetime:
        """The time this clock was last set to."""
        return self.at

    def advance(self, by: timedelta) -> None:
        """Move the clock forward."""
        self.at += by
