"""Pauses between attempts grow to their limit and stay there, however many attempts fail."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.kernel.database import Database
from gateway.infra.rabbitmq import BrokerUnavailable
from gateway.messaging.backoff import backoff
from gateway.messaging.broker import Broker
from gateway.messaging.event_emitter import EventEmitter
from tests.gateway.messaging.samples import cancelled

OUTAGE: Final = 1100  # attempts; the power of the last is more than a float can be
seconds = st.floats(0.01, 1000)


@given(st.integers(0, 10**6), seconds, seconds)
def test_a_pause_is_at_most_the_longest_and_at_least_three_quarters_of_its_double(
    failures: int, shortest: float, longest: float
) -> None:
    exact = longest if failures > 20 else min(shortest * 2**failures, longest)
    assert exact * 0.75 <= backoff(failures, shortest, longest) <= exact


async def test_the_broker_connects_after_an_outage_of_any_length(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures, is_connected = count(), asyncio.Event()

    @asynccontextmanager
    async def connected(_url: str) -> AsyncIterator[Any]:
        if next(failures) < OUTAGE:
            raise BrokerUnavailable
        is_connected.set()
        await asyncio.Event().wait()
        yield

    monkeypatch.setattr("gateway.messaging.broker.connected", connected)
    monkeypatch.setattr("gateway.messaging.broker.MIN_PAUSE", 0.0)
    running = asyncio.create_task(Broker("amqp://nowhere", EventEmitter(database)).run())
    try:
        assert await asyncio.wait_for(is_connected.wait(), 30)
    finally:
        await cancelled(running)
