"""Presence when a store fails in an unexpected way, and when many ask for states at once."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import pytest
from structlog.testing import capture_logs

from domains.kernel.clock import FixedClock
from gateway.live import presence as presences
from gateway.live.presence import Presence
from gateway.live.presence_store import Change, OnPresent, Present
from tests.conditions import wait_until
from tests.gateway.live.test_presence import OTHER, ROOM, Store, shown, unanswered


class FaultyStore(Store):
    """Raises what no store should."""

    fault: Exception | None = None
    faults = 0

    async def update(self, changes: Sequence[Change]) -> Sequence[Present]:
        self._fail()
        return await super().update(changes)

    async def listen(self, on_present: OnPresent) -> None:
        self._fail()
        await super().listen(on_present)

    def _fail(self) -> None:
        if self.fault is not None:
            self.faults += 1
            raise self.fault


@pytest.fixture
def store(clock: FixedClock) -> FaultyStore:
    return FaultyStore(clock)


@pytest.fixture
def presence(store: FaultyStore, clock: FixedClock) -> Presence:
    return Presence(store, monotonic=lambda: clock.now().timestamp())


async def test_rooms_that_are_asked_for_together_are_read_at_once_and_each_once(
    presence: Presence, store: FaultyStore
) -> None:
    await store.update([Change(ROOM, present=["ann"])])
    store.changes.clear()
    states = await asyncio.gather(*map(presence.state, [ROOM, OTHER] * 50))
    assert [state.count for state in states] == [1, 0] * 50
    assert [change.room for change in store.changes] == [ROOM, OTHER]
    assert (await presence.state(ROOM)).members == ("ann",)


async def test_who_no_longer_waits_for_a_state_leaves_those_who_do(presence: Presence, store: FaultyStore) -> None:
    async with unanswered(store, presence.state(ROOM)) as gone:
        asking = asyncio.create_task(presence.state(OTHER))
        gone.cancel()
        store.is_away = True
    assert gone.cancelled()
    assert (await asking).count == 0


async def test_an_unexpected_error_ends_neither_the_updates_nor_the_listening(
    presence: Presence, store: FaultyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presences, "RETRY_SECONDS", 0.001)
    monkeypatch.setattr(presences, "FLUSH_SECONDS", 0.001)
    store.fault = RuntimeError("unexpected")
    with capture_logs() as logs:
        task = asyncio.create_task(presence.run())
        async with presence.subscribe(ROOM, "ann") as ann:
            assert await shown(ann) == ("ann",)
            await wait_until(lambda: store.faults > 4)
            store.fault = None
            await wait_until(lambda: bool(store._listeners))
            await store.update([Change(ROOM, present=["bob"])])
            assert await shown(ann) == ("ann", "bob")
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    events = [(each["event"], each["error"]) for each in logs]
    assert events == [("presence is that of this process only", "unexpected")]
