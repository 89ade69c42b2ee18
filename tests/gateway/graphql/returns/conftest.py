"""A shop behind the gateway with a delivered order."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.domains.order.storefront import Storefront
from tests.domains.returns.delivered_orders import DeliveredOrder, deliver
from tests.gateway.site import Site


@pytest.fixture
async def delivered(site: Site, owner: Any) -> AsyncIterator[DeliveredOrder]:
    """A delivered order of three A and two B; all invariants are checked after every test."""
    shop = Storefront(site.services, site.database, site.clock, site.company_id, owner)
    await shop.stock("A", 30)
    await shop.stock("B", 30)
    yield await deliver(shop, ("A", 3), ("B", 2))
    assert await shop.broken() == []
