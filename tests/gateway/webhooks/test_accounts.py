"""Webhooks of accounts: each company has a secret of its own, and only its provider is let in."""

from typing import Any
from uuid import UUID

import orjson

from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from domains.kernel.values.secret import Secret
from domains.payment.accounts.accounts import AccountChanges
from domains.payment.models import WebhookStatus
from gateway.providers.webhook_signature import sign
from tests.domains.order.storefront import Storefront
from tests.gateway.site import Site
from tests.gateway.webhooks.conftest import stored


async def connect(site: Site, company_id: UUID, secret: str, *, is_enabled: bool = True) -> None:
    """Connect a company to Stripe, whose webhooks are signed with a secret."""
    credentials = {
        "secret_key": Secret("sk_test_1"),
        "publishable_key": Secret("pk_test_1"),
        "webhook_secret": Secret(secret),
    }
    changes = AccountChanges(is_enabled=is_enabled, credentials=credentials)
    accounts = site.services.payment.accounts
    await site.database.run(lambda tx: accounts.update(tx, "STRIPE", changes), Actor.system(company_id))


def event() -> bytes:
    """An event about a payment of nobody here."""
    changed = {"object": "payment_intent", "id": "pi_1", "metadata": {"reference": str(new_id())}}
    event = {"id": "evt_1", "type": "payment_intent.succeeded", "created": 1_800_000_000, "data": {"object": changed}}
    return orjson.dumps(event)


async def test_a_valid_signature_of_one_company_is_refused_at_the_address_of_another(
    site: Site, shop: Storefront, owner: Any, other_company: UUID
) -> None:
    await connect(site, site.company_id, "whsec_ours")
    await connect(site, other_company, "whsec_theirs")
    other = await owner.fetchval("select slug from companies where id = $1", other_company)
    body = event()
    ours = {"Stripe-Signature": sign(body, Secret("whsec_ours"), site.clock.now())}
    theirs = {"Stripe-Signature": sign(body, Secret("whsec_theirs"), site.clock.now())}
    assert await site.webhook("stripe", body, theirs) == 400
    assert await site.webhook("stripe", body, ours, other) == 400
    assert await stored(shop) == []
    assert await site.webhook("stripe", body, ours) == 200
    assert await site.webhook("stripe", body, theirs, other) == 200
    (webhook,) = await stored(shop)
    assert (webhook.provider, webhook.provider_event_id, webhook.provider_ids) == ("STRIPE", "evt_1", ["pi_1"])
    assert webhook.status is WebhookStatus.PENDING


async def test_a_disabled_account_still_hears_of_its_payments(site: Site, shop: Storefront) -> None:
    await connect(site, site.company_id, "whsec_ours", is_enabled=False)
    body = event()
    headers = {"Stripe-Signature": sign(body, Secret("whsec_ours"), site.clock.now())}
    assert await site.webhook("Stripe", body, headers) == 200
    assert len(await stored(shop)) == 1
