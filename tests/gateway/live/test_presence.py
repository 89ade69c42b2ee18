"""Who is present in the rooms of a process, while clients come and go and while the store does not answer."""

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest

from domains.kernel.clock import FixedClock
from gateway.infra.live.memory_presence import MemoryPresence
from gateway.live import presence as presences
from gateway.live.presence import RENEW_SECONDS, Presence, PresenceSubscription
from gateway.live.presence_store import TTL, Change, OnPresent, PresenceRoom, PresenceUnavailable, Present
from tests.conditions import wait_until

ROOM, OTHER = PresenceRoom("order:1", max_listed=3), PresenceRoom("order:2")


class Store(MemoryPresence):
    """Counts updates, may be away, also after some `rooms_left`, and answers when `answers` is set."""

    def __init__(self, clock: FixedClock) -> None:
        super().__init__(clock)
        self.is_away = False
        self.rooms_left: float = math.inf
        self.changes: list[Change] = []
        self.answers = asyncio.Event()
        self.answers.set()

    async def update(self, changes: Sequence[Change]) -> Sequence[Present]:
        if self.is_away or self.rooms_left < len(changes):
            raise PresenceUnavailable("away")
        self.rooms_left -= len(changes)
        self.changes += changes
        states = await super().update(changes)
        await self.answers.wait()
        return states

    async def listen(self, on_present: OnPresent) -> None:
        if self.is_away:
            raise PresenceUnavailable("away")
        await super().listen(on_present)


@pytest.fixture
def store(clock: FixedClock) -> Store:
    return Store(clock)


@pytest.fixture
def made(store: Store, clock: FixedClock) -> Callable[[], Presence]:
    """Makes the presence of a process; all share the store and the clock."""
    return lambda: Presence(store, monotonic=lambda: clock.now().timestamp())


@pytest.fixture
def presence(made: Callable[[], Presence]) -> Presence:
    return made()


@asynccontextmanager
async def unanswered(store: Store, call: Coroutine[Any, Any, Any]) -> AsyncIterator[asyncio.Task[Any]]:
    """A call whose update is made, and answered at the end of the block."""
    made = len(store.changes)
    store.answers.clear()
    task = asyncio.create_task(call)
    await wait_until(lambda: len(store.changes) > made)
    try:
        yield task
    finally:
        store.answers.set()
        await asyncio.wait([task])


@asynccontextmanager
async def running(presence: Presence, store: Store) -> AsyncIterator[None]:
    task = asyncio.create_task(presence.run())
    await wait_until(lambda: bool(store._listeners))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def shown(subscription: PresenceSubscription) -> tuple[str, ...]:
    """Who is in the next state."""
    async with asyncio.timeout(10):
        return (await anext(subscription)).members


async def shows_nothing(subscription: PresenceSubscription) -> bool:
    """Whether no state waits for the consumer."""
    waiting = asyncio.create_task(anext(subscription))
    await asyncio.sleep(0)
    waiting.cancel()
    with suppress(asyncio.CancelledError):
        await waiting
    return waiting.cancelled()


async def test_a_watcher_gets_the_state_at_once_and_is_not_present(presence: Presence, store: Store) -> None:
    await store.update([Change(ROOM, present=["ann"])])
    async with presence.subscribe(ROOM) as watching:
        assert await shown(watching) == ("ann",)
        await presence.flush()
        assert (await presence.state(ROOM)).members == ("ann",)


async def test_a_member_is_in_its_first_state(presence: Presence) -> None:
    async with presence.subscribe(ROOM, "ann") as ann:
        assert await shows_nothing(ann)
        await presence.flush()
        assert await shown(ann) == ("ann",)
        async with presence.subscribe(ROOM, "bob") as bob:
            await presence.flush()
            assert await shown(bob) == ("ann", "bob")
            assert await shown(ann) == ("ann", "bob")
        await presence.flush()
        assert await shown(ann) == ("ann",)


async def test_a_member_with_two_subscriptions_counts_once_and_stays_with_one(presence: Presence) -> None:
    async with presence.subscribe(ROOM, "ann") as first:
        await presence.flush()
        assert await shown(first) == ("ann",)
        async with presence.subscribe(ROOM, "ann") as second:
            assert await shown(second) == ("ann",)
        await presence.flush()
        assert await shows_nothing(first)


