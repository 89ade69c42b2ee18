"""An authorized payment, its buyer, and a member of the staff."""

from collections.abc import AsyncIterator

import pytest

from domains.kernel import fail_points
from domains.kernel.actor import Actor
from domains.payment.models import Payment
from tests.domains.order.storefront import Storefront


@pytest.fixture
async def ada(shop: Storefront) -> Actor:
    await shop.stock("A", 9)
    return await shop.customer()


@pytest.fixture
async def clerk(shop: Storefront) -> Actor:
    return await shop.staff()


@pytest.fixture
async def held(shop: Storefront, ada: Actor) -> Payment:
    """The authorized payment of an order of two units at 10.00 EUR."""
    return await shop.payment_of(await shop.authorize(ada, await shop.buy(ada, ("A", 2))))


@pytest.fixture
async def disarmed() -> AsyncIterator[None]:
    yield
    fail_points.arm([])
