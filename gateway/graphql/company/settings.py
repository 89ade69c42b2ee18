"""The settings of companies, which several domains keep: read and changed together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from domains.cart.models import CartSettings
from domains.catalog.models import CatalogSettings
from domains.company.models import Company, SettingsChanges
from domains.company.settings import SETTINGS
from domains.inventory.models import InventorySettings
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.settings import DomainSettings
from domains.kernel.validation import collect_errors
from domains.kernel.values.currencies import EXPONENTS
from domains.kernel.values.money import Money as KernelMoney
from domains.notification.models import NotificationSettings
from domains.order.models import OrderSettings
from domains.payment.models import PaymentSettings
from domains.returns.models import ReturnSettings
from domains.shipping.models import ShippingSettings
from domains.tax.models import TaxSettings
from gateway.graphql.core.context import Context
from gateway.graphql.core.fields import present, relation
from gateway.graphql.core.scalars import Money
from gateway.services import Services


@dataclass(frozen=True, slots=True)
class CompanySettings:
    """A company with its settings in all domains."""

    company: Company
    catalog: CatalogSettings
    inventory: InventorySettings
    tax: TaxSettings
    payment: PaymentSettings
    shipping: ShippingSettings
    cart: CartSettings
    order: OrderSettings
    returns: ReturnSettings
    notification: NotificationSettings

    def money(self, amount: Decimal | None) -> Money | None:
        """An amount in the company's currency."""
        return None if amount is None else present(Money, KernelMoney(amount, self.company.currency))


def setting(read: Callable[[CompanySettings], Any], *, description: str) -> Any:
    """A field of a company whose value is among its settings, which are loaded only when one of them is selected."""

    async def load(context: Context, keys: Sequence[UUID]) -> list[Any]:
        return [read(each) for each in await context.loaders.of(load_settings).load_level(list(keys))]

    return relation("id", load, description=description)


async def load_settings(context: Context, keys: Sequence[UUID]) -> list[CompanySettings]:
    """The settings of companies. One statement, none for the actor's own that were read in the last seconds."""
    services, own = context.services, context.actor.company_id
    if list(keys) == [own]:
        rows = {own: await services.company.settings_cache.rows(context.reader, own)}
    else:
        rows = await services.company.settings_cache.load_many(context.db.reader(None), keys)
    return [
        CompanySettings(
            services.company.from_rows(rows[key]),
            services.catalog.settings.from_rows(key, rows[key]),
            services.inventory.settings.from_rows(key, rows[key]),
            services.tax.settings.from_rows(key, rows[key]),
            services.payment.settings.from_rows(key, rows[key]),
            services.shipping.settings.from_rows(key, rows[key]),
            services.cart.settings.from_rows(key, rows[key]),
            services.order.settings.from_rows(key, rows[key]),
            services.returns.settings.from_rows(key, rows[key]),
            services.notification.settings.from_rows(key, rows[key]),
        )
        for key in keys
    ]


def settings_parts(services: Services) -> Sequence[DomainSettings]:
    """The settings that domains other than the company's keep."""
    return (
        services.catalog.settings,
        services.inventory.settings,
        services.payment.settings,
        services.tax.settings,
        services.shipping.settings,
        services.cart.settings,
        services.order.settings,
        services.returns.settings,
        services.notification.settings,
    )


async def update_settings(services: Services, tx: Tx, actor: Actor, changes: Mapping[str, Any]) -> Company:
    """Change settings of the actor's company in all domains that keep them; what is absent stays.

    Amounts are in the company's currency, or in the new one when `currency` changes with them. Raises, of all
    settings at once, what the domains raise. Emits company.updated and the SettingsUpdated of each changed domain.
    """
    own = {name: value for name, value in changes.items() if name in SETTINGS}
    is_new_currency = changes.get("currency") in EXPONENTS
    company: Company | None = None
    with collect_errors() as each:
        with each:
            company = await services.company.update_settings(tx, actor, cast("SettingsChanges", own))
        company = company or await services.company.current(tx)
        currency = changes["currency"] if is_new_currency else company.currency
        for part in settings_parts(services):
            part_changes = {name: value for name, value in changes.items() if name in part.names}
            if part_changes or is_new_currency:
                with each:
                    await part.update(tx, part_changes, currency, is_new_currency=is_new_currency)
    return company
