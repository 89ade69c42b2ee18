"""A storefront of the test's own company; all invariants are checked after every test."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from tests.domains.order.buyers import LOYAL, WELCOME
from tests.domains.order.storefront import Storefront
from tests.gateway.site import services_of


@pytest.fixture
async def shop(database: Database, clock: FixedClock, company: UUID, owner: Any) -> AsyncIterator[Storefront]:
    """The shop under test."""
    made = Storefront(services_of(clock, database), database, clock, company, owner)
    yield made
    assert await made.broken() == []


@pytest.fixture
async def stocked(shop: Storefront) -> Storefront:
    """The shop with plenty of A at 10.00 EUR, and both codes, each for half."""
    await shop.stock("A", 500)
    await shop.promotion(**WELCOME)
    await shop.promotion(**LOYAL)
    return shop
