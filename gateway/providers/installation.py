"""The payment providers and carriers of an installation: built-in ones, and those that companies connect to."""

import hmac
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

import asyncpg

from domains.kernel.clock import Clock
from domains.kernel.values.secret import Secret
from domains.payment.providers.provider import ProviderAdapter
from domains.payment.providers.registry import Providers
from domains.shipping.carriers.registry import CarrierAdapters
from gateway.infra.encryption import Cipher
from gateway.providers.carriers.manual import ManualAdapter
from gateway.providers.carriers.mock.carrier import MockCarrierAdapter
from gateway.providers.carriers.table import TableAdapter
from gateway.providers.mock.mock_payments import MockPayments
from gateway.providers.paypal.provider import PayPalAdapter
from gateway.providers.stripe.provider import StripeAdapter
from gateway.settings import Settings

ACCOUNT_KEY: Final = b"accounts at payment providers of commerce"
CARRIER_KEY: Final = b"accounts at carriers of commerce"


@dataclass(frozen=True, slots=True)
class Installation:
    """The payment providers and the carriers by name, and MOCK, whose page the server shows."""

    registry: Providers
    mock: MockPayments
    carriers: CarrierAdapters


@asynccontextmanager
async def installed(
    settings: Settings, pool: "asyncpg.Pool[asyncpg.Record]", clock: Clock
) -> AsyncIterator[Installation]:
    """The providers of a process; their connections are closed at the end, and opened when an account is used."""
    adapters: tuple[ProviderAdapter, ...] = (
        StripeAdapter(clock, settings.stripe_url),
        PayPalAdapter(clock, settings.paypal_url),
    )
    mock = MockPayments(pool, clock, mock_webhook_secret(settings))
    cipher = Cipher(settings.signing_keys(), ACCOUNT_KEY)
    async with AsyncExitStack() as connections:
        for adapter in adapters:
            connections.push_async_callback(adapter.close)
        registry = Providers(
            mock,
            adapters=adapters,
            encryption=cipher,
            closed=() if settings.takes_test_cards else (mock.name,),
            return_origins=settings.cors_origins,
        )
        yield Installation(registry, mock, carrier_adapters(settings, pool, clock))


def carrier_adapters(settings: Settings, pool: "asyncpg.Pool[asyncpg.Record]", clock: Clock) -> CarrierAdapters:
    """The adapters of carriers. MOCK is closed where MOCK takes no payments: its labels carry nothing."""
    mock = MockCarrierAdapter(pool, clock)
    return CarrierAdapters(
        (TableAdapter(), ManualAdapter(), mock),
        Cipher(settings.signing_keys(), CARRIER_KEY),
        closed=() if settings.takes_test_cards else (mock.name,),
    )


def mock_webhook_secret(settings: Settings) -> Secret:
    """The secret that signs the webhooks of MOCK, derived from the newest key."""
    return Secret(hmac.digest(settings.signing_keys()[0], b"webhooks of MOCK", "sha256").hex())
