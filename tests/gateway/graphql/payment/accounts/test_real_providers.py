"""Companies connect through the API, and pay at servers in place of Stripe and PayPal, each with its own keys."""

from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from domains.kernel.clock import FixedClock
from domains.kernel.ids import new_id
from domains.kernel.values.secret import Secret
from domains.payment.errors import ProviderUnavailable
from domains.payment.models import CaptureMode, Payment, PaymentStatus
from domains.payment.providers.requests import MethodToken, ProviderCustomer
from domains.payment.providers.results import ProviderStatus
from domains.payment.reconciliation import ABANDONED_AFTER
from gateway.providers.paypal.provider import PayPalAdapter
from gateway.providers.stripe.provider import StripeAdapter
from tests.domains.actors import administrator
from tests.domains.payment.conftest import make_order
from tests.domains.payment.payer import Payer
from tests.gateway.graphql.payment.accounts.operations import CHOOSE, CONNECT, listed
from tests.gateway.providers.paypal.conftest import (  # noqa: F401 - fixtures
    paypal,
    paypal_server,
    session_clock,
    signer,
)
from tests.gateway.providers.paypal.fake_paypal import CLIENT_ID, CLIENT_SECRET, FakePayPal
from tests.gateway.providers.paypal.fake_webhooks import WEBHOOK_ID
from tests.gateway.providers.stripe.conftest import shared_server  # noqa: F401 - a fixture
from tests.gateway.providers.stripe.stripe_server import KEY, StripeServer
from tests.gateway.site import Site

TOKENS = {
    "STRIPE": MethodToken(Secret("pm_card_visa")),
    "PAYPAL": MethodToken(Secret("paypal:approves"), ProviderCustomer(new_id())),
}
KEYS = {
    "STRIPE": {"secret_key": KEY, "webhook_secret": "whsec_1", "publishable_key": "pk_test_1"},
    "PAYPAL": {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "webhook_id": WEBHOOK_ID,
        "environment": "SANDBOX",
    },
}
WRONG = {"STRIPE": {"secret_key": "sk_test_WRONG"}, "PAYPAL": {"client_secret": "WRONG"}}
BOTH = pytest.mark.parametrize("provider", ["STRIPE", "PAYPAL"])


class Merchant:
    """A company that takes payments by one provider."""

    def __init__(self, site: Site, order: UUID, provider: str) -> None:
        self.site, self.provider = site, provider
        self.admin = administrator(site.company_id)
        self.payments = site.services.payment
        self.payer = Payer(site.database, self.admin, self.payments, order)

    async def connect(self, **keys: str) -> None:
        given = listed(**KEYS[self.provider] | keys)
        await self.site.do(CONNECT, self.admin, provider=self.provider, credentials=given)
        await self.site.do(CHOOSE, self.admin, paymentProvider=self.provider)

    async def begin(self) -> Payment:
        begun = await self.site.database.run(self.payer.creating(TOKENS[self.provider]), self.admin)
        assert begun is not None
        return begun

    async def authorize(self, payment: Payment) -> Payment:
        token = TOKENS[self.provider]
        result = await self.payments.operations.authorize(self.payer.reader, payment, token)
        return await self.payer.record(payment, result)

    async def pay(self) -> PaymentStatus:
        return (await self.authorize(await self.begin())).status

    async def reconcile(self) -> list[PaymentStatus]:
        self.site.clock.advance(ABANDONED_AFTER)
        return [payment.status for payment in await self.payer.reconcile()]


@pytest.fixture
async def stripe(shared_server: StripeServer) -> StripeServer:  # noqa: F811 - a fixture
    await shared_server.reset()
    return shared_server


@pytest.fixture
async def make_merchant(
    make_site: Callable[..., Site],
    stripe: StripeServer,
    paypal: FakePayPal,  # noqa: F811 - a fixture
    clock: FixedClock,
    owner: Any,
) -> AsyncIterator[Callable[..., Any]]:
    """A merchant of a company; all of a test share one process, and so its adapters."""
    adapters = (StripeAdapter(clock, stripe.url), PayPalAdapter(clock, paypal.url))

    async def make(company_id: UUID, provider: str) -> Merchant:
        return Merchant(make_site(company_id, adapters=adapters), await make_order(owner, company_id), provider)

    yield make
    for adapter in adapters:
        await adapter.close()
    assert paypal.violations == []


