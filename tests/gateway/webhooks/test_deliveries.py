"""`POST /webhooks/{company}/{provider}`: what is verified, stored once, and answered."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting as statements
from domains.kernel.values.secret import Secret
from domains.order.models import OrderStatus
from domains.payment.models import WebhookStatus
from gateway.providers.mock.mock_payments import MockPayments
from gateway.providers.webhook_signature import sign
from tests.domains.order.storefront import Storefront
from tests.gateway.site import Site
from tests.gateway.webhooks.conftest import completed, stored

HEADER = "mock-signature"


async def test_a_completed_payment_pays_its_order_within_eight_statements(site: Site, shop: Storefront) -> None:
    order, payment_id = await completed(shop)
    body, headers = await shop.provider.webhook(payment_id)
    assert await site.webhook("mock", body, {name.upper(): value for name, value in headers.items()}) == 200
    received = site.count.data
    assert (received, (await stored(shop))[0].status) == (1, WebhookStatus.PENDING)
    with statements() as count:
        await site.webhooks.drain()
    assert received + count.data <= 8
    assert (await shop.order(order.id)).status is OrderStatus.PAID
    (webhook,) = await stored(shop)
    assert (webhook.status, webhook.payment_id, webhook.attempts) == (WebhookStatus.PROCESSED, payment_id, 1)
    assert (webhook.event_type, webhook.reference, webhook.error) == ("payment.succeeded", payment_id, None)


async def test_an_event_that_comes_again_is_answered_and_stored_once(site: Site, shop: Storefront) -> None:
    order, payment_id = await completed(shop)
    body, headers = await shop.provider.webhook(payment_id)
    statuses = await asyncio.gather(*(site.webhook("MOCK", body, headers) for _ in range(5)))
    await site.webhooks.drain()
    assert statuses == [200] * 5
    assert await site.webhook("MOCK", body, headers) == 200
    await site.webhooks.drain()
    assert [each.status for each in await stored(shop)] == [WebhookStatus.PROCESSED]
    assert (await shop.order(order.id)).status is OrderStatus.PAID
    assert (await shop.topics()).count("order.paid") == 1


async def test_what_is_not_signed_lately_by_the_provider_is_refused_and_not_stored(
    site: Site, shop: Storefront
) -> None:
    _, payment_id = await completed(shop)
    body, headers = await shop.provider.webhook(payment_id)
    forged = sign(body, Secret("another secret"), site.clock.now())
    refused = [{}, {HEADER: ""}, {HEADER: forged}, {HEADER: headers[HEADER].replace("v1=", "v0=")}]
    for each in refused:
        assert await site.webhook("MOCK", body, each) == 400
    assert await site.webhook("MOCK", body + b" ", headers) == 400
    site.clock.advance(timedelta(seconds=301))
    assert await site.webhook("MOCK", body, headers) == 400
    ahead = sign(body, Secret("a webhook secret"), site.clock.now() + timedelta(seconds=301))
    assert await site.webhook("MOCK", body, {HEADER: ahead}) == 400
    assert await stored(shop) == []


async def test_a_refusal_says_nothing_of_its_reason(site: Site, shop: Storefront) -> None:
    slug = await site._slug(site.company_id)
    answers = [
        await site.send(path=f"/webhooks/{slug}/MOCK", content=b"{}", headers=headers)
        for headers in ({}, {HEADER: sign(b"{}", Secret("x"), site.clock.now())})
    ]
    assert {answer.text for answer in answers} == {answers[0].text}
    assert "The webhook is not valid." in answers[0].text
    assert await stored(shop) == []


@pytest.mark.parametrize("body", [b"", b"null", b"{}", b'{"id": 1}', b"\xff"])
async def test_a_signed_body_that_is_no_event_is_refused(site: Site, shop: Storefront, body: bytes) -> None:
    headers = {HEADER: sign(body, Secret("a webhook secret"), site.clock.now())}
    assert await site.webhook("MOCK", body, headers) == 400
    assert await stored(shop) == []


@pytest.mark.parametrize("name", ["", "e" * 256, "evt_\\u0000", "evt_\\u00e9"])
async def test_an_event_with_an_id_that_no_provider_has_is_refused(site: Site, shop: Storefront, name: str) -> None:
    body = f'{{"id": "{name}", "type": "x", "created": 1, "payment": null}}'.encode()
    headers = {HEADER: sign(body, Secret("a webhook secret"), site.clock.now())}
    assert await site.webhook("MOCK", body, headers) == 400
    assert await stored(shop) == []


async def test_unknown_companies_and_providers_do_not_differ(site: Site, shop: Storefront) -> None:
    slug = await site._slug(site.company_id)
    paths = ["/webhooks/no-such-shop/MOCK", f"/webhooks/{slug}/NONE", f"/webhooks/{slug}/stripe", "/webhooks/-/MOCK"]
    answers = [await site.send(path=path, content=b"{}", headers={}) for path in paths]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert len({answer.text for answer in answers}) == 1
    assert await stored(shop) == []


@pytest.mark.parametrize("name", ["%00", "MO%00CK", "nowhere", "%F0%9F"])
async def test_a_provider_that_nobody_has_installed_costs_no_statement(
    site: Site, shop: Storefront, name: str
) -> None:
    slug = await site._slug(shop.company_id)
    with statements() as count:
        answer = await site.send(path=f"/webhooks/{slug}/{name}", content=b"{}", headers={})
    assert (answer.status_code, count.data) == (404, 0)


async def test_a_large_body_is_refused_before_it_is_verified(site: Site, shop: Storefront) -> None:
    body = b"x" * 262_145
    headers = {HEADER: sign(body, Secret("a webhook secret"), site.clock.now())}
    assert await site.webhook("MOCK", body, headers) == 413
    assert site.count.data == 0
    assert await site.webhook("MOCK", body[:-1], headers) == 400
    assert await stored(shop) == []


async def test_other_methods_are_refused(site: Site, shop: Storefront) -> None:
    slug = await site._slug(shop.company_id)
    assert (await site.send("GET", path=f"/webhooks/{slug}/MOCK")).status_code == 405


async def test_an_event_about_nothing_of_ours_is_ignored(site: Site, shop: Storefront) -> None:
    body = b'{"id": "evt_1", "type": "customer.created", "created": 1, "payment": null}'
    headers = {HEADER: sign(body, Secret("a webhook secret"), site.clock.now())}
    assert await site.webhook("MOCK", body, headers) == 200
    await site.webhooks.drain()
    (webhook,) = await stored(shop)
    assert (webhook.status, webhook.attempts, webhook.payment_id) == (WebhookStatus.IGNORED, 0, None)


async def test_a_webhook_at_the_address_of_another_company_changes_nothing(
    site: Site, shop: Storefront, make_site: Callable[..., Site], owner: Any, other_company: UUID
) -> None:
    order, payment_id = await completed(shop)
    body, headers = await shop.provider.webhook(payment_id)
    other = await owner.fetchval("select slug from companies where id = $1", other_company)
    assert await site.webhook("MOCK", body, headers, other) == 200
    await site.webhooks.drain()
    assert await stored(shop) == []
    assert (await shop.order(order.id)).status is OrderStatus.PAYMENT_PENDING
    assert await site.webhook("MOCK", body, headers) == 200
    await site.webhooks.drain()
    assert (await shop.order(order.id)).status is OrderStatus.PAID


async def test_a_closed_company_still_hears_of_its_payments(site: Site, shop: Storefront, owner: Any) -> None:
    order, payment_id = await completed(shop)
    body, headers = await shop.provider.webhook(payment_id)
    slug = await site._slug(site.company_id)
    await owner.execute("update companies set is_active = false where id = $1", site.company_id)
    site.companies.forget()
    try:
        assert await site.webhook("MOCK", body, headers, slug) == 200
        await site.webhooks.drain()
    finally:
        await owner.execute("update companies set is_active = true where id = $1", site.company_id)
    assert (await shop.order(order.id)).status is OrderStatus.PAID


async def test_a_webhook_that_cannot_be_verified_now_is_sent_again(
    site: Site, shop: Storefront, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unreachable(*_: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(MockPayments, "parse_webhook", unreachable)
    assert await site.webhook("MOCK", b"{}", {}) == 503
    assert await stored(shop) == []


async def test_nothing_of_a_body_is_stored_or_logged(
    site: Site, shop: Storefront, owner: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    private = f"{new_id()}@example.com"
    body = f'{{"id": "evt_2", "type": "t", "created": 1, "payment": null, "email": "{private}"}}'.encode()
    for secret in ("a webhook secret", "another secret"):
        await site.webhook("MOCK", body, {HEADER: sign(body, Secret(secret), site.clock.now())})
    rows = await owner.fetch("select w::text from payment_webhooks w where company_id = $1", shop.company_id)
    assert len(rows) == 1
    assert private not in rows[0][0]
    assert private not in "".join(capfd.readouterr())
