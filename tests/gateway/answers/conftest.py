"""A gateway with a cache of answers."""

from typing import Any
from uuid import UUID

import pytest

from domains.kernel.clock import FixedClock
from tests.gateway.answers.shops import Server


@pytest.fixture
async def gateway(pool: Any, relay_pool: Any, company: UUID, clock: FixedClock) -> Server:
    """A server process that has begun to read changes."""
    made = Server(pool, relay_pool, company, clock)
    await made.changes.read()
    return made
