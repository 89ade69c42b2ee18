"""A shop with both providers' servers, of which a process has one each."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domains.kernel.clock import FixedClock
from domains.payment.providers.provider import ProviderAdapter
from gateway.providers.paypal.provider import PayPalAdapter
from gateway.providers.stripe.provider import StripeAdapter
from tests.domains.order.storefront import Storefront
from tests.gateway.graphql.payment.purchases.checkout import Checkout
from tests.gateway.providers.paypal.conftest import (  # noqa: F401 - fixtures
    paypal,
    paypal_server,
    session_clock,
    signer,
)
from tests.gateway.providers.paypal.fake_paypal import FakePayPal
from tests.gateway.providers.stripe.conftest import server as stripe  # noqa: F401 - a fixture
from tests.gateway.providers.stripe.conftest import shared_server  # noqa: F401 - a fixture
from tests.gateway.providers.stripe.stripe_server import StripeServer
from tests.gateway.site import Site

Adapters = tuple[ProviderAdapter, ...]


@pytest.fixture(scope="session")
async def adapters(
    shared_server: StripeServer,  # noqa: F811 - a fixture
    paypal_server: FakePayPal,  # noqa: F811 - a fixture
    session_clock: FixedClock,  # noqa: F811 - a fixture
) -> AsyncIterator[Adapters]:
    """The adapters, whose connections all tests share."""
    made = StripeAdapter(session_clock, shared_server.url), PayPalAdapter(session_clock, paypal_server.url)
    yield made
    for adapter in made:
        await adapter.close()


@pytest.fixture
def clock(session_clock: FixedClock) -> FixedClock:  # noqa: F811 - a fixture
    """The clock of the adapters, fixed at the next minute, since rows have the time of the database."""
    session_clock.at = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=1)
    return session_clock


@pytest.fixture
async def make_checkout(
    make_site: Callable[..., Site],
    adapters: Adapters,
    stripe: StripeServer,  # noqa: F811 - a fixture
    paypal: FakePayPal,  # noqa: F811 - a fixture
    owner: Any,
) -> AsyncIterator[Callable[[], Awaitable[Checkout]]]:
    """A shop that is connected to neither provider; all invariants are checked after each test."""
    site = make_site(adapters=adapters)
    shop = Storefront(site.services, site.database, site.clock, site.company_id, owner)

    async def make() -> Checkout:
        return Checkout(site, shop, await shop.staff(), await shop.customer(), stripe, paypal)

    yield make
    assert await shop.broken() == []
    assert paypal.violations == []


@pytest.fixture
async def checkout(make_checkout: Callable[[], Awaitable[Checkout]]) -> Checkout:
    """A shop that sells in EUR."""
    made = await make_checkout()
    await made.shop.stock("A", 50)
    await made.shop.stock("B", 50, "3.33")
    return made
