"""A storefront with a carrier that has parcels of its orders."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from tests.domains.order.storefront import Storefront
from tests.domains.shipping.tracking.parcels import Parcels
from tests.gateway.site import services_of


@pytest.fixture
async def shop(database: Database, clock: FixedClock, company: UUID, owner: Any) -> AsyncIterator[Storefront]:
    """The shop under test; all invariants are checked after every test."""
    made = Storefront(services_of(clock, database), database, clock, company, owner)
    yield made
    assert await made.broken() == []


@pytest.fixture
async def parcels(shop: Storefront) -> Parcels:
    """The carrier and its parcels."""
    return await Parcels.opened(shop)
