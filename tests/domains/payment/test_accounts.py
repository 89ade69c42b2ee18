"""Accounts of companies at payment providers: secrets are encrypted, checked, and used for the company's payments."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.errors import InvalidInput
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.ports import DecryptionFailed
from domains.kernel.text.validation import Required
from domains.kernel.validation import ValidationErrors
from domains.kernel.values.secret import Secret
from domains.payment.accounts.accounts import AccountChanges
from domains.payment.errors import (
    CardNotAccepted,
    CredentialUnknown,
    ProviderDisabled,
    ProviderInUse,
    ProviderNotConfigured,
    ProviderNotConnected,
    ProviderUnknown,
)
from domains.payment.models import PaymentAccount, PaymentStatus
from domains.payment.providers.registry import Providers
from domains.payment.providers.requests import MethodToken
from domains.payment.service import PaymentService
from gateway.infra.encryption import Cipher
from gateway.providers.mock.mock_payments import MockPayments
from tests.domains.payment.adapters import AccountAdapter, AccountPayments
from tests.domains.payment.payer import Payer, card
from tests.domains.payment.services import payment_service

GIVEN = {"secret_key": "sk_first", "webhook_secret": "whsec_1", "publishable_key": "pk_1"}
TOKEN = MethodToken(Secret("mock_pm_approves"))
PRICE = Decimal("19.90")


def changes(given: Mapping[str, str], *, is_enabled: bool | None = None) -> AccountChanges:
    return AccountChanges(is_enabled=is_enabled, credentials={name: Secret(text) for name, text in given.items()})


class Merchant:
    """A company that changes its account, each time in a transaction that commits."""

    def __init__(self, database: Database, actor: Actor, payments: PaymentService) -> None:
        self.database, self.actor, self.payments = database, actor, payments

    async def update(self, given: Mapping[str, str], *, is_enabled: bool | None = None) -> PaymentAccount:
        wanted = changes(given, is_enabled=is_enabled)
        return await self.database.run(lambda tx: self.payments.accounts.update(tx, "ACCOUNTS", wanted), self.actor)

    async def choose(self, provider: str = "ACCOUNTS") -> None:
        """Take new payments by a provider."""
        await self.database.run(
            lambda tx: self.payments.settings.update(tx, {"payment_provider": provider}), self.actor
        )

    async def takes_payments(self) -> bool:
        """Whether a new payment can be made by the provider that the settings name."""
        reader = self.database.reader(self.actor.company_id)
        provider = (await self.payments.settings.current(reader)).payment_provider
        return (await self.payments.accounts.opened_for_new(reader, provider)).name == provider

    async def credentials(self) -> dict[str, str]:
        """The credentials that payments are made with."""
        opened = await self.payments.accounts.opened(self.database.reader(self.actor.company_id), "ACCOUNTS")
        assert isinstance(opened, AccountPayments)
        secrets = {name: secret.reveal() for name, secret in opened.credentials.secrets.items()}
        return {**opened.credentials.settings, **secrets}


@pytest.fixture
def adapter(pool: Any, clock: FixedClock) -> AccountAdapter:
    return AccountAdapter(pool, clock)


def service(provider: MockPayments, adapter: AccountAdapter, clock: FixedClock, *keys: bytes) -> PaymentService:
    """A process whose first key encrypts."""
    cipher = Cipher(keys or (b"1" * 32,), b"payment accounts")
    return payment_service(Providers(provider, adapters=[adapter], encryption=cipher), clock)


@pytest.fixture
def payments(provider: MockPayments, adapter: AccountAdapter, clock: FixedClock) -> PaymentService:
    return service(provider, adapter, clock)


@pytest.fixture
def merchant(database: Database, actor: Actor, payments: PaymentService) -> Merchant:
    return Merchant(database, actor, payments)


async def test_secrets_are_stored_encrypted_and_used(merchant: Merchant, owner: Any) -> None:
    account = await merchant.update(GIVEN)
    assert (account.provider, account.is_enabled, account.settings) == ("ACCOUNTS", True, {"publishable_key": "pk_1"})
    stored = await owner.fetchval("select payment_accounts::text from payment_accounts where id = $1", account.id)
    assert not [text for text in ("sk_first", "whsec_1") if text in stored + repr(account)]
    assert await merchant.credentials() == GIVEN


async def test_a_credential_that_is_not_named_stays(merchant: Merchant) -> None:
    await merchant.update(GIVEN)
    assert await merchant.credentials() == GIVEN
    await merchant.update({"secret_key": "  sk_second\n"})
    assert await merchant.credentials() == GIVEN | {"secret_key": "sk_second"}
    await merchant.update({}, is_enabled=False)
    assert await merchant.credentials() == GIVEN | {"secret_key": "sk_second"}


async def test_simultaneous_changes_of_different_credentials_are_all_kept(merchant: Merchant) -> None:
    await merchant.update(GIVEN)
    await asyncio.gather(*(merchant.update({name: f"sk_{name}"}) for name in GIVEN))
    assert await merchant.credentials() == {name: f"sk_{name}" for name in GIVEN}


async def test_a_first_account_needs_all_credentials(merchant: Merchant) -> None:
    with pytest.raises(ValidationErrors) as refused:
        await merchant.update({"secret_key": "sk_first"})
    assert {(type(error), error.field) for error in refused.value.errors} == {
        (Required, ("credentials", "webhook_secret")),
        (Required, ("credentials", "publishable_key")),
    }
    reader = merchant.database.reader(merchant.actor.company_id)
    assert await merchant.payments.accounts.all(reader) == []


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("api_key", "sk_first", CredentialUnknown),
        ("secret_key", "", InvalidInput),
        ("secret_key", "sk_" + "x" * 498, InvalidInput),
        ("secret_key", "sk_with space", InvalidInput),
        ("secret_key", "sk_\u00e9", InvalidInput),
        ("secret_key", "sk_\x00", InvalidInput),
        ("secret_key", "another-kind", InvalidInput),
    ],
)
async def test_a_wrong_credential_is_named_and_not_repeated(
    merchant: Merchant, name: str, value: str, error: type[InvalidInput]
) -> None:
    await merchant.update(GIVEN)
    with pytest.raises(error) as refused:
        await merchant.update({name: value})
    assert refused.value.field == ("credentials", name)
    assert len(value) < 2 or value not in str(refused.value)
    assert await merchant.credentials() == GIVEN


@pytest.mark.parametrize("name", ["MOCK", "MANUAL", "NONE", ""])
async def test_a_provider_without_accounts_has_none(merchant: Merchant, name: str) -> None:
    with pytest.raises(ProviderUnknown, match="ACCOUNTS"):
        await merchant.database.run(
            lambda tx: merchant.payments.accounts.update(tx, name, changes(GIVEN)), merchant.actor
        )


async def test_an_account_belongs_to_its_company(merchant: Merchant, other_company: UUID) -> None:
    await merchant.update(GIVEN)
    reader = merchant.database.reader(other_company)
    assert await merchant.payments.accounts.all(reader) == []
    with pytest.raises(ProviderNotConfigured):
        await merchant.payments.accounts.opened(reader, "ACCOUNTS")
    stranger = replace(merchant.actor, company_id=other_company)
    other = Merchant(merchant.database, stranger, merchant.payments)
    await other.update(GIVEN | {"secret_key": "sk_other"})
    assert (await merchant.credentials(), (await other.credentials())["secret_key"]) == (GIVEN, "sk_other")


async def test_payments_are_made_with_the_account_and_go_on_when_it_is_disabled(
    merchant: Merchant, payer: Payer
) -> None:
    await merchant.update(GIVEN)
    await merchant.choose()
    with pytest.raises(CardNotAccepted):
        await merchant.database.run(payer.creating(card("4242424242424242")), merchant.actor)
    begun = await merchant.database.run(payer.creating(TOKEN), merchant.actor)
    assert begun is not None
    await merchant.choose("MOCK")
    await merchant.update({}, is_enabled=False)
    with pytest.raises(ProviderDisabled):
        await payer.payments.accounts.opened_for_new(payer.reader, "ACCOUNTS")
    paid = await payer.record(begun, await payer.payments.operations.authorize(payer.reader, begun, TOKEN))
    assert (paid.status, paid.provider) == (PaymentStatus.SUCCEEDED, "ACCOUNTS")
    refunds = payer.payments.refunds
    refund = await merchant.database.run(
        lambda tx: refunds.create(tx, merchant.actor, paid.id, PRICE), merchant.actor
    )
    assert (await refunds.send(payer.reader, paid, refund)).decline is None


async def test_a_provider_without_an_enabled_account_cannot_be_chosen(merchant: Merchant) -> None:
    with pytest.raises(ProviderNotConnected, match="not connected to ACCOUNTS"):
        await merchant.choose()
    await merchant.update(GIVEN, is_enabled=False)
    with pytest.raises(ProviderNotConnected, match="not enabled"):
        await merchant.choose()
    await merchant.update({}, is_enabled=True)
    await merchant.choose()
    assert await merchant.takes_payments()


async def test_the_account_that_takes_payments_cannot_be_disabled(merchant: Merchant) -> None:
    await merchant.update(GIVEN)
    await merchant.choose()
    with pytest.raises(ProviderInUse, match="nobody could pay"):
        await merchant.update({"secret_key": "sk_second"}, is_enabled=False)
    assert await merchant.takes_payments()
    assert await merchant.credentials() == GIVEN
    await merchant.choose("MOCK")
    assert not (await merchant.update({}, is_enabled=False)).is_enabled


@pytest.mark.parametrize("has_settings", [False, True])
async def test_choosing_and_disabling_at_once_leaves_a_provider_that_takes_payments(
    merchant: Merchant, owner: Any, has_settings: bool
) -> None:
    await merchant.update(GIVEN)
    await owner.execute("delete from payment_settings where company_id = $1", merchant.actor.company_id)
    for _ in range(5):
        if has_settings:
            await merchant.choose("MOCK")
        await asyncio.gather(merchant.choose(), merchant.update({}, is_enabled=False), return_exceptions=True)
        assert await merchant.takes_payments()
        await merchant.choose("MOCK")
        await merchant.update({}, is_enabled=True)


async def test_an_account_whose_key_is_gone_is_connected_again(
    merchant: Merchant, provider: MockPayments, adapter: AccountAdapter, clock: FixedClock
) -> None:
    await merchant.update(GIVEN)
    later = Merchant(merchant.database, merchant.actor, service(provider, adapter, clock, b"2" * 32))
    reader = merchant.database.reader(merchant.actor.company_id)

    async def is_connected() -> bool:
        (found,) = [each for each in await later.payments.accounts.installed(reader) if each.name == "ACCOUNTS"]
        return found.is_connected

    assert not await is_connected()
    with pytest.raises(Required, match="webhook_secret"):
        await later.update({"secret_key": "sk_again"})
    await later.update(GIVEN | {"secret_key": "sk_again"})
    assert await is_connected()
    assert await later.credentials() == GIVEN | {"secret_key": "sk_again"}


async def test_an_account_is_read_once(merchant: Merchant, adapter: AccountAdapter) -> None:
    await merchant.update(GIVEN)
    reader = merchant.database.reader(merchant.actor.company_id)
    with counting() as count:
        for _ in range(3):
            await merchant.payments.accounts.opened(reader, "ACCOUNTS")
        await merchant.payments.accounts.opened(reader, "MOCK")
    assert (count.data, adapter.connected) == (1, 2)


async def test_a_new_key_reads_what_an_older_one_has_encrypted(
    merchant: Merchant, provider: MockPayments, adapter: AccountAdapter, clock: FixedClock
) -> None:
    await merchant.update(GIVEN)
    old, new = b"1" * 32, b"2" * 32
    both = Merchant(merchant.database, merchant.actor, service(provider, adapter, clock, new, old))
    assert await both.credentials() == GIVEN
    await both.update({"webhook_secret": "whsec_2"})
    only_new = Merchant(merchant.database, merchant.actor, service(provider, adapter, clock, new))
    assert await only_new.credentials() == GIVEN | {"webhook_secret": "whsec_2"}
    only_old = Merchant(merchant.database, merchant.actor, service(provider, adapter, clock, old))
    with pytest.raises(DecryptionFailed):
        await only_old.credentials()


async def test_a_change_is_told_without_its_values(merchant: Merchant, owner: Any) -> None:
    await merchant.update(GIVEN, is_enabled=True)
    (payload,) = await owner.fetchrow(
        "select payload::text from outbox_events where topic = 'payment.account_updated' and company_id = $1",
        merchant.actor.company_id,
    )
    assert "publishable_key" in payload
    assert not [value for value in GIVEN.values() if value in payload]


async def test_a_provider_is_removed_from_the_installation(
    merchant: Merchant, provider: MockPayments, clock: FixedClock
) -> None:
    await merchant.update(GIVEN)
    without = payment_service(Providers(provider), clock)
    assert without.accounts.adapters == []
    with pytest.raises(ProviderNotConfigured, match="ACCOUNTS"):
        await without.accounts.opened(merchant.database.reader(merchant.actor.company_id), "ACCOUNTS")


async def test_an_update_without_changes_saves_the_secrets_under_the_newest_key(
    merchant: Merchant, provider: MockPayments, adapter: AccountAdapter, clock: FixedClock
) -> None:
    await merchant.update(GIVEN)
    old, new = b"1" * 32, b"2" * 32
    await Merchant(merchant.database, merchant.actor, service(provider, adapter, clock, new, old)).update({})
    only_new = Merchant(merchant.database, merchant.actor, service(provider, adapter, clock, new))
    assert await only_new.credentials() == GIVEN
