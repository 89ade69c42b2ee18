"""The providers that an installation has, and what they cost until a company connects to one."""

import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Reader
from domains.kernel.ports import DecryptionFailed
from domains.kernel.values.secret import Secret
from domains.payment import data
from domains.payment.accounts.accounts import AccountChanges, PaymentAccounts
from domains.payment.errors import ProviderDisabled
from gateway.bootstrap import wired
from gateway.commands.doctor import _settings
from gateway.infra.encryption import Cipher
from gateway.providers.installation import ACCOUNT_KEY, installed
from gateway.providers.notifications.installation import content_cipher
from gateway.providers.paypal.provider import PayPalAdapter
from gateway.providers.stripe.provider import StripeAdapter
from gateway.settings import Settings, load

LOADED = """
import sys
import gateway.bootstrap
from gateway.providers.paypal.provider import PayPalAdapter
from gateway.providers.stripe.provider import StripeAdapter
print(sorted({name.partition(".")[0] for name in sys.modules} & {"httpx2", "requests", "stripe"}))
"""
CREDENTIALS = {
    "secret_key": Secret("sk_test_key"),
    "webhook_secret": Secret("whsec_secret"),
    "publishable_key": Secret("pk_test_key"),
}


def test_libraries_of_providers_are_loaded_when_an_account_is_used() -> None:
    loaded = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


async def test_a_process_has_both_providers_at_the_addresses_of_the_settings(
    admin_url: str, tmp_path: Path, actor: Actor, company: UUID
) -> None:
    settings = Settings(commerce_home=tmp_path, stripe_url="http://127.0.0.1:1", paypal_url="http://localhost:2")
    async with wired(settings, admin_url) as platform:
        accounts = platform.services.payment.accounts
        assert [adapter.name for adapter in accounts.adapters] == ["PAYPAL", "STRIPE"]
        stripe, paypal = accounts.adapter("STRIPE"), accounts.adapter("PAYPAL")
        assert isinstance(stripe, StripeAdapter)
        assert isinstance(paypal, PayPalAdapter)
        assert (stripe._base_url, paypal._base_url) == ("http://127.0.0.1:1", "http://localhost:2")
        assert (stripe._http, paypal._connections) == (None, None)
        async with platform.database.transaction(actor) as tx:
            await accounts.update(tx, "STRIPE", AccountChanges(credentials=CREDENTIALS))
        stored = await data.payment_account.find_unique(platform.database.reader(company), provider="STRIPE")
        http, connections = stripe.load(), paypal.load()
    assert stored is not None
    keys = settings.signing_keys()
    assert b"whsec_secret" in Cipher(keys, ACCOUNT_KEY).decrypt(stored.encrypted_secrets.encode())
    with pytest.raises(DecryptionFailed):
        content_cipher(settings).decrypt(stored.encrypted_secrets.encode())
    assert (http._client.is_closed, connections.http.is_closed) == (True, True)


@pytest.mark.parametrize("name", ["stripe_url", "paypal_url"])
def test_the_doctor_names_a_server_in_place_of_a_provider(tmp_path: Path, name: str) -> None:
    assert "move no money" not in _settings(Settings(commerce_home=tmp_path)).advice
    result = _settings(load({}, commerce_home=tmp_path, **{name: "http://127.0.0.1:1"}))
    assert f"{name.upper()} is set: payments and the companies' keys are sent to http://127.0.0.1:1" in result.advice


async def test_without_test_cards_mock_takes_no_new_payments(tmp_path: Path, pool: Any, clock: FixedClock) -> None:
    settings = Settings(commerce_home=tmp_path, mock_payments=False)
    async with installed(settings, pool, clock) as installation:
        assert (installation.registry.default, installation.registry.names) == ("MOCK", ["PAYPAL", "STRIPE"])
        accounts = PaymentAccounts(installation.registry, clock)
        reader = Reader(pool, None)
        with pytest.raises(ProviderDisabled, match="MOCK"):
            await accounts.opened_for_new(reader, "MOCK")
        assert await accounts.opened(reader, "MOCK") is installation.mock
