"""The accounts of companies at payment providers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from domains.kernel.caches.read_cache import ReadCache
from domains.kernel.clock import Clock
from domains.kernel.database import Reader, Tx
from domains.kernel.errors import InvalidInput
from domains.kernel.ids import new_id
from domains.kernel.values.secret import Secret
from domains.payment import data
from domains.payment.accounts.credentials import changed, decrypted, encrypted, readable
from domains.payment.accounts.installed import InstalledProvider
from domains.payment.audit import log
from domains.payment.errors import (
    ProviderDisabled,
    ProviderInUse,
    ProviderNotConfigured,
    ProviderNotOffered,
    ProviderUnknown,
)
from domains.payment.events import PaymentAccountUpdated
from domains.payment.models import PaymentAccount, PaymentAuditEvent
from domains.payment.providers.provider import Credentials, PaymentProvider, ProviderAdapter
from domains.payment.providers.recorded_provider import recorded_providers
from domains.payment.providers.registry import Providers

NO_CREDENTIALS = Credentials({}, {})


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChanges:
    """Changes of an account; None leaves a value as it is, and credentials that are not named stay."""

    is_enabled: bool | None = None
    credentials: Mapping[str, Secret] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpenedAccount:
    """A provider with the account of a company, and whether it takes new payments.

    `publishable_key` is the public one of its credentials; None when it has none.
    """

    provider: PaymentProvider
    is_enabled: bool = True
    publishable_key: str | None = None


class PaymentAccounts:
    """Connects companies to providers. A provider that is built in, such as MOCK, needs no account."""

    def __init__(self, providers: Providers, clock: Clock) -> None:
        self._providers = providers
        self._built_in = {**recorded_providers(clock), **providers.built_in}
        self._cache: ReadCache[tuple[UUID | None, str], OpenedAccount] = ReadCache(clock)

    @property
    def adapters(self) -> list[ProviderAdapter]:
        """The providers to which a company can connect, by name."""
        return [adapter for _, adapter in sorted(self._providers.adapters.items())]

    def adapter(self, provider: str) -> ProviderAdapter:
        """The provider of this name. Raises ProviderUnknown."""
        adapter = self._providers.adapters.get(provider)
        if adapter is None:
            raise ProviderUnknown(provider, sorted(self._providers.adapters), field="provider")
        return adapter

    async def all(self, db: Reader) -> list[PaymentAccount]:
        """The accounts of the company, by provider. One statement."""
        return await data.payment_account.find_many(db, where={}, order_by=[{"provider": "asc"}])

    async def installed(self, db: Reader) -> list[InstalledProvider]:
        """The providers that can take payments here, by name, with the company's accounts. One statement."""
        accounts = {account.provider: account for account in await self.all(db)}
        return [self.shown(name, accounts.get(name)) for name in self._providers.names]

    def shown(self, provider: str, account: PaymentAccount | None) -> InstalledProvider:
        """A provider of the installation with the company's account, if it has one."""
        adapter = self._providers.adapters.get(provider)
        if adapter is None or account is None:
            return InstalledProvider(provider, adapter.fields if adapter else (), NO_CREDENTIALS, adapter is None)
        credentials = readable(account, self._providers.encryption)
        return InstalledProvider(provider, adapter.fields, credentials, account.is_enabled)

    async def update(self, tx: Tx, provider: str, changes: AccountChanges) -> PaymentAccount:
        """Connect the company to a provider, or change its account there. No request is made to the provider.

        Two statements, three to disable one. Raises ProviderUnknown for a provider without accounts, ProviderInUse
        when the settings name the one to disable, and as `credentials.changed` for the credentials, among them those
        that the provider cannot have issued. Emits payment.account_updated, which has names and no values.
        """
        adapter = self.adapter(provider)
        before = await data.payment_account.find_unique(tx, provider=provider, lock=True)
        known = readable(before, self._providers.encryption) if before else NO_CREDENTIALS
        credentials = changed(known, adapter.fields, changes.credentials)
        await adapter.prepare()
        _require_usable(adapter, credentials)
        is_enabled = changes.is_enabled
        if is_enabled is False:
            await _require_unused(tx, provider)
        values: data.PaymentAccountUpdate = {
            "is_enabled": (before is None or before.is_enabled) if is_enabled is None else is_enabled,
            "settings": dict(credentials.settings),
        }
        secrets = encrypted(credentials, self._providers.encryption)
        self._cache.invalidate(tx)
        account = await data.payment_account.upsert(
            tx,
            where={"provider": provider},
            create={"id": new_id(), "provider": provider, "encrypted_secrets": secrets, **values},
            update={"encrypted_secrets": secrets, **values},
        )
        names = _names(changes)
        tx.emit(PaymentAccountUpdated(company_id=account.company_id, provider=provider, changed=names))
        subject = log.Subject(provider=provider, details=", ".join(names) or None)
        log.record(tx, PaymentAuditEvent.ACCOUNT_UPDATED, subject)
        return account

    async def opened_for_new(self, db: Reader, provider: str) -> PaymentProvider:
        """The provider with the company's account, for a new payment. As `opened`; raises ProviderDisabled."""
        account = await self._account(db, provider)
        if not account.is_enabled:
            raise ProviderDisabled(provider)
        return account.provider

    async def chosen(self, db: Reader, default: str, name: str | None) -> PaymentProvider:
        """The provider of a new payment: the default one, or the named one, to which the company is connected.

        A provider that is built in is taken as the default only: nobody pays a shop with another one by MOCK. Raises
        ProviderNotOffered, and as `opened_for_new`.
        """
        if name is None or name == default:
            return await self.opened_for_new(db, default)
        if name not in self._providers.adapters:
            raise ProviderNotOffered
        try:
            return await self.opened_for_new(db, name)
        except ProviderNotConfigured:
            raise ProviderNotOffered from None

    async def offered(self, db: Reader, default: str) -> list[InstalledProvider]:
        """The providers that take new payments of the company, the default one first. One statement."""
        taking = [each for each in await self.installed(db) if each.takes_payments]
        offered = [each for each in taking if each.name == default or each.name in self._providers.adapters]
        return sorted(offered, key=lambda each: each.name != default)

    async def publishable_key(self, db: Reader, provider: str) -> str | None:
        """The public key of the company's account, also of a disabled one. As `opened`."""
        return (await self._account(db, provider)).publishable_key

    async def opened(self, db: Reader, provider: str) -> PaymentProvider:
        """The provider with the company's account, also a disabled one, whose payments go on.

        At most one statement; none for a provider that is built in. Raises ProviderNotConfigured.
        """
        return (await self._account(db, provider)).provider

    async def _account(self, db: Reader, provider: str) -> OpenedAccount:
        built_in = self._built_in.get(provider)
        if built_in is not None:
            return OpenedAccount(built_in, is_enabled=provider not in self._providers.closed)
        return await self._cache.get(db, (db.company_id, provider), lambda: self._open(db, provider))

    async def _open(self, db: Reader, provider: str) -> OpenedAccount:
        adapter = self._providers.adapters.get(provider)
        if adapter is None:  # before the statement: a name may be what a visitor has written
            raise ProviderNotConfigured(provider)
        account = await data.payment_account.find_unique(db, provider=provider)
        if account is None:
            raise ProviderNotConfigured(provider)
        await adapter.prepare()
        credentials = decrypted(account, self._providers.encryption)
        shown = InstalledProvider(provider, adapter.fields, credentials, account.is_enabled)
        return OpenedAccount(adapter.connect(credentials), shown.is_enabled, shown.publishable_key)


def _require_usable(adapter: ProviderAdapter, credentials: Credentials) -> None:
    """Raise InvalidInput for credentials that the provider cannot have issued."""
    try:
        adapter.connect(credentials)
    except InvalidInput as error:
        raise InvalidInput(error.message, field=("credentials", *error.field[-1:])) from None


async def _require_unused(tx: Tx, provider: str) -> None:
    """Raise ProviderInUse when the settings name the provider, whose account the caller has locked."""
    settings = await data.payment_settings.find_first(tx)
    if settings is not None and settings.payment_provider == provider:
        raise ProviderInUse(provider)


def _names(changes: AccountChanges) -> list[str]:
    """What a change names; credentials by their names alone."""
    return [*([] if changes.is_enabled is None else ["is_enabled"]), *sorted(changes.credentials)]
