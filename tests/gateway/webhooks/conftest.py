"""A shop whose payments wait for their buyers, and what arrives about them."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domains.order.models import Order
from domains.payment.models import PaymentWebhook
from gateway.providers.mock.declines import AUTHENTICATES
from tests.domains.order.storefront import Storefront
from tests.gateway.site import Site


@pytest.fixture
async def shop(site: Site, owner: Any) -> AsyncIterator[Storefront]:
    """The shop behind the gateway; all invariants are checked after every test."""
    made = Storefront(site.services, site.database, site.clock, site.company_id, owner)
    await made.stock("A", 50)
    yield made
    assert await made.broken() == []


async def waiting(shop: Storefront) -> tuple[Order, UUID]:
    """An order whose buyer has to authenticate, and its payment."""
    buyer = await shop.customer()
    order = await shop.pay(buyer, await shop.buy(buyer, ("A", 1)), AUTHENTICATES)
    (payment,) = await shop.services.payment.payments_of(shop.database.reader(shop.company_id), [order.id])
    return order, payment.id


async def completed(shop: Storefront) -> tuple[Order, UUID]:
    """An order whose buyer has authenticated at the provider, which is not known here yet."""
    order, payment_id = await waiting(shop)
    shop.clock.advance(timedelta(seconds=5))
    await shop.provider.complete_action(payment_id, succeeds=True)
    return order, payment_id


async def stored(shop: Storefront) -> list[PaymentWebhook]:
    """The webhooks of the shop, oldest first."""
    rows = await shop.owner.fetch(
        "select id from payment_webhooks where company_id = $1 order by created_at, id", shop.company_id
    )
    found = await shop.services.payment.webhooks.webhooks_by_id(
        shop.database.reader(shop.company_id), [row[0] for row in rows]
    )
    return sorted(found, key=lambda each: (each.created_at, each.id))
