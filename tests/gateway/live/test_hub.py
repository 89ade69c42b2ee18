"""The hub: every event of a room once and in order, also across a resume; what is lost is said; nothing piles up."""

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from domains.auth.events import UserDisabled
from domains.catalog.events import ProductUpdated
from domains.kernel.clock import FixedClock
from gateway.infra.live.memory_stream import MemoryStream
from gateway.live import hub as hubs
from gateway.live.channels import Room
from gateway.live.hub import MAX_PENDING, STALLED_SECONDS, Hub, Missed, SubscriberTooSlow, Subscription
from gateway.live.stream import KEPT, PAGE, START, EventStreamUnavailable, Reading
from tests.conditions import wait_until
from tests.gateway.live.samples import CHANNELS, COMPANY, NOON, OTHER, PRODUCTS, USERS, add, body, updated

TEA, CUP, ALL = PRODUCTS.room(COMPANY, "tea"), PRODUCTS.room(COMPANY, "cup"), PRODUCTS.room(COMPANY)


class Monotonic:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def monotonic() -> Monotonic:
    return Monotonic()


class FlakyStream(MemoryStream):
    """A stream whose server can be away."""

    is_away = False
    fault: Exception | None = None
    attempts = 0

    async def read(self, after: str, *, wait: float = 0) -> Reading:
        self.attempts += 1
        if self.is_away:
            raise EventStreamUnavailable("Redis does not answer.")
        if self.fault is not None:
            raise self.fault
        return await super().read(after, wait=wait)


@pytest.fixture
async def stream(clock: FixedClock) -> FlakyStream:
    made = FlakyStream(clock)
    await add(made, [])
    return made


@pytest.fixture
async def hub(stream: FlakyStream, monotonic: Monotonic) -> Hub:
    """A hub that has read the stream, and reads on when the test says so."""
    made = Hub(stream, CHANNELS, monotonic=monotonic)
    await made.read()
    return made


def teas(number: int) -> list[bytes]:
    """Updates of the tea, each of a transaction of its own."""
    return [updated("tea") for _ in range(number)]


async def taken(subscription: Subscription) -> list[str]:
    """What waits for a consumer: the product of each event, `missed` for lost ones, `too slow` at the end."""
    found: list[str] = []
    while subscription._pending or subscription._is_too_slow:
        try:
            item = await anext(subscription)
        except SubscriberTooSlow:
            return [*found, "too slow"]
        found.append("missed" if isinstance(item, Missed) else item.payload.get("product_id", item.topic))
    return found


async def resumed(hub: Hub, room: Room, after: str) -> list[str]:
    async with hub.subscribe(room, after) as subscription:
        return await taken(subscription)


async def test_each_room_gets_its_events(hub: Hub, stream: FlakyStream) -> None:
    foreign = PRODUCTS.room(OTHER)
    async with (
        hub.subscribe(TEA) as tea,
        hub.subscribe(TEA) as second,
        hub.subscribe(CUP) as cup,
        hub.subscribe(ALL) as everything,
        hub.subscribe(foreign) as other,
    ):
        await add(stream, [updated("tea"), updated("cup"), updated("tea", OTHER), updated("tea")])
        await hub.read()
        assert await taken(tea) == await taken(second) == ["tea", "tea"]
        assert await taken(cup) == ["cup"]
        assert await taken(everything) == ["tea", "cup", "tea"]
        assert await taken(other) == ["tea"]


async def test_a_channel_of_every_company_has_one_room(hub: Hub, stream: FlakyStream) -> None:
    async with hub.subscribe(USERS.room(None, "ada")) as subscription:
        events = [body(UserDisabled.topic, company, user_id="ada") for company in (None, COMPANY, OTHER)]
        await add(stream, events)
        await hub.read()
        assert await taken(subscription) == [UserDisabled.topic] * 3


async def test_events_of_one_transaction_are_one_for_a_room_with_a_key(hub: Hub, stream: FlakyStream) -> None:
    begin = hub.position()
    async with hub.subscribe(TEA) as tea, hub.subscribe(CUP) as cup, hub.subscribe(ALL) as everything:
        both = ("tea", "cup", "tea")
        await add(stream, [body(ProductUpdated.topic, at=NOON, product_id=each) for each in both])
        await hub.read()
        assert (await anext(tea)).id == hub.position()
        assert [await taken(tea), await taken(cup), await taken(everything)] == [[], ["cup"], list(both)]
    assert await resumed(hub, TEA, begin) == ["tea"]


async def test_a_subscription_begins_with_the_present(hub: Hub, stream: FlakyStream) -> None:
    await add(stream, [updated("tea")])
    await hub.read()
    async with hub.subscribe(TEA) as subscription:
        assert await taken(subscription) == []


