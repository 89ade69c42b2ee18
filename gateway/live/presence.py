"""Presence: who is in a room now, in this process and all others, told to the subscriptions of this process."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, Self

import structlog

from domains.kernel.transactions.cleanup import raise_if_cancelled
from gateway.live.presence_store import Change, PresenceRoom, PresenceStore, PresenceUnavailable, Present

log = structlog.get_logger("gateway.live")
FLUSH_SECONDS: Final = 1.0
RENEW_SECONDS: Final = 10.0  # three of them are within the time to live
RETRY_SECONDS: Final = 1.0
BATCH: Final = 200  # rooms of one update
LOG_INTERVAL: Final = 60.0


class PresenceSubscription:
    """The states of a room, from the present one on. A consumer that is slow gets the newest state only."""

    def __init__(self) -> None:
        self._shown: Present | None = None
        self._newest: Present | None = None
        self._changed = asyncio.Event()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Present:
        while self._newest is None or self._newest.is_same(self._shown):
            self._changed.clear()
            await self._changed.wait()
        self._shown = self._newest
        return self._shown

    def show(self, state: Present) -> None:
        """Let the consumer get a state, unless it has it already."""
        self._newest = state
        self._changed.set()


@dataclass(slots=True)
class _Room:
    """A room with subscriptions in this process. `members` counts those of each; `stored` are known to the store."""

    room: PresenceRoom
    subscriptions: set[PresenceSubscription] = field(default_factory=set)
    members: Counter[str] = field(default_factory=Counter)
    stored: set[str] = field(default_factory=set)
    is_uncertain: bool = False  # the last update failed: the store may have it or not
    state: Present | None = None

    @property
    def is_changed(self) -> bool:
        return self.members.keys() != self.stored

    def local_state(self) -> Present:
        """Who is present in this process, which is shown while the store does not answer."""
        members = sorted(self.members)
        return Present(len(members), tuple(members[: self.room.max_listed]))

    def show(self, state: Present) -> None:
        if self.state is None or state.as_of >= self.state.as_of:
            self.state = state
            for subscription in self.subscriptions:
                subscription.show(state)


class Presence:
    """Who is present in rooms. A member is present while a subscription has it, and counts once in a room.

    Changes reach the store once a second and are told to the subscriptions of all processes. Members are renewed each
    ten seconds: those of a process that was killed are gone 30 to 40 seconds later. While the store does not answer,
    the members of this process are shown.
    """

    def __init__(self, store: PresenceStore, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._monotonic = monotonic
        self._rooms: dict[str, _Room] = {}
        self._changed: set[str] = set()
        self._renewed_at = monotonic()
        self._log_at = -float("inf")

    @property
    def rooms(self) -> int:
        """The number of rooms that this process keeps."""
        return len(self._rooms)

    @property
    def subscriptions(self) -> int:
        """The number of open subscriptions."""
        return sum(len(kept.subscriptions) for kept in self._rooms.values())

    async def state(self, room: PresenceRoom) -> Present:
        """Who is present in a room now."""
        try:
            (state,) = await self._store.update([Change(room)])
        except PresenceUnavailable as error:
            raise_if_cancelled()
            self._report(error)
            return self._rooms.get(room.name, _Room(room)).local_state()
        return state

    @asynccontextmanager
    async def subscribe(self, room: PresenceRoom, member: str | None = None) -> AsyncIterator[PresenceSubscription]:
        """The states of a room, in which a member is present until the end of the block; None only watches.

        The first state of a new member comes when it is stored, and counts it.
        """
        subscription = PresenceSubscription()
        kept = self._rooms.setdefault(room.name, _Room(room))
        kept.subscriptions.add(subscription)
        self._count(kept, member, 1)
        try:
            if member is None or member in kept.stored:
                subscription.show(kept.state or await self.state(room))
            yield subscription
        finally:
            kept.subscriptions.discard(subscription)
            self._count(kept, member, -1)
            self._forget(kept)

    def _count(self, kept: _Room, member: str | None, by: int) -> None:
        if member is None:
            return
        kept.members[member] += by
        if not kept.members[member]:
            del kept.members[member]
        self._changed.add(kept.room.name)

    def _forget(self, kept: _Room) -> None:
        """Forget a room without subscriptions whose members have left the store too."""
        if not kept.subscriptions and not kept.stored:
            self._rooms.pop(kept.room.name, None)
            self._changed.discard(kept.room.name)

    async def run(self) -> None:
        """Store changes and tell those of other processes, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._flush_often(), name="presence")
            tasks.create_task(self._listen(), name="presence of other processes")

    async def close(self) -> None:
        """Let all members leave, after the last subscription has ended."""
        await self.flush()

    async def _flush_often(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await self.flush()

    async def flush(self) -> None:
        """Store what has changed since the last call, and every ten seconds all members of this process."""
        now = self._monotonic()
        is_due = now >= self._renewed_at + RENEW_SECONDS
        names, self._changed = list(self._rooms if is_due else self._changed), set()
        if is_due:
            self._renewed_at = now
        rooms = [kept for name in names if (kept := self._rooms.get(name)) is not None]
        for begin in range(0, len(rooms), BATCH):
            try:
                await self._update(rooms[begin : begin + BATCH], is_renewal=is_due)
            except PresenceUnavailable as error:
                raise_if_cancelled()
                self._report(error)
                self._lose(rooms[begin:])
                return

    async def _update(self, rooms: Sequence[_Room], *, is_renewal: bool) -> None:
        changes = [_change(kept, is_renewal=is_renewal) for kept in rooms]
        for kept, change in zip(rooms, changes, strict=True):
            kept.stored.update(change.present)  # also when the answer is lost
        states = await self._store.update(changes)
        for kept, change, state in zip(rooms, changes, states, strict=True):
            kept.stored.difference_update(change.gone)
            kept.is_uncertain = False
            kept.show(state)
            self._settle(kept)

    def _lose(self, rooms: Iterable[_Room]) -> None:
        """Show the members of this process, and try again. Who has left a room of nobody is gone by its time."""
        for kept in rooms:
            if not kept.subscriptions:
                kept.stored.clear()
            kept.is_uncertain = True
            kept.state = None
            kept.show(kept.local_state())
            self._changed.add(kept.room.name)
            self._settle(kept)

    def _settle(self, kept: _Room) -> None:
        if kept.is_changed:
            self._changed.add(kept.room.name)
        self._forget(kept)

    async def _listen(self) -> None:
        while True:
            try:
                await self._store.listen(self._tell)
            except PresenceUnavailable as error:
                raise_if_cancelled()
                self._report(error)
                await asyncio.sleep(RETRY_SECONDS)
                self._renewed_at = -float("inf")  # what was told meanwhile is read

    def _tell(self, name: str, state: Present) -> None:
        if (kept := self._rooms.get(name)) is not None:
            kept.show(state)

    def _report(self, error: PresenceUnavailable) -> None:
        """Log an outage, once a minute."""
        if (now := self._monotonic()) >= self._log_at:
            log.warning("presence is that of this process only", error=str(error))
            self._log_at = now + LOG_INTERVAL


def _change(kept: _Room, *, is_renewal: bool) -> Change:
    members = set(kept.members)
    known = set() if is_renewal or kept.is_uncertain else kept.stored
    return Change(kept.room, members - known, kept.stored - members)
