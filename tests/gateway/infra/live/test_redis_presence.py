"""Presence on Redis: unreachable and frozen servers, and updates without an answer."""

import asyncio

import pytest
from redis.asyncio.client import PubSub

from gateway.infra.live import redis_presence
from gateway.infra.live.redis_presence import RedisPresence
from gateway.live.presence import Presence
from gateway.live.presence_store import Change, PresenceRoom, PresenceUnavailable
from tests.conditions import wait_until
from tests.proxy import Proxy
from tests.redis_keys import namespace

pytestmark = pytest.mark.redis
ROOM = PresenceRoom("order:1", max_listed=5)


async def members(store: RedisPresence) -> tuple[str, ...]:
    """Who is present."""
    (state,) = await store.update([Change(ROOM)])
    return state.members


@pytest.mark.parametrize("fault", ["refuse", "stall"])
async def test_a_server_that_is_away_is_an_error_of_every_method(
    redis_url: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_presence, "TIMEOUT", 0.2)
    monkeypatch.setattr(redis_presence, "LISTEN_SECONDS", 0.2)
    async with (
        namespace(redis_url) as name,
        Proxy.of(redis_url) as proxy,
        RedisPresence.connected(proxy.url, name) as store,
    ):
        getattr(proxy, fault)()
        for call in (members(store), store.listen(lambda _name, _state: None)):
            with pytest.raises(PresenceUnavailable, match=r"Redis does not answer: \S"):
                await call


async def has_heard(store: RedisPresence, heard: list[str]) -> bool:
    """Whether a listener has been told of a change that is made now, or before."""
    for change in (Change(ROOM, present=["ann"]), Change(ROOM, gone=["ann"])):
        await store.update([change])
    return bool(heard)


async def test_a_listener_that_is_told_nothing_asks_whether_the_server_is_there(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_presence, "LISTEN_SECONDS", 1.0)
    asked, heard, ping = 0, list[str](), PubSub.ping

    async def counted(messages: PubSub) -> bool:
        nonlocal asked
        asked += 1
        return await ping(messages)

    monkeypatch.setattr(PubSub, "ping", counted)
    async with namespace(redis_url) as name, RedisPresence.connected(redis_url, name) as store:
        listening = asyncio.create_task(store.listen(lambda room, _state: heard.append(room)))
        await wait_until(lambda: asked == 2)
        await wait_until(lambda: has_heard(store, heard))
        listening.cancel()
        await asyncio.wait([listening])
    assert listening.cancelled()


@pytest.mark.parametrize("fault", ["cut", "stall"])
async def test_a_listener_notices_that_the_server_is_away(
    redis_url: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_presence, "LISTEN_SECONDS", 0.5)
    heard: list[str] = []
    async with (
        namespace(redis_url) as name,
        Proxy.of(redis_url) as proxy,
        RedisPresence.connected(proxy.url, name) as listener,
        RedisPresence.connected(redis_url, name) as store,
    ):
        listening = asyncio.create_task(listener.listen(lambda room, _state: heard.append(room)))
        await wait_until(lambda: has_heard(store, heard))
        getattr(proxy, fault)()
        async with asyncio.timeout(10):
            with pytest.raises(PresenceUnavailable):
                await listening


async def test_an_update_without_an_answer_is_made_again(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with namespace(redis_url) as name, RedisPresence.connected(redis_url, name) as other:
        monkeypatch.setattr(redis_presence, "TIMEOUT", 0.2)
        async with Proxy.of(redis_url) as proxy, RedisPresence.connected(proxy.url, name) as store:
            presence = Presence(store)

            async def is_stored(*expected: str) -> bool:
                await presence.flush()
                return await members(other) == expected

            async with presence.subscribe(ROOM, "ann") as ann:
                proxy.stall()
                await presence.flush()
                assert (await anext(ann)).members == ("ann",)
                await other.update([Change(ROOM, present=["bob"])])
                proxy.resume()
                await wait_until(lambda: is_stored("ann", "bob"))
                assert (await anext(ann)).members == ("ann", "bob")
            await wait_until(lambda: is_stored("bob"))
