"""The payment settings of companies: provider, capture, and the buyers that each payment method is offered to."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.settings import Rows, Setting, SettingsCache, SettingsTable, number_between
from domains.kernel.values.countries import country_code
from domains.payment import data
from domains.payment.data import PaymentSettingsRow
from domains.payment.errors import ProviderNotConnected, ProviderUnknown
from domains.payment.events import PaymentSettingsUpdated
from domains.payment.gift_cards.validity import MOST_MONTHS, require_months
from domains.payment.models import PaymentSettings
from domains.payment.providers.registry import Providers

VALIDITY: Final = "gift_card_validity_months"


class PaymentSettingsTable:
    """The payment settings; a company that names no provider has the installation's default."""

    def __init__(self, providers: Providers, cache: SettingsCache) -> None:
        self._providers = providers
        settings = {
            "payment_provider": Setting(self._require_provider, nullable=True),
            "card_payments": Setting(),
            "invoice_payments": Setting(),
            "cash_on_delivery": Setting(),
            "capture_mode": Setting(),
            VALIDITY: Setting(number_between(VALIDITY, 1, MOST_MONTHS), nullable=True),
            "gift_card_country": Setting(_require_country, nullable=True),
        }
        self._table: SettingsTable[PaymentSettingsRow] = SettingsTable(
            cache, data.payment_settings, settings, PaymentSettingsUpdated, verify=self._verify
        )
        self.names: Final = self._table.names

    async def current(self, db: Reader) -> PaymentSettings:
        """The settings of the handle's company. No statement when they were read in the last seconds."""
        return self._resolved(await self._table.current(db))

    def from_rows(self, company_id: UUID, rows: Rows) -> PaymentSettings:
        """The settings among the rows of a company."""
        return self._resolved(self._table.from_rows(company_id, rows))

    async def update(
        self, tx: Tx, changes: Mapping[str, Any], currency: str = "", *, is_new_currency: bool = False
    ) -> PaymentSettings:
        """Change settings; absent ones do not change. None of them depends on the currency.

        Two statements, one when nothing changes, three to choose a provider with accounts. Raises, for all settings
        at once, Required for one that must not be null, ProviderUnknown, OutOfRange and InvalidInput; then one of
        GiftCardValidityTooShort, GiftCardExpiryForbidden and ProviderNotConnected. Emits payment.settings_updated.
        """
        row = await self._table.update(tx, changes, currency, is_new_currency=is_new_currency)
        return self._resolved(row)

    def _require_provider(self, name: str, _currency: str) -> str:
        if name not in self._providers.names:
            raise ProviderUnknown(str(name), self._providers.names)
        return name

    async def _verify(self, tx: Tx, before: PaymentSettingsRow, after: PaymentSettingsRow, _currency: str) -> None:
        require_months(after.gift_card_validity_months, after.gift_card_country, field=VALIDITY)
        await self._require_account(tx, before, after)

    async def _require_account(self, tx: Tx, before: PaymentSettingsRow, after: PaymentSettingsRow) -> None:
        """Keep the account of a provider that is chosen from being disabled until the end of the transaction."""
        provider = after.payment_provider
        if provider is None or provider == before.payment_provider or provider not in self._providers.adapters:
            return
        account = await data.payment_account.find_unique(tx, provider=provider, lock=True)
        if account is None or not account.is_enabled:
            raise ProviderNotConnected(provider)

    def _resolved(self, row: PaymentSettingsRow) -> PaymentSettings:
        provider = row.payment_provider or self._providers.default
        audiences = (row.card_payments, row.invoice_payments, row.cash_on_delivery)
        gift_cards = (row.gift_card_validity_months, row.gift_card_country)
        return PaymentSettings(provider, *audiences, row.capture_mode, *gift_cards)


def _require_country(country: str, _currency: str) -> str:
    return country_code(country, field=("gift_card_country",))
