"""Limits of operations over WebSockets: their number, their size, and the rate limits."""

from dataclasses import replace

import pytest

from domains.kernel.clock import SystemClock
from gateway.graphql.core.schema import Schema
from gateway.http.live import connections
from gateway.infra.memory import MemoryCache
from gateway.rate_limits.rate_limits import RateLimits, RateLimitSettings
from tests.gateway.http.live.peers import (
    COMPLETE,
    MUTATION,
    QUERY,
    SETTINGS,
    codes,
    held_mutations,
    live_shop,
    subscribe,
)
from tests.gateway.live.toys import CHANGED, ONE


async def test_subscriptions_of_a_connection_are_limited(schema: Schema) -> None:
    settings = replace(SETTINGS, max_subscriptions_per_connection=3)
    async with live_shop(schema, settings) as shop, shop.acknowledged() as peer:
        peer.send(*(subscribe(CHANGED, str(each), variables={"id": str(ONE)}) for each in range(1_000)))
        refused = [await peer.receive() for _ in range(997)]
        assert {code for each in refused for code in codes(each)} == {"LIMIT_EXCEEDED"}
        assert {each["id"] for each in refused} == {str(each) for each in range(3, 1_000)}
        assert refused[0]["payload"][0] == {
            "message": "At most 3 operations may run on a connection. Complete one first.",
            "extensions": {
                "code": "LIMIT_EXCEEDED",
                "limit": "MAX_SUBSCRIPTIONS_PER_CONNECTION",
                "maximum": 3,
            },
        }
        await shop.until(lambda: shop.subscriptions == 3)
        peer.send({"id": "0", "type": "complete"})
        await shop.until(lambda: shop.subscriptions == 2)
        await shop.subscribed(peer, "again")


async def test_mutations_without_a_listener_count_for_the_limit(schema: Schema) -> None:
    async with live_shop(schema, replace(SETTINGS, max_subscriptions_per_connection=1)) as shop:
        waiting = held_mutations(shop)
        async with shop.acknowledged() as peer:
            peer.send(subscribe(MUTATION))
            await shop.until(lambda: shop.toys.db.log == ["begin"])
            peer.send(COMPLETE)
            assert codes(await peer.ask(QUERY)) == ["LIMIT_EXCEEDED"]
            waiting.set()


@pytest.mark.parametrize("length", [100_000, 140_000])
async def test_operations_that_run_may_not_be_large_together(schema: Schema, length: int) -> None:
    query = f"{CHANGED} #{'x' * (40_000)}"
    async with live_shop(schema) as shop, shop.acknowledged() as peer:
        padding = {"padding": "x" * (length - 40_000)}
        await shop.subscribed(peer, "1", query, extensions=padding)
        second = subscribe(query, "2", variables={"id": str(ONE)}, extensions=padding)
        if length == 100_000:
            await shop.subscribed(peer, "2", query, extensions=padding)
        else:
            peer.send(second)
            assert codes(await peer.receive()) == ["LIMIT_EXCEEDED"]
            peer.send(COMPLETE)
            await shop.until(lambda: shop.subscriptions == 0)
            await shop.subscribed(peer, "2", query, extensions=padding)


async def test_operations_of_all_connections_may_not_be_large_together(
    schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MAX_HELD", 200)
    async with live_shop(schema) as shop, shop.acknowledged() as one, shop.acknowledged() as two:
        await shop.subscribed(one)
        refused = await two.ask(CHANGED, variables={"id": str(ONE)})
        assert codes(refused) == ["UNAVAILABLE"]
        one.writer.close()
        await shop.until(lambda: shop.subscriptions == 0)
        await shop.subscribed(two)


async def test_each_operation_is_a_read_of_its_address(schema: Schema) -> None:
    limits = RateLimits(RateLimitSettings(reads_per_address=3), MemoryCache(SystemClock()), lambda: 0.0)
    async with live_shop(schema, limits=None, rate_limits=limits) as shop, shop.acknowledged() as peer:
        for _ in range(2):  # the handshake is the first of three
            assert (await peer.ask(QUERY))["type"] == "next"
            await peer.receive()
        refused = await peer.ask(QUERY)
        assert codes(refused) == ["RATE_LIMITED"]
        assert refused["payload"][0]["extensions"]["limit"] == "RATE_LIMIT_READS_PER_ADDRESS"


async def test_mutations_are_counted_as_over_http(schema: Schema) -> None:
    limits = RateLimits(RateLimitSettings(sensitive_per_address=1), MemoryCache(SystemClock()), lambda: 0.0)
    async with live_shop(schema, rate_limits=limits) as shop, shop.acknowledged() as peer:
        await peer.ask(MUTATION)
        await peer.receive()
        assert codes(await peer.ask(MUTATION)) == ["RATE_LIMITED"]
        assert shop.toys.db.log == ["commit"]
