"""A shop that issues invoices."""

import pytest

from tests.domains.order.invoices.invoicing_shop import Billing
from tests.domains.order.storefront import Storefront


@pytest.fixture
async def billing(shop: Storefront) -> Billing:
    """The shop under test; its invariants are checked after the test."""
    return await Billing.opened(shop)
