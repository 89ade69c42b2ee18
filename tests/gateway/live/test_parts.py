"""The parts of a process that give events to subscriptions: when a commit feeds the stream at once."""

import asyncio
from datetime import UTC, datetime

import pytest

from domains.catalog.events import ProductUpdated
from domains.kernel.clock import FixedClock
from domains.kernel.ids import new_id
from gateway.infra.live.memory_presence import MemoryPresence
from gateway.infra.live.memory_stream import MemoryStream
from gateway.live.parts import Live
from tests.gateway.live.samples import CHANNELS, COMPANY, PRODUCTS

UPDATED = ProductUpdated(product_id=new_id(), fields=["name"])


@pytest.mark.parametrize("is_shared", [False, True])
async def test_a_commit_feeds_the_stream_at_once_if_a_subscription_may_wait_for_it(is_shared: bool) -> None:
    clock, woken = FixedClock(datetime(2026, 1, 1, tzinfo=UTC)), asyncio.Event()
    live = Live(MemoryStream(clock), MemoryPresence(clock), CHANNELS, is_shared=is_shared)
    live._committed.add(woken)
    live.on_commit([UPDATED])
    assert woken.is_set() == is_shared
    async with live.hub.subscribe(PRODUCTS.room(COMPANY, "tea")):
        woken.clear()
        live.on_commit([])
        assert not woken.is_set()
        live.on_commit([UPDATED])
        assert woken.is_set()
