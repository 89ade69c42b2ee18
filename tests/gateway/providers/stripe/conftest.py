"""The stand-in of Stripe, for all tests of a process, and the provider connected to it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from domains.kernel.clock import FixedClock
from gateway.providers.stripe.provider import StripeAdapter
from tests.gateway.providers.stripe.stripe_server import StripeServer
from tests.gateway.providers.stripe.terminal import StripeTerminal


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="session")
async def shared_server() -> AsyncIterator[StripeServer]:
    async with StripeServer.started() as server:
        yield server


@pytest.fixture
async def server(shared_server: StripeServer) -> StripeServer:
    """The stand-in without any object."""
    await shared_server.reset()
    return shared_server


@pytest.fixture(scope="session")
async def adapter(shared_server: StripeServer) -> AsyncIterator[StripeAdapter]:
    """The adapter, whose connections all tests share."""
    adapter = StripeAdapter(FixedClock(now()), shared_server.url)
    yield adapter
    await adapter.close()


@pytest.fixture
def clock(adapter: StripeAdapter) -> FixedClock:
    """The adapter's clock, fixed at the present time, which the ids of payments and the stand-in have too."""
    clock = adapter._clock
    assert isinstance(clock, FixedClock)
    clock.at = now()
    return clock


@pytest.fixture
async def terminal(server: StripeServer, adapter: StripeAdapter, clock: FixedClock) -> StripeTerminal:
    return await StripeTerminal.made(server, adapter, clock)