@BOTH
async def test_an_order_is_paid_at_the_provider_that_was_connected(
    make_merchant: Callable[..., Any], company: UUID, provider: str
) -> None:
    merchant = await make_merchant(company, provider)
    await merchant.connect()
    paid = await merchant.authorize(await merchant.begin())
    assert (paid.status, paid.provider) == (PaymentStatus.SUCCEEDED, provider)
    assert await merchant.payments.operations.find(merchant.payer.reader, paid)


async def test_each_company_pays_with_its_own_key_at_stripe(
    make_merchant: Callable[..., Any],
    stripe: StripeServer,
    company: UUID,
    other_company: UUID,
) -> None:
    for company_id, key in ((company, "sk_test_one"), (other_company, "sk_test_two"), (company, "sk_test_three")):
        merchant = await make_merchant(company_id, "STRIPE")
        await merchant.connect(secret_key=key)
        stripe.keys.clear()
        assert await merchant.pay() is PaymentStatus.SUCCEEDED
        assert set(stripe.keys) == {key}


async def test_a_company_without_access_does_not_pay_with_the_access_of_another_one(
    make_merchant: Callable[..., Any], company: UUID, other_company: UUID
) -> None:
    merchant, stranger = await make_merchant(company, "PAYPAL"), await make_merchant(other_company, "PAYPAL")
    await merchant.connect()
    await stranger.connect(client_secret="ANOTHER")
    assert await merchant.pay() is PaymentStatus.SUCCEEDED
    with pytest.raises(ProviderUnavailable):
        await stranger.pay()


@BOTH
async def test_a_wrong_key_is_told_to_staff_and_its_payment_is_closed_once_it_is_right(
    make_merchant: Callable[..., Any],
    stripe: StripeServer,
    company: UUID,
    provider: str,
) -> None:
    merchant = await make_merchant(company, provider)
    stripe.revoked = {"sk_test_WRONG"}
    await merchant.connect(**WRONG[provider])
    begun = await merchant.begin()
    with capture_logs() as logs, pytest.raises(ProviderUnavailable) as refused:
        await merchant.authorize(begun)
    assert provider not in refused.value.message.upper()
    (line,) = [line for line in logs if line["event"] == "a payment provider refuses credentials"]
    assert (line["provider"], line["company_id"], line["payment_id"]) == (provider, str(company), str(begun.id))
    assert "dashboard" in line["advice"]
    assert "WRONG" not in str(logs)
    assert await merchant.reconcile() == [PaymentStatus.PROCESSING]
    await merchant.connect()
    assert await merchant.reconcile() == [PaymentStatus.CANCELLED]
    assert await merchant.pay() is PaymentStatus.SUCCEEDED


@BOTH
async def test_a_key_that_is_revoked_before_the_capture_loses_nothing(
    make_merchant: Callable[..., Any],
    stripe: StripeServer,
    paypal: FakePayPal,  # noqa: F811 - a fixture
    company: UUID,
    provider: str,
) -> None:
    merchant = await make_merchant(company, provider)
    await merchant.connect()
    await merchant.payer.set_mode(CaptureMode.MANUAL)
    held = await merchant.authorize(await merchant.begin())
    assert held.status is PaymentStatus.AUTHORIZED
    stripe.revoked, paypal.refuses_tokens = {KEY}, True
    asked = await merchant.site.database.run(
        lambda tx: merchant.payments.request_capture(tx, held.id), merchant.admin
    )
    result = await merchant.payments.operations.capture(merchant.payer.reader, asked)
    assert result.status is ProviderStatus.NO_ANSWER
    assert (await merchant.payer.record(asked, result)).status is PaymentStatus.AUTHORIZED
    assert await merchant.reconcile() == [PaymentStatus.AUTHORIZED]
    paypal.refuses_tokens = False
    await merchant.connect(**({"secret_key": "sk_test_new"} if provider == "STRIPE" else {}))
    assert await merchant.reconcile() == [PaymentStatus.SUCCEEDED]