async def test_many_changes_within_a_second_are_one_update_and_one_state(presence: Presence, store: Store) -> None:
    async with presence.subscribe(ROOM) as watching, AsyncExitStack() as stack:
        assert await shown(watching) == ()
        store.changes.clear()
        for number in range(40):
            await stack.enter_async_context(presence.subscribe(ROOM, f"{number:02}"))
            async with presence.subscribe(ROOM, "passing"):
                pass
        await presence.flush()
        await presence.flush()
        assert [len(change.present) for change in store.changes] == [40]
        assert await shown(watching) == ("00", "01", "02")
        assert await shows_nothing(watching)


async def test_a_slow_consumer_gets_the_newest_state_only(presence: Presence) -> None:
    async with presence.subscribe(ROOM) as watching, AsyncExitStack() as stack:
        for member in ("ann", "bob", "cid"):
            await stack.enter_async_context(presence.subscribe(ROOM, member))
            await presence.flush()
        assert await shown(watching) == ("ann", "bob", "cid")
        assert await shows_nothing(watching)


async def test_other_processes_are_told(made: Callable[[], Presence], store: Store) -> None:
    here, there = made(), made()
    async with running(here, store), here.subscribe(ROOM) as watching:
        assert await shown(watching) == ()
        async with there.subscribe(ROOM, "ann"):
            await there.flush()
            assert await shown(watching) == ("ann",)
        await there.flush()
        assert await shown(watching) == ()


async def test_members_are_renewed_and_those_of_a_killed_process_go(
    made: Callable[[], Presence], clock: FixedClock
) -> None:
    here, killed = made(), made()
    async with here.subscribe(ROOM, "ann") as watching, killed.subscribe(ROOM, "bob"):
        await killed.flush()
        await here.flush()
        assert await shown(watching) == ("ann", "bob")
        for _ in range(4):
            clock.advance(timedelta(seconds=RENEW_SECONDS))
            await here.flush()
        assert await shown(watching) == ("ann",)


async def test_a_process_that_only_watches_sees_a_killed_one_go(
    made: Callable[[], Presence], clock: FixedClock
) -> None:
    here, killed = made(), made()
    async with killed.subscribe(ROOM, "bob"):
        await killed.flush()
        async with here.subscribe(ROOM) as watching:
            assert await shown(watching) == ("bob",)
            clock.advance(TTL + timedelta(seconds=1))
            await here.flush()
            assert await shown(watching) == ()


async def test_no_room_is_kept_when_nobody_is_subscribed(presence: Presence, store: Store) -> None:
    async with presence.subscribe(ROOM, "ann"), presence.subscribe(OTHER):
        await presence.flush()
        assert presence.rooms == 2
    assert presence.rooms == 1  # until the store knows that she has left
    await presence.flush()
    assert presence.rooms == 0
    assert (await store.update([Change(ROOM)]))[0].count == 0


async def test_who_leaves_before_being_stored_never_reaches_the_store(presence: Presence, store: Store) -> None:
    async with presence.subscribe(ROOM, "ann"):
        pass
    await presence.flush()
    assert (presence.rooms, store.changes) == (0, [])


async def test_members_leave_when_the_process_ends(presence: Presence, store: Store) -> None:
    async with presence.subscribe(ROOM, "ann"):
        await presence.flush()
    await presence.flush()
    assert (await store.update([Change(ROOM)]))[0].count == 0


async def test_a_flush_that_is_cancelled_is_made_up_for(presence: Presence, store: Store) -> None:
    async with presence.subscribe(ROOM) as watching:
        async with presence.subscribe(ROOM, "ann"):
            await presence.flush()
            assert await shown(watching) == ("ann",)
        async with unanswered(store, presence.flush()) as flushing:
            flushing.cancel()
        await store.update([Change(ROOM, present=["ann"])])  # as if nothing had been sent
        await presence.flush()
        assert await shown(watching) == ()
    assert presence.rooms == 0


async def test_who_comes_and_goes_during_an_update_is_stored_by_the_next(presence: Presence, store: Store) -> None:
    async with presence.subscribe(ROOM) as watching, AsyncExitStack() as stack:
        ann = presence.subscribe(ROOM, "ann")
        await ann.__aenter__()
        async with unanswered(store, presence.flush()):
            await ann.__aexit__(None, None, None)
            await stack.enter_async_context(presence.subscribe(ROOM, "bob"))
        assert await shown(watching) == ("ann",)
        await presence.flush()
        assert await shown(watching) == ("bob",)


