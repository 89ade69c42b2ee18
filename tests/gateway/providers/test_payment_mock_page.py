"""The page of the MOCK provider: a buyer approves or declines there, once."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from domains.kernel.clock import FixedClock
from domains.kernel.ids import new_id
from domains.payment.models import DeclineReason
from domains.payment.providers.requests import HostedCheckout, PaymentReference
from domains.payment.providers.results import ProviderStatus
from gateway.providers.mock.mock_payments import MockPayments
from gateway.providers.mock.page import MockPaymentPage
from tests.domains.payment.conftest import WEBHOOK_SECRET
from tests.domains.payment.provider_contract import request


@pytest.fixture
def provider(pool: Any, clock: FixedClock) -> MockPayments:
    return MockPayments(pool, clock, WEBHOOK_SECRET)


@pytest.fixture
async def browser(provider: MockPayments) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=MockPaymentPage(provider).routes())
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://shop.test", follow_redirects=True
    ) as client:
        yield client


@pytest.mark.parametrize(
    ("outcome", "status", "text"),
    [("approve", ProviderStatus.SUCCEEDED, "was approved"), ("decline", ProviderStatus.FAILED, "was declined")],
)
async def test_a_buyer_chooses_the_outcome_once(
    provider: MockPayments, browser: httpx.AsyncClient, outcome: str, status: ProviderStatus, text: str
) -> None:
    asked = request(HostedCheckout())
    waiting = await provider.authorize(asked)
    assert waiting.next_action is not None
    url = waiting.next_action.url
    assert url is not None
    shown = await browser.get(url)
    assert (shown.status_code, shown.text.count("<form")) == (200, 2)
    chosen = await browser.post(f"{url}?outcome={outcome}")
    assert (chosen.status_code, chosen.text.count("<form"), text in chosen.text) == (200, 0, True)
    other = "decline" if outcome == "approve" else "approve"
    assert text in (await browser.post(f"{url}?outcome={other}")).text
    found = await provider.find(PaymentReference(asked.reference))
    assert found is not None
    assert found.status is status
    assert (found.decline and found.decline.reason) == (
        None if status is ProviderStatus.SUCCEEDED else DeclineReason.AUTHENTICATION_FAILED
    )


async def test_an_unknown_payment_or_choice_is_refused(browser: httpx.AsyncClient, provider: MockPayments) -> None:
    url = f"/payments/mock/{new_id()}"
    assert (await browser.get(url)).status_code == 404
    assert (await browser.post(f"{url}?outcome=approve")).status_code == 404
    asked = request(HostedCheckout())
    await provider.authorize(asked)
    for query in ("", "?outcome=", "?outcome=free"):
        assert (await browser.post(f"/payments/mock/{asked.reference}{query}")).status_code == 400
    assert (await browser.get("/payments/mock/none")).status_code == 404
