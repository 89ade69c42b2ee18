"""The latest events of a process by their rooms, from which subscriptions are resumed."""

from collections import defaultdict, deque
from collections.abc import Sequence
from datetime import timedelta
from itertools import islice, takewhile
from typing import Final

from gateway.live.channels import Room
from gateway.live.stream import KEPT, MAX_EVENTS, START, LiveEvent, Order, order_of

Kept = tuple[Order, LiveEvent]
MILLISECOND: Final = timedelta(milliseconds=1)


class History:
    """A copy of the end of the event stream: what a room has received after an id is found without a search.

    `floor` is the id after which the events are complete. They are removed by the age and the number of those of the
    stream.
    """

    def __init__(self, *, kept: timedelta = KEPT, max_events: int = MAX_EVENTS) -> None:
        self._kept = kept // MILLISECOND
        self._max_events = max_events
        self._events: deque[tuple[Order, Sequence[Room]]] = deque()
        self._rooms: defaultdict[Room, deque[Kept]] = defaultdict(deque)
        self.floor = order_of(START)

    def __len__(self) -> int:
        return len(self._events)

    def restart(self, floor: Order) -> None:
        """Forget all events: those after the floor follow."""
        self._events.clear()
        self._rooms.clear()
        self.floor = floor

    def add(self, order: Order, event: LiveEvent, rooms: Sequence[Room]) -> None:
        """Add the next event, which belongs to these rooms."""
        self._events.append((order, rooms))
        for room in rooms:
            self._rooms[room].append((order, event))
        self._trim(order[0] - self._kept)

    def after(self, room: Room, order: Order, maximum: int) -> list[LiveEvent]:
        """The events of a room after an id, which is not below the floor; the newest ones, at most so many."""
        newest = islice(reversed(self._rooms.get(room, ())), maximum)
        return [event for _, event in takewhile(lambda kept: kept[0] > order, newest)][::-1]

    def _trim(self, oldest: int) -> None:
        while self._events and (self._events[0][0][0] < oldest or len(self._events) > self._max_events):
            self.floor, rooms = self._events.popleft()
            for room in rooms:
                kept = self._rooms[room]
                kept.popleft()
                if not kept:
                    del self._rooms[room]
