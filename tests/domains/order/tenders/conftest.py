"""A shop with A at 10.00 EUR, a customer, and tenders."""

import pytest

from domains.kernel.actor import Actor
from tests.domains.order.storefront import Storefront
from tests.domains.order.tenders.wallet import Wallet


@pytest.fixture
def wallet(shop: Storefront) -> Wallet:
    return Wallet(shop)


@pytest.fixture
async def ada(shop: Storefront) -> Actor:
    await shop.stock("A", 50)
    return await shop.customer()


@pytest.fixture
async def clerk(shop: Storefront) -> Actor:
    return await shop.staff()
