"""A storefront with carriers of all built-in adapters, and a carrier whose answers can be lost."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from tests.domains.order.storefront import Storefront
from tests.domains.shipping.carriers.depot import Depot
from tests.gateway.site import services_of


@pytest.fixture
async def shop(database: Database, clock: FixedClock, company: UUID, owner: Any) -> AsyncIterator[Storefront]:
    """The shop under test, which ships from Great Britain."""
    made = Storefront(services_of(clock, database), database, clock, company, owner)
    await made.run(lambda tx: made.services.tax.settings.update(tx, {"tax_country": "GB"}, "EUR"))
    yield made
    assert await made.broken() == []


@pytest.fixture
async def depot(shop: Storefront) -> Depot:
    """The shop's carriers and a paid order."""
    return await Depot.opened(shop)
