"""The event stream in the process, which replaces Redis for a single process."""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Final

from domains.kernel.clock import Clock
from gateway.live.stream import KEPT, MAX_EVENTS, PAGE, START, LiveEvent, Order, Reading, order_of

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND: Final = timedelta(milliseconds=1)


class MemoryStream:
    """See EventStream."""

    def __init__(self, clock: Clock, *, kept: timedelta = KEPT, max_events: int = MAX_EVENTS) -> None:
        self._clock = clock
        self._kept = kept // MILLISECOND
        self._max_events = max_events
        self._events: deque[tuple[Order, LiveEvent]] = deque()
        self._position: str | None = None
        self._floor = self._newest = order_of(START)  # events after the floor are complete
        self._appended = asyncio.Event()

    async def position(self) -> str | None:
        """See EventStream."""
        return self._position

    async def store(
        self, bodies: Sequence[bytes], *, expected: str | None, position: str, is_gap: bool = False
    ) -> bool:
        """See EventStream."""
        if self._position != expected:
            return False
        if is_gap or expected is None:
            self._events.clear()
            self._floor = self._next()
        for body in bodies:
            order = self._next()
            self._events.append((order, LiveEvent.decoded(_id(order), body)))
        self._position = position
        self._trim()
        self._appended.set()
        self._appended = asyncio.Event()
        return True

    async def newest(self) -> str:
        """See EventStream."""
        return _id(self._newest)

    async def read(self, after: str, *, wait: float = 0) -> Reading:
        """See EventStream."""
        order = order_of(after)
        if wait and order == self._newest:
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._appended.wait()
        begin = order if self._floor <= order <= self._newest else self._floor
        later = takewhile(lambda entry: entry[0] > begin, reversed(self._events))
        events = [event for _, event in later][: -PAGE - 1 : -1]
        return Reading(_id(begin), events, events[-1].id if events else _id(begin))

    def _now(self) -> int:
        return (self._clock.now() - EPOCH) // MILLISECOND

    def _next(self) -> Order:
        """A new id, later than all before it, also when the clock was set back."""
        milliseconds, number = self._newest
        now = self._now()
        self._newest = (now, 0) if now > milliseconds else (milliseconds, number + 1)
        return self._newest

    def _trim(self) -> None:
        oldest = (self._now() - self._kept, 0)
        while self._events and (self._events[0][0] < oldest or len(self._events) > self._max_events):
            self._floor, _ = self._events.popleft()


def _id(order: Order) -> str:
    return "{}-{}".format(*order)
