"""The hub: gives the events of the stream to the subscriptions of this process, each room its own."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final, Self, TypeAlias

import structlog

from domains.kernel.transactions.cleanup import raise_if_cancelled
from gateway.live.channels import UNKNOWN, Channels, Room
from gateway.live.history import History
from gateway.live.stream import (
    START,
    EventStream,
    LiveEvent,
    MalformedEventId,
    Order,
    order_of,
)
from gateway.log_interval import LogInterval
from gateway.messaging.backoff import backoff

log = structlog.get_logger("gateway.live")
MAX_PENDING: Final = 100
STALLED_SECONDS: Final = 10.0
WAIT_SECONDS: Final = 5.0  # for an event, before the stream is asked again
CATCH_UP_SECONDS: Final = 2.0
TURN: Final = 20  # events, after which other tasks have their turn
MIN_PAUSE: Final = 0.1
MAX_PAUSE: Final = 5.0
FIRST: Final = (0, 1)  # below all ids but START


class SubscriberTooSlow(Exception):
    """A subscription has taken nothing for ten seconds while events were waiting, and has ended."""


@dataclass(frozen=True, slots=True)
class Missed:
    """Events up to this id are missing: what they are about must be fetched again."""

    id: str


Item: TypeAlias = LiveEvent | Missed


class Subscription:
    """The events of a room, in their order. At most 100 wait for their consumer.

    More of them are replaced by one `Missed`: a burst needs no memory, and ends no subscription. A consumer that does
    not take it within ten seconds, while events arrive, gets SubscriberTooSlow.

    With a key, the room is about one object. Several events of a transaction then say the same: the last one waits.
    """

    def __init__(self, after: Order, monotonic: Callable[[], float], *, has_key: bool) -> None:
        self._after = after
        self._has_key = has_key
        self._monotonic = monotonic
        self._pending: deque[Item] = deque()
        self._missed_at: float | None = None  # since when `Missed` waits
        self._is_too_slow = False
        self._changed = asyncio.Event()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Item:
        while not self._pending and not self._is_too_slow:
            self._changed.clear()
            await self._changed.wait()
        if self._is_too_slow:
            raise SubscriberTooSlow
        self._missed_at = None
        return self._pending.popleft()

    def add(self, order: Order, event: LiveEvent) -> None:
        """Let an event wait for the consumer, unless the consumer resumed after it."""
        if order <= self._after:
            return
        if self._has_key and self._pending and _is_of_the_same_transaction(self._pending[-1], event):
            self._pending[-1] = event
        elif self._missed_at is None and len(self._pending) < MAX_PENDING:
            self._pending.append(event)
            self._changed.set()
        else:
            self.miss(event.id)

    def miss(self, event_id: str) -> None:
        """Replace what waits: the consumer is told that events up to this id are missing."""
        now = self._monotonic()
        if self._missed_at is None:
            self._missed_at = now
        self._is_too_slow |= now - self._missed_at > STALLED_SECONDS
        self._pending.clear()
        if not self._is_too_slow:
            self._pending.append(Missed(event_id))
        self._changed.set()


def _is_of_the_same_transaction(item: Item, event: LiveEvent) -> bool:
    """Whether two events have the time of one transaction, to the microsecond."""
    return isinstance(item, LiveEvent) and item.occurred_at == event.occurred_at


class Hub:
    """The rooms of this process, and the one reader of the event stream that fills them."""

    def __init__(
        self, stream: EventStream, channels: Channels, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream = stream
        self._channels = channels
        self._monotonic = monotonic
        self._rooms: dict[Room, set[Subscription]] = {}
        self._history = History()
        self._last = START
        self._began: Order | None = None  # the newest event when the reading began: what is older is history
        self._outages = LogInterval(monotonic)
        self._advanced = asyncio.Event()

    def position(self) -> str:
        """The id of the newest event that this process knows."""
        return self._last

    async def begin(self) -> None:
        """Wait until a subscription can be resumed after the position, two seconds at the most.

        It cannot before this process has read the stream, and before any process has begun it: nothing says which
        commits are before its beginning.
        """
        await self._wait_for(FIRST)

    @property
    def is_subscribed(self) -> bool:
        """Whether there are open subscriptions."""
        return bool(self._rooms)

    @property
    def subscriptions(self) -> int:
        """The number of open subscriptions."""
        return sum(map(len, self._rooms.values()))

    @asynccontextmanager
    async def subscribe(self, room: Room, after: str | None = None) -> AsyncIterator[Subscription]:
        """The events of a room from now on, or those after an id that any process has given out.

        Without another subscription the stream is fed once a second: the first events may be up to a second old.
        When the id is unknown or too old, or more than a hundred events follow it, `Missed` comes first.
        """
        resumed = None if after is None else await self._known(after)
        # Nothing is awaited between the replay and the registration: no event falls between them.
        has_key = room.key is not None
        subscription = Subscription(resumed or order_of(START), self._monotonic, has_key=has_key)
        if resumed is not None:
            self._replay(room, resumed, subscription)
        elif after is not None:
            subscription.miss(self._last)
        self._rooms.setdefault(room, set()).add(subscription)
        try:
            yield subscription
        finally:
            self._rooms[room].discard(subscription)
            if not self._rooms[room]:
                del self._rooms[room]

    async def _known(self, after: str) -> Order | None:
        """The place of an id after which no event is missing, or None.

        An id that another process has given out may arrive here before its event does.
        """
        try:
            order = order_of(after)
        except MalformedEventId:
            return None
        return order if await self._wait_for(order) and order >= self._history.floor else None

    async def _wait_for(self, order: Order) -> bool:
        """Wait until this process has read the stream up to an id; whether it has."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CATCH_UP_SECONDS):
                while not self._has_read(order):
                    await self._advanced.wait()
        return self._has_read(order)

    def _has_read(self, order: Order) -> bool:
        """Whether this process has read the stream up to an id, and all that was in it at the beginning."""
        return self._began is not None and max(order, self._began) <= order_of(self._last)

    def _replay(self, room: Room, after: Order, subscription: Subscription) -> None:
        if room.key is not None and self._history.after(room._replace(key=UNKNOWN), after, 1):
            subscription.miss(self._last)
            return
        for event in self._history.after(room, after, MAX_PENDING + 1):
            subscription.add(order_of(event.id), event)

    async def run(self) -> None:
        """Read the stream until cancelled. While it does not answer, try again after growing pauses."""
        failures = 0
        while True:
            try:
                await self.read(wait=WAIT_SECONDS)
                failures = 0
            except Exception as error:  # noqa: BLE001 - of any kind: all subscriptions depend on it
                raise_if_cancelled()
                self._report(error)
                await asyncio.sleep(backoff(failures, MIN_PAUSE, MAX_PAUSE))
                failures += 1

    async def read(self, *, wait: float = 0) -> None:
        """Read once what follows in the stream, and give it to the subscriptions."""
        if self._began is None:
            self._began = order_of(await self._stream.newest())
        reading = await self._stream.read(self._last, wait=wait)
        if reading.after != self._last:
            self._skip(reading.after)
        for number, event in enumerate(reading.events, 1):
            self._receive(event, self._began)
            if number % TURN == 0:
                await asyncio.sleep(0)
        self._advance(reading.last)

    def _skip(self, after: str) -> None:
        """Go on after events that are lost."""
        self._history.restart(order_of(after))
        self._last = after
        for room in self._rooms:
            self._miss(room, after)

    def _receive(self, event: LiveEvent, began: Order) -> None:
        order, rooms = order_of(event.id), self._channels.rooms_of(event)
        self._history.add(order, event, rooms)
        self._last = event.id
        if order <= began:
            return
        for room in rooms:
            if room.key == UNKNOWN:
                self._miss_all(room, event.id)
            for subscription in self._rooms.get(room, ()):
                subscription.add(order, event)

    def _miss_all(self, unknown: Room, event_id: str) -> None:
        """Let all rooms with a key miss an event whose key is unknown."""
        for room in self._rooms:
            if room[:2] == unknown[:2] and room.key is not None:
                self._miss(room, event_id)

    def _miss(self, room: Room, event_id: str) -> None:
        for subscription in self._rooms[room]:
            subscription.miss(event_id)

    def _advance(self, last: str) -> None:
        self._last = last
        self._advanced.set()
        self._advanced = asyncio.Event()

    def _report(self, error: Exception) -> None:
        """Log an outage, once a minute."""
        if self._outages.is_due():
            log.warning("the event stream is not read", error=str(error) or type(error).__name__)
