"""A shop with a delivered order of three A and two B."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from tests.domains.order.storefront import Storefront
from tests.domains.returns.delivered_orders import DeliveredOrder, deliver
from tests.gateway.site import services_of


@pytest.fixture
async def shop(database: Database, clock: FixedClock, company: UUID, owner: Any) -> AsyncIterator[Storefront]:
    """The shop under test; all invariants are checked after every test."""
    made = Storefront(services_of(clock, database), database, clock, company, owner)
    yield made
    assert await made.broken() == []


@pytest.fixture
async def delivered(shop: Storefront) -> DeliveredOrder:
    """A paid order of three A and two B, all of which were delivered."""
    await shop.stock("A", 10)
    await shop.stock("B", 10)
    return await deliver(shop, ("A", 3), ("B", 2))
