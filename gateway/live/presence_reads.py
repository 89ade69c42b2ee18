"""Reads of presence: those that come together are one update of the store."""

import asyncio
from typing import Final

from gateway.live.presence_store import Change, PresenceRoom, PresenceStore, Present

BATCH: Final = 200
"""The highest number of rooms of one update."""


class PresenceReads:
    """Reads rooms for any number of callers, each room once and one batch at a time.

    So one client that asks for many rooms takes one connection of the store from the changes, and not all of them.
    """

    def __init__(self, store: PresenceStore) -> None:
        self._store = store
        self._asked: dict[PresenceRoom, asyncio.Future[Present]] = {}
        self._task: asyncio.Task[None] | None = None

    async def read(self, room: PresenceRoom) -> Present:
        """Who is present in a room now. Raises PresenceUnavailable."""
        answer = self._asked.get(room)
        if answer is None:
            answer = self._asked[room] = asyncio.get_running_loop().create_future()
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="reads of presence")
        return await asyncio.shield(answer)

    async def _run(self) -> None:
        """Read what is asked for until nothing is."""
        try:
            while self._asked:
                taken = [(room, self._asked.pop(room)) for room in list(self._asked)[:BATCH]]
                await self._read(taken)
        finally:
            self._task = None

    async def _read(self, taken: "list[tuple[PresenceRoom, asyncio.Future[Present]]]") -> None:
        try:
            states = await self._store.update([Change(room) for room, _ in taken])
        except Exception as error:  # noqa: BLE001 - each caller gets it
            for _, answer in taken:
                answer.set_exception(error)
                answer.exception()  # whoever asked may have gone
        else:
            for (_, answer), state in zip(taken, states, strict=True):
                answer.set_result(state)