async def test_a_consumer_waits_for_the_next_event(hub: Hub, stream: FlakyStream) -> None:
    async with hub.subscribe(TEA) as subscription:
        waiting = asyncio.ensure_future(anext(subscription))
        await asyncio.sleep(0)
        await add(stream, [updated("tea")])
        await hub.read()
        event = await waiting
        assert not isinstance(event, Missed)
        assert (event.id, hub.position()) == (await stream.newest(),) * 2


async def test_a_subscription_ends_with_its_block(hub: Hub, stream: FlakyStream) -> None:
    async with hub.subscribe(TEA), hub.subscribe(TEA), hub.subscribe(CUP):
        assert hub.subscriptions == 3
    assert (hub.subscriptions, hub._rooms) == (0, {})


async def test_a_resumed_subscription_gets_what_followed_and_what_comes_each_once(
    hub: Hub, stream: FlakyStream
) -> None:
    await add(stream, [updated("tea")])
    await hub.read()
    after = hub.position()
    await add(stream, [updated("cup"), *teas(2)])
    await hub.read()
    await add(stream, [updated("tea")])  # not read yet
    async with hub.subscribe(TEA, after) as subscription:
        await add(stream, [updated("tea")])
        await hub.read()
        assert await taken(subscription) == ["tea"] * 4


async def test_events_during_many_resumes_are_neither_lost_nor_repeated(hub: Hub, stream: FlakyStream) -> None:
    begin = hub.position()
    received: list[str] = []
    reading = asyncio.create_task(hub.run())

    async def write() -> None:
        for _ in range(200):
            await add(stream, [updated("tea")])
            await asyncio.sleep(0)

    writing, after = asyncio.create_task(write()), begin
    while len(received) < 200:
        async with hub.subscribe(TEA, after) as subscription:
            item = await anext(subscription)
            received.append(after := item.id)
            assert not isinstance(item, Missed)
    await writing
    reading.cancel()
    assert received == [event.id for event in (await stream.read(begin)).events]


async def test_an_id_of_another_process_that_is_ahead_is_awaited(hub: Hub, stream: FlakyStream) -> None:
    await add(stream, [updated("tea")])
    ahead = await stream.newest()
    resuming = asyncio.create_task(resumed(hub, TEA, ahead))
    await asyncio.sleep(0)
    assert not resuming.done()
    await hub.read()
    assert await resuming == []


@pytest.mark.parametrize("after", ["9999999999999-0", "0-0", "1-1", "", "tea", "-"])
async def test_an_unknown_id_means_that_events_were_missed(
    hub: Hub, stream: FlakyStream, monkeypatch: pytest.MonkeyPatch, after: str
) -> None:
    monkeypatch.setattr(hubs, "CATCH_UP_SECONDS", 0.01)
    async with hub.subscribe(TEA, after) as subscription:
        assert await anext(subscription) == Missed(hub.position())
        await add(stream, [updated("tea")])
        await hub.read()
        assert await taken(subscription) == ["tea"]


async def test_an_id_that_is_older_than_what_is_kept_means_that_events_were_missed(
    hub: Hub, stream: FlakyStream, clock: FixedClock
) -> None:
    first = hub.position()
    await add(stream, [updated("tea")])
    second = await stream.newest()
    clock.advance(KEPT + timedelta(seconds=1))
    await add(stream, [updated("cup")])
    await hub.read()
    assert await resumed(hub, TEA, first) == ["missed"]
    assert await resumed(hub, TEA, second) == []
    assert await resumed(hub, CUP, second) == ["cup"]


async def test_more_events_than_may_wait_are_not_replayed(hub: Hub, stream: FlakyStream) -> None:
    begin = hub.position()
    await add(stream, [updated("cup"), *teas(MAX_PENDING)])
    await hub.read()
    assert await resumed(hub, TEA, begin) == ["tea"] * MAX_PENDING
    await add(stream, [updated("tea")])
    await hub.read()
    async with hub.subscribe(TEA, begin) as subscription:
        assert list(subscription._pending) == [Missed(hub.position())]


async def test_a_burst_becomes_one_notice(hub: Hub, stream: FlakyStream) -> None:
    async with hub.subscribe(TEA) as subscription:
        await add(stream, teas(MAX_PENDING * 3))
        await hub.read()
        last = hub.position()
        assert await anext(subscription) == Missed(last)
        await add(stream, [updated("tea")])
        await hub.read()
        assert await taken(subscription) == ["tea"]


