"""A shop with an account at a provider whose library in the browser confirms payments."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.values.secret import Secret
from domains.payment.accounts.accounts import AccountChanges
from domains.payment.models import NextActionType
from domains.payment.providers.provider import Credentials, PaymentProvider
from domains.payment.providers.results import NextAction, ProviderPayment, ProviderStatus
from tests.domains.order.storefront import Storefront
from tests.domains.payment.adapters import AccountAdapter, AccountPayments
from tests.gateway.site import Site

CREDENTIALS = {"secret_key": "sk_hush", "webhook_secret": "whsec_hush", "publishable_key": "pk_browser"}
ORIGIN = "https://shop.example"


class BrowserPayments(AccountPayments):
    """A hosted payment is confirmed in the browser, with a client secret."""

    async def _payment(self, row: Any) -> ProviderPayment:
        payment = await super()._payment(row)
        if payment.status is not ProviderStatus.REQUIRES_ACTION:
            return payment
        action = NextAction(NextActionType.CONFIRMATION, client_secret=Secret(f"secret_of_{row['reference']}"))
        return replace(payment, next_action=action)


class BrowserAdapter(AccountAdapter):
    """Connects such accounts."""

    def connect(self, credentials: Credentials) -> PaymentProvider:
        return BrowserPayments(self._pool, self._clock, credentials)


@pytest.fixture
def site(make_site: Callable[..., Site], database: Database, clock: FixedClock) -> Site:
    """A site with MOCK and an adapter, whose buyers return to one origin."""
    return make_site(adapters=[BrowserAdapter(database._pool, clock)], return_origins=[ORIGIN])


@pytest.fixture
async def shop(site: Site, owner: Any) -> AsyncIterator[Storefront]:
    made = Storefront(site.services, site.database, site.clock, site.company_id, owner)
    await made.stock("A", 9)
    yield made
    assert await made.broken() == []


@pytest.fixture
async def connected(shop: Storefront) -> Storefront:
    """The shop after it has connected to the provider ACCOUNTS; its settings still name MOCK."""
    await connect(shop)
    return shop


async def connect(shop: Storefront, *, is_enabled: bool = True) -> None:
    """Connect to the provider, or change whether it takes new payments."""
    credentials = {name: Secret(text) for name, text in CREDENTIALS.items()}
    changes = AccountChanges(is_enabled=is_enabled, credentials=credentials)
    await shop.run(lambda tx: shop.services.payment.accounts.update(tx, "ACCOUNTS", changes))
