"""The fake PayPal as a real server, and the provider that is connected to it."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx2
import orjson
import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.ids import new_id
from domains.kernel.values.secret import Secret
from domains.payment.providers.provider import Credentials, PaymentProvider
from domains.payment.providers.requests import MethodToken, ProviderCustomer
from domains.payment.providers.results import MethodSetup
from gateway.providers.paypal.client import open_http
from gateway.providers.paypal.provider import PayPalAdapter
from tests.gateway.providers.paypal.fake_paypal import CERTIFICATE, CLIENT_ID, CLIENT_SECRET, FakePayPal
from tests.gateway.providers.paypal.fake_webhooks import WEBHOOK_ID, Signer, forged

CREDENTIALS = Credentials(
    {"client_id": CLIENT_ID, "webhook_id": WEBHOOK_ID, "environment": "SANDBOX"},
    {"client_secret": Secret(CLIENT_SECRET)},
)
BUYER = ProviderCustomer(new_id())


class PayPalTerminal:
    """PayPal with methods that it keeps: one that pays, one that is declined, a card that asks for 3-D Secure."""

    approving = MethodToken(Secret("paypal:approves"), BUYER)
    declining = MethodToken(Secret("paypal:declines"), BUYER)
    authenticating = MethodToken(Secret("card:challenges"), BUYER)

    def __init__(self, provider: PaymentProvider, paypal: FakePayPal, clock: FixedClock) -> None:
        self.provider = provider
        self.paypal = paypal
        self.clock = clock

    async def complete_setup(self, setup: MethodSetup) -> None:
        self.paypal.approve_setup(setup.provider_id or "")

    async def dispute(self, reference: UUID) -> None:
        self.paypal.orders.dispute(self.order_id(reference))

    async def complete_action(self, reference: UUID, *, succeeds: bool) -> None:
        self.paypal.orders.approve(self.order_id(reference), succeeds=succeeds)

    async def webhook(self, reference: UUID) -> tuple[bytes, dict[str, str]]:
        about = [each for each in self.paypal.events if each["resource"].get("custom_id") == str(reference)]
        body = orjson.dumps(about[-1])
        return body, dict(self.signed(body))

    def signed(self, body: bytes) -> Mapping[str, str]:
        return self.paypal.signer.headers(body, f"{self.paypal.url}{CERTIFICATE}", self.clock.now())

    def forged(self, headers: Mapping[str, str]) -> list[dict[str, str]]:
        return forged(headers)

    def wait(self, seconds: int) -> None:
        self.clock.advance(timedelta(seconds=seconds))

    def order_id(self, reference: UUID) -> str:
        """PayPal's id of a payment."""
        return str(self.paypal.orders.of(str(reference))["id"])


@pytest.fixture(scope="session")
def signer() -> Signer:
    return Signer.new()


@pytest.fixture(scope="session")
async def paypal_server(signer: Signer, session_clock: FixedClock) -> AsyncIterator[FakePayPal]:
    async with FakePayPal.started(session_clock, signer) as fake:
        yield fake


@pytest.fixture(scope="session")
def session_clock() -> FixedClock:
    """A clock for the server before the first test gives it its own."""
    return FixedClock(datetime(2030, 1, 1, tzinfo=UTC))


@pytest.fixture
def paypal(paypal_server: FakePayPal, clock: FixedClock) -> FakePayPal:
    paypal_server.reset(clock)
    return paypal_server


@pytest.fixture(scope="session")
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    """The client of all tests: to make one, with the machine's certificates, takes longer than a test."""
    async with open_http() as client:
        yield client


@pytest.fixture
async def adapter(
    paypal: FakePayPal, clock: FixedClock, http: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[PayPalAdapter]:
    monkeypatch.setattr("gateway.providers.paypal.connections.open_http", lambda: http)
    yield PayPalAdapter(clock, paypal.url)
    assert paypal.violations == []


@pytest.fixture
def provider(adapter: PayPalAdapter) -> PaymentProvider:
    return adapter.connect(CREDENTIALS)


@pytest.fixture
def terminal(provider: PaymentProvider, paypal: FakePayPal, clock: FixedClock) -> PayPalTerminal:
    return PayPalTerminal(provider, paypal, clock)
