"""Fixtures of webhooks: an endpoint of a receiver, and processes that send."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from tests.gateway.messaging.webhooks.receiver import Receiver, receiving
from tests.gateway.messaging.webhooks.samples import Webhooks


@pytest.fixture(autouse=True)
async def no_endpoints(owner: Any) -> None:
    """No endpoint of another test listens."""
    await owner.execute("truncate webhook_endpoints cascade")


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A server that receives webhooks."""
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
def webhooks(pool: Any, relay_pool: Any, owner: Any, clock: FixedClock, company: UUID) -> Webhooks:
    """What the processes share, with a fixed clock."""
    return Webhooks(Database(pool, clock), company, relay_pool, owner)
