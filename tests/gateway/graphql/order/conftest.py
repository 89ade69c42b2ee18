"""The storefront of the order domain's tests, asked over HTTP."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.domains.order.storefront import Storefront
from tests.gateway.site import Site


@pytest.fixture
async def shop(site: Site, owner: Any) -> AsyncIterator[Storefront]:
    """The shop behind the gateway; all invariants are checked after every test."""
    made = Storefront(site.services, site.database, site.clock, site.company_id, owner)
    yield made
    assert await made.broken() == []
