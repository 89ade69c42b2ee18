"""A shop with a fixed clock."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from tests.domains.notification.mailbox import Mailbox
from tests.domains.order.storefront import Storefront
from tests.gateway.site import services_of


@pytest.fixture
async def shop(pool: Any, clock: FixedClock, company: UUID, owner: Any) -> AsyncIterator[Storefront]:
    """The shop under test; all invariants are checked after every test."""
    database = Database(pool, clock)
    made = Storefront(services_of(clock, database, Mailbox()), database, clock, company, owner)
    yield made
    assert await made.broken() == []
