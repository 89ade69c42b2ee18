"""Presence in the process, which replaces Redis for a single process."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from domains.kernel.clock import Clock
from gateway.live.presence_store import TTL, Change, OnPresent, Present

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)


class MemoryPresence:
    """See PresenceStore."""

    def __init__(self, clock: Clock, *, ttl: timedelta = TTL) -> None:
        self._clock = clock
        self._ttl = ttl
        self._rooms: dict[str, dict[str, datetime]] = {}  # the members of each, with the end of their time
        self._listeners: set[OnPresent] = set()

    async def update(self, changes: Sequence[Change]) -> Sequence[Present]:
        """See PresenceStore."""
        return [self._update(change) for change in changes]

    async def listen(self, on_present: OnPresent) -> None:
        """See PresenceStore."""
        self._listeners.add(on_present)
        try:
            await asyncio.Event().wait()
        finally:
            self._listeners.discard(on_present)

    def _update(self, change: Change) -> Present:
        now = self._clock.now()
        before = self._rooms.get(change.room.name, {})
        present = dict.fromkeys(change.present, now + self._ttl)
        ends = {member: end for member, end in (before | present).items() if end > now and member not in change.gone}
        if ends:
            self._rooms[change.room.name] = ends
        else:
            self._rooms.pop(change.room.name, None)
        listed = tuple(sorted(ends)[: change.room.max_listed])
        state = Present(len(ends), listed, (now - EPOCH) // MICROSECOND)
        if ends.keys() != before.keys():
            for told in list(self._listeners):
                told(change.room.name, state)
        return state
