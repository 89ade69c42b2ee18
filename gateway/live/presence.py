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
from gateway.live.presence_reads import BATCH, PresenceReads
from gateway.live.presence_store import Change, PresenceRoom, PresenceStore, PresenceUnavailable, Present
from gateway.log_interval import LogInterval

log = structlog.get_logger("gateway.live")
FLUSH_SECONDS: Final = 1.0
RENEW_SECONDS: Final = 10.0  # a third of the time to live
RETRY_SECONDS: Final = 1.0
SET_BACK: Final = 10_000_000  # microseconds; no answer and no message is that late


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
        if not state.is_same(self._shown):
            self._changed.set()


@dataclass(slots=True, eq=False)
class _Room:
    """A room with subscriptions in this process. `members` counts those of each; the store may have the `stored`."""

    room: PresenceRoom
    subscriptions: set[PresenceSubscription] = field(default_factory=set)
    members: Counter[str] = field(default_factory=Counter)
    stored: set[str] = field(default_factory=set)
    is_due: bool = False  # all members are stored, not only new ones: the last update is old or not confirmed
    state: Present | None = None

    @property
    def is_changed(self) -> bool:
        return self.members.keys() != self.stored

    def change(self) -> Change:
        """What the store is to be told."""
        members = set(self.members)
        return Change(self.room, members if self.is_due else members - self.stored, self.stored - members)

    def local_state(self) -> Present:
        """Who is present in this process, which is shown while the store does not answer."""
        members = sorted(self.members)
        return Present(len(members), tuple(members[: self.room.max_listed]))

    def show(self, state: Present) -> None:
        """Show a state, unless a newer one is shown. One that seems much older is by a clock that was set back."""
        if self.state is None or not 0 < self.state.as_of - state.as_of < SET_BACK:
            self.state = state
            for subscription in self.subscriptions:
                subscription.show(state)


class Presence:
    """Who is present in rooms. A member is present while a subscription has it, and counts once in a room.

    Changes reach the store once a second and are told to the subscriptions of all processes. Members are renewed each
    ten seconds: those of a process that was killed are gone 20 to 40 seconds later. While the store does not answer,
    the members of this process are shown.
    """

    def __init__(self, store: PresenceStore, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._reads = PresenceReads(store)
        self._monotonic = monotonic
        self._rooms: dict[str, _Room] = {}
        self._changed: set[_Room] = set()  # those that the store is to be told of
        self._renewed_at = monotonic()
        self._outages = LogInterval(monotonic)

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
            return await self._reads.read(room)
        except PresenceUnavailable as error:
            raise_if_cancelled()
            self._report(error)
            return self._rooms.get(room.name, _Room(room)).local_state()

    @asynccontextmanager
    async def subscribe(self, room: PresenceRoom, member: str | None = None) -> AsyncIterator[PresenceSubscription]:
        """The states of a room, in which a member is present until the end of the block; None only watches.

        A new member gets its first state when it is stored, or when others change the room before.
        """
        subscription = PresenceSubscription()
        kept = self._rooms.setdefault(room.name, _Room(room))
        kept.subscriptions.add(subscription)
        self._count(kept, member, 1)
        try:
            if member is None or member in kept.stored:
                if kept.state is None:
                    kept.show(await self.state(room))
                else:
                    subscription.show(kept.state)
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
        self._changed.add(kept)

    def _forget(self, kept: _Room) -> None:
        """Forget a room without subscriptions whose members have left the store too."""
        if not kept.subscriptions and not kept.stored:
            self._changed.discard(kept)
            if self._rooms.get(kept.room.name) is kept:  # it may have been opened again during an update
                del self._rooms[kept.room.name]

    async def run(self) -> None:
        """Store changes and tell those of other processes, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._flush_often(), name="presence")
            tasks.create_task(self._listen(), name="presence of other processes")

    async def _flush_often(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await self.flush()

    async def flush(self) -> None:
        """Store what has changed since the last call, and every ten seconds all members of this process.

        What is not confirmed, for an outage or because this was cancelled, is stored by the next call.
        """
        if (now := self._monotonic()) >= self._renewed_at + RENEW_SECONDS:
            self._renewed_at = now
            for kept in self._rooms.values():
                kept.is_due = True
            self._changed.update(self._rooms.values())
        rooms = list(self._changed)
        for begin in range(0, len(rooms), BATCH):
            try:
                await self._update(rooms[begin : begin + BATCH])
            except Exception as error:  # noqa: BLE001 - of any kind: all members of this process depend on it
                raise_if_cancelled()
                self._report(error)
                self._lose(rooms[begin:])
                return

    async def _update(self, rooms: Sequence[_Room]) -> None:
        changes = [kept.change() for kept in rooms]
        for kept, change in zip(rooms, changes, strict=True):
            kept.stored.update(change.present)
            kept.is_due = True
        states = await self._store.update(changes)
        for kept, change, state in zip(rooms, changes, states, strict=True):
            kept.stored.difference_update(change.gone)
            kept.is_due = False
            kept.show(state)
            if not kept.is_changed:
                self._changed.discard(kept)
            self._forget(kept)

    def _lose(self, rooms: Iterable[_Room]) -> None:
        """Show the members of this process. Who has left a room without subscriptions is gone by its time."""
        for kept in rooms:
            if not kept.subscriptions:
                kept.stored.clear()
            kept.show(kept.local_state())
            self._forget(kept)

    async def _listen(self) -> None:
        while True:
            try:
                await self._store.listen(self._tell)
            except Exception as error:  # noqa: BLE001 - of any kind: it is tried again
                raise_if_cancelled()
                self._report(error)
                await asyncio.sleep(RETRY_SECONDS)

    def _tell(self, name: str, state: Present) -> None:
        if (kept := self._rooms.get(name)) is not None:
            kept.show(state)

    def _report(self, error: Exception) -> None:
        """Log an outage, once a minute."""
        if self._outages.is_due():
            log.warning("presence is that of this process only", error=str(error) or type(error).__name__)