async def test_a_consumer_that_does_not_take_the_notice_is_too_slow(
    hub: Hub, stream: FlakyStream, monotonic: Monotonic
) -> None:
    async with hub.subscribe(TEA) as slow, hub.subscribe(TEA) as quick:
        await add(stream, teas(MAX_PENDING + 1))
        await hub.read()
        assert await taken(quick) == ["missed"]
        monotonic.now += STALLED_SECONDS
        await add(stream, [updated("tea")])
        await hub.read()
        assert [len(each._pending) for each in (slow, quick)] == [1, 1]
        monotonic.now += 0.1
        await add(stream, [updated("tea")])
        await hub.read()
        assert [await taken(slow), await taken(quick)] == [["too slow"], ["tea", "tea"]]
        await add(stream, [updated("tea")])
        await hub.read()
        assert [await taken(slow), await taken(quick), len(slow._pending)] == [["too slow"], ["tea"], 0]


async def test_a_lost_part_of_the_stream_is_told_to_every_subscription(hub: Hub, stream: FlakyStream) -> None:
    begin = hub.position()
    async with hub.subscribe(TEA) as tea, hub.subscribe(ALL) as everything:
        await add(stream, [updated("tea")])
        await add(stream, [updated("cup")], is_gap=True)
        await hub.read()
        # What waits behind the notice is part of it.
        assert [await taken(tea), await taken(everything)] == [["missed"], ["missed"]]
    assert await resumed(hub, CUP, begin) == ["missed"]


async def test_an_event_with_an_unknown_key_is_missed_by_every_key_of_its_company(
    hub: Hub, stream: FlakyStream
) -> None:
    begin = hub.position()
    async with (
        hub.subscribe(TEA) as tea,
        hub.subscribe(ALL) as everything,
        hub.subscribe(PRODUCTS.room(OTHER, "tea")) as foreign,
        hub.subscribe(USERS.room(None, "tea")) as user,
    ):
        await add(stream, [body(ProductUpdated.topic)])
        await hub.read()
        assert await taken(tea) == ["missed"]
        assert await taken(everything) == [ProductUpdated.topic]
        assert [await taken(foreign), await taken(user)] == [[], []]
    after = hub.position()
    assert await resumed(hub, TEA, begin) == ["missed"]
    assert await resumed(hub, TEA, after) == []
    assert await resumed(hub, ALL, begin) == [ProductUpdated.topic]


async def test_a_new_process_replays_what_others_have_fed(stream: FlakyStream) -> None:
    begin = await stream.newest()
    await add(stream, teas(3))
    hub = Hub(stream, CHANNELS)
    async with hub.subscribe(TEA) as early:
        await hub.read()
        assert await resumed(hub, TEA, begin) == ["tea"] * 3
        assert await taken(early) == ["missed"]  # it began when the process knew nothing
        await add(stream, [updated("tea")])
        await hub.read()
        assert await taken(early) == ["tea"]


async def test_a_hub_that_has_not_read_yet_knows_no_id(stream: FlakyStream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubs, "CATCH_UP_SECONDS", 0.01)
    hub = Hub(stream, CHANNELS)
    assert hub.position() == START
    assert await resumed(hub, TEA, await stream.newest()) == ["missed"]


async def test_a_hub_begins_when_it_has_read_what_was_in_the_stream(stream: FlakyStream) -> None:
    await add(stream, teas(PAGE + 1))
    hub = Hub(stream, CHANNELS)
    beginning = asyncio.create_task(hub.begin())
    await hub.read()
    await asyncio.sleep(0)
    assert not beginning.done()
    await hub.read()
    await beginning
    assert hub.position() == await stream.newest()


async def test_a_hub_of_a_stream_that_is_away_is_not_awaited_for_long(
    stream: FlakyStream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "CATCH_UP_SECONDS", 0.01)
    hub = Hub(stream, CHANNELS)
    await hub.begin()
    assert hub.position() == START


async def test_reading_goes_on_after_an_outage_and_loses_nothing(
    hub: Hub, stream: FlakyStream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "MIN_PAUSE", 0.001)
    stream.is_away = True
    with capture_logs() as logs:
        reading = asyncio.create_task(hub.run())
        async with hub.subscribe(TEA) as subscription:
            await add(stream, teas(2))
            await wait_until(lambda: stream.attempts > 3)
            assert await taken(subscription) == []
            stream.is_away = False
            await wait_until(lambda: hub.position() != START and bool(subscription._pending))
            assert await taken(subscription) == ["tea", "tea"]
        reading.cancel()
    assert [each["event"] for each in logs] == ["the event stream is not read"]


async def test_an_unexpected_error_does_not_end_the_reading(
    hub: Hub, stream: FlakyStream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "MIN_PAUSE", 0.001)
    stream.fault = ValueError()
    with capture_logs() as logs:
        reading = asyncio.create_task(hub.run())
        async with hub.subscribe(TEA) as subscription:
            await add(stream, [updated("tea")])
            await wait_until(lambda: stream.attempts > 3)
            stream.fault = None
            await wait_until(lambda: bool(subscription._pending))
            assert await taken(subscription) == ["tea"]
        reading.cancel()
    assert [(each["event"], each["error"]) for each in logs] == [("the event stream is not read", "ValueError")]
