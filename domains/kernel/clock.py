"""The time, as something a test can set."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

_SET: Final[ContextVar[datetime | None]] = ContextVar("clock", default=None)


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The current time, aware and in UTC."""
        ...


@contextmanager
def set_to(at: datetime) -> Iterator[None]:
    """Let the system's clock stand at another time for what is done within, and for nothing beside it.

    For writing down a past: the demo's weeks of orders.
    """
    token = _SET.set(at)
    try:
        yield
    finally:
        _SET.reset(token)


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The current time, aware and in UTC."""
        return _SET.get() or datetime.now(UTC)


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
