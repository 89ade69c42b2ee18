"""The payment settings of companies, remembered for a few seconds as companies are."""

from datetime import UTC, datetime, timedelta
from typing import Final, cast
from uuid import UUID

from domains.kernel.clock import Clock
from domains.kernel.database import Reader, Tx
from domains.kernel.text.validation import Required, camel
from domains.kernel.validation import collect_errors
from domains.payment import data
from domains.payment.data import PaymentSettingsRow, PaymentSettingsUpdate
from domains.payment.errors import ProviderUnknown
from domains.payment.events import PaymentSettingsUpdated
from domains.payment.models import PaymentSettings, PaymentSettingsChanges
from domains.payment.providers import Providers

KEPT_FOR: Final = timedelta(seconds=5)
MOST: Final = 1_000


class SettingsDirectory:
    """Reads and changes the payment settings of companies; a company without a row has the defaults.

    A change is seen at once in this process and within five seconds in every other.
    """

    def __init__(self, providers: Providers, clock: Clock) -> None:
        self._providers = providers
        self._clock = clock
        self._kept: dict[UUID | None, tuple[datetime, PaymentSettings]] = {}
        self._unsettled_until = datetime.min.replace(tzinfo=UTC)

    async def current(self, db: Reader) -> PaymentSettings:
        """The settings of the handle's company. No statement when they were read in the last seconds, else one."""
        now = self._clock.now()
        if (kept := self._kept.get(db.company_id)) is not None and kept[0] > now:
            return kept[1]
        settings = self._settings(await data.payment_settings.find_unique(db))
        if self._unsettled_until <= now:
            self._keep(db.company_id, settings, now + KEPT_FOR)
        return settings

    async def update(self, tx: Tx, changes: PaymentSettingsChanges) -> PaymentSettings:
        """Change settings of the transaction's company; two statements, none without changes.

        Raises, of all settings at once, Required for one that must not be null, and ProviderUnknown. Emits
        payment.settings_updated.
        """
        self._check(changes)
        if not changes:
            return await self.current(tx)
        before = self._settings(await data.payment_settings.find_unique(tx, lock=True))
        update = cast("PaymentSettingsUpdate", dict(changes))
        create = cast("data.PaymentSettingsCreate", dict(changes))
        self._forget()
        after = self._settings(await data.payment_settings.upsert(tx, where={}, create=create, update=update))
        changed = sorted(name for name in changes if getattr(before, name) != getattr(after, name))
        if changed and tx.company_id is not None:
            tx.emit(PaymentSettingsUpdated(company_id=tx.company_id, changed=changed))
        return after

    def _check(self, changes: PaymentSettingsChanges) -> None:
        with collect_errors() as each:
            for name, value in changes.items():
                with each:
                    if value is None and name != "payment_provider":
                        raise Required(f"`{camel(name)}` must not be null.", field=name)
                    if name == "payment_provider" and value is not None and value not in self._providers.names:
                        raise ProviderUnknown(str(value), self._providers.names)

    def _settings(self, row: PaymentSettingsRow | None) -> PaymentSettings:
        default = self._providers.default
        if row is None:
            return PaymentSettings(default)
        provider = row.payment_provider or default
        return PaymentSettings(provider, row.card_payments, row.invoice_payments, row.cash_on_delivery)

    def _forget(self) -> None:
        """Forget all settings, and keep none until a transaction that has yet to commit is over."""
        self._kept.clear()
        self._unsettled_until = self._clock.now() + KEPT_FOR

    def _keep(self, company_id: UUID | None, settings: PaymentSettings, until: datetime) -> None:
        if len(self._kept) >= MOST:
            self._kept.clear()
        self._kept[company_id] = (until, settings)
