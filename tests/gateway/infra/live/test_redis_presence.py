"""Presence on Redis: unreachable and frozen servers, and updates without an answer."""

import asyncio

import pytest

from gateway.infra.live import redis_presence
from gateway.infra.live.redis_presence import RedisPresence
from gateway.live.presence import Presence
from gateway.live.presence_store import Change, PresenceRoom, PresenceUnavailable, Present
from tests.conditions import wait_until
from tests.proxy import Proxy
from tests.redis_keys import namespace

pytestmark = pytest.mark.redis
ROOM = PresenceRoom("order:1", max_listed=5)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_presence, "TIMEOUT", 0.2)
    monkeypatch.setattr(redis_presence, "LISTEN_SECONDS", 0.5)


def ignore(_name: str, _state: Present) -> None:
    """Take a state."""


@pytest.mark.parametrize("fault", ["refuse", "stall"])
async def test_a_server_that_is_away_is_an_error_of_every_method(redis_url: str, fault: str) -> None:
    async with (
        namespace(redis_url) as name,
        Proxy.of(redis_url) as proxy,
        RedisPresence.connected(proxy.url, name) as store,
    ):
        getattr(proxy, fault)()
        for call in (store.update([Change(ROOM)]), store.listen(ignore)):
            with pytest.raises(PresenceUnavailable, match=r"Redis does not answer: \S"):
                await call
        proxy.resume()
        (state,) = await store.update([Change(ROOM, present=["ann"])])
        assert state.members == ("ann",)


@pytest.mark.parametrize("fault", ["cut", "stall"])
async def test_a_listener_notices_that_the_server_is_away(redis_url: str, fault: str) -> None:
    heard: list[str] = []
    async with (
        namespace(redis_url) as name,
        Proxy.of(redis_url) as proxy,
        RedisPresence.connected(proxy.url, name) as store,
    ):
        listening = asyncio.create_task(store.listen(lambda room, _state: heard.append(room)))

        async def is_told() -> bool:
            for change in (Change(ROOM, present=["ann"]), Change(ROOM, gone=["ann"])):
                await store.update([change])
            return bool(heard)

        await wait_until(is_told)
        await asyncio.sleep(1.3)  # it asks and is answered meanwhile
        assert not listening.done()
        getattr(proxy, fault)()
        async with asyncio.timeout(10):
            with pytest.raises(PresenceUnavailable):
                await listening


async def test_an_update_without_an_answer_is_made_again(redis_url: str) -> None:
    async with (
        namespace(redis_url) as name,
        Proxy.of(redis_url) as proxy,
        RedisPresence.connected(proxy.url, name) as store,
        RedisPresence.connected(redis_url, name) as other,
    ):
        presence = Presence(store)
        async with presence.subscribe(ROOM, "ann") as ann:
            proxy.stall()
            await presence.flush()
            assert (await anext(ann)).members == ("ann",)
            await other.update([Change(ROOM, present=["bob"])])
            proxy.resume()
            await presence.flush()
            assert (await anext(ann)).members == ("ann", "bob")
        await presence.flush()
        (state,) = await other.update([Change(ROOM)])
        assert state.members == ("bob",)