async def test_a_room_that_is_left_and_opened_again_during_an_update_is_kept(
    presence: Presence, store: Store, clock: FixedClock
) -> None:
    async with AsyncExitStack() as stack:
        async with AsyncExitStack() as left:
            await left.enter_async_context(presence.subscribe(ROOM))
            clock.advance(timedelta(seconds=RENEW_SECONDS))
            async with unanswered(store, presence.flush()):
                await left.aclose()
                ann = await stack.enter_async_context(presence.subscribe(ROOM, "ann"))
        await presence.flush()
        assert await shown(ann) == ("ann",)
        assert presence.rooms == 1
    await presence.flush()
    assert (await store.update([Change(ROOM)]))[0].count == 0


async def test_a_first_state_that_arrives_late_does_not_replace_a_newer_one(
    presence: Presence, store: Store, clock: FixedClock
) -> None:
    async def first_state() -> tuple[str, ...]:
        async with presence.subscribe(ROOM) as watching:
            return await shown(watching)

    async with running(presence, store), unanswered(store, first_state()) as watching:
        clock.advance(timedelta(milliseconds=1))
        await MemoryPresence.update(store, [Change(ROOM, present=["ann"])])
    assert watching.result() == ("ann",)


async def test_states_are_shown_after_the_clock_was_set_back(
    presence: Presence, store: Store, clock: FixedClock
) -> None:
    async with presence.subscribe(ROOM) as watching:
        assert await shown(watching) == ()
        clock.advance(-timedelta(hours=1))
        async with presence.subscribe(ROOM, "ann"):
            await presence.flush()
            assert await shown(watching) == ("ann",)


async def test_without_the_store_the_members_of_this_process_are_shown(presence: Presence, store: Store) -> None:
    await store.update([Change(ROOM, present=["far"])])
    async with presence.subscribe(ROOM, "ann") as ann:
        await presence.flush()
        assert await shown(ann) == ("ann", "far")
        store.is_away = True
        async with presence.subscribe(ROOM, "bob") as bob:
            await presence.flush()
            assert await shown(ann) == ("ann", "bob")
            assert await shown(bob) == ("ann", "bob")
            assert (await presence.state(ROOM)).members == ("ann", "bob")
            assert (await presence.state(OTHER)).count == 0
            store.is_away = False
            await presence.flush()
            assert await shown(ann) == ("ann", "bob", "far")


async def test_an_outage_between_two_updates_loses_no_change(
    presence: Presence, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presences, "BATCH", 2)
    rooms = [PresenceRoom(f"order:{number}", max_listed=2) for number in range(5)]
    await store.update([Change(room, present=["far"]) for room in rooms])
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(presence.subscribe(room, "ann")) for room in rooms]
        store.rooms_left = 3
        await presence.flush()
        assert sorted([await shown(each) for each in opened]) == [("ann",)] * 3 + [("ann", "far")] * 2
        store.rooms_left = math.inf
        await presence.flush()
        assert [state.count for state in await store.update([Change(room) for room in rooms])] == [2] * 5
    await presence.flush()
    assert [state.count for state in await store.update([Change(room) for room in rooms])] == [1] * 5


async def test_who_left_while_the_store_was_away_leaves_afterwards(presence: Presence, store: Store) -> None:
    async with presence.subscribe(ROOM) as watching:
        async with presence.subscribe(ROOM, "ann"):
            await presence.flush()
            store.is_away = True
        await presence.flush()
        store.is_away = False
        await presence.flush()
        assert await shown(watching) == ()
        assert (await store.update([Change(ROOM)]))[0].count == 0


async def test_no_room_is_kept_for_a_store_that_is_away(presence: Presence, store: Store) -> None:
    async with presence.subscribe(ROOM, "ann"):
        await presence.flush()
        store.is_away = True
    await presence.flush()
    assert presence.rooms == 0


async def test_a_store_that_has_lost_everything_is_filled_again(
    presence: Presence, store: Store, clock: FixedClock
) -> None:
    async with presence.subscribe(ROOM, "ann"):
        await presence.flush()
        store._rooms.clear()
        clock.advance(timedelta(seconds=RENEW_SECONDS))
        await presence.flush()
        assert (await store.update([Change(ROOM)]))[0].members == ("ann",)


async def test_listening_begins_again_after_an_outage(
    presence: Presence, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presences, "RETRY_SECONDS", 0.001)
    monkeypatch.setattr(presences, "FLUSH_SECONDS", 0.001)
    store.is_away = True
    listening = asyncio.create_task(presence.run())
    async with presence.subscribe(ROOM) as watching:
        assert await shown(watching) == ()
        store.is_away = False
        await wait_until(lambda: bool(store._listeners))
        await store.update([Change(ROOM, present=["ann"])])
        assert await shown(watching) == ("ann",)
    listening.cancel()
    with suppress(asyncio.CancelledError):
        await listening
