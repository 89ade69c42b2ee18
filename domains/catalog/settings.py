"""The settings of the catalog: how many decimals unit prices may have."""

from collections.abc import Mapping
from typing import Final

from domains.catalog import data
from domains.catalog.errors import PricesTooFine
from domains.catalog.events import CatalogSettingsUpdated
from domains.catalog.models import CatalogSettings
from domains.catalog.products import price_sql
from domains.kernel.database import Tx
from domains.kernel.errors import OutOfRange
from domains.kernel.settings import Setting, SettingsCache, SettingsTable
from domains.kernel.values.currencies import exponent_of
from domains.kernel.values.money import MAX_DECIMALS, UnitPrices


def require_decimals(decimals: int, currency: str) -> int:
    """How many decimals unit prices in a currency may have. Raises OutOfRange."""
    least = exponent_of(currency)
    if not least <= decimals <= MAX_DECIMALS:
        raise OutOfRange(
            f"Unit prices in {currency} have {least} to {MAX_DECIMALS} decimal places.",
            field="unit_price_decimals",
        )
    return decimals


SETTINGS: Final[Mapping[str, Setting]] = {
    "unit_price_decimals": Setting(require_decimals, nullable=True, in_currency=True)
}


def settings_table(cache: SettingsCache) -> SettingsTable[CatalogSettings]:
    """The catalog's settings. Unit prices never have more decimals than they say."""
    return SettingsTable(cache, data.catalog_settings, SETTINGS, CatalogSettingsUpdated, verify=_require_prices)


async def _require_prices(tx: Tx, before: CatalogSettings, after: CatalogSettings, currency: str) -> None:
    """Raise PricesTooFine while there are prices with more decimals than they may have from now on."""
    decimals = UnitPrices.of(currency, after.unit_price_decimals).decimals
    if decimals < UnitPrices.of(currency, before.unit_price_decimals).decimals:
        product_name = await price_sql.product_above_decimals(tx, decimals)
        if product_name is not None:
            raise PricesTooFine(decimals, product_name)
