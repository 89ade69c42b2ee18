"""The tax settings and their rules."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from domains.kernel.errors import InvalidInput
from domains.kernel.settings import Setting, SettingsCache, SettingsTable
from domains.tax import data
from domains.tax.events import TaxSettingsUpdated
from domains.tax.models import TaxSettings

PLACES: Final = Decimal("0.000001")


def require_tax_rate(rate: Decimal) -> Decimal:
    """A tax rate as a fraction below 1 with at most six decimals. Raises InvalidInput."""
    if not rate.is_finite() or not 0 <= rate < 1 or rate != rate.quantize(PLACES):
        raise InvalidInput(
            "A tax rate is a fraction below 1 with at most six decimals: 0.19 is 19 %.", field="tax_rate"
        )
    return rate


SETTINGS: Final[Mapping[str, Setting]] = {
    "tax_rate": Setting(lambda rate, _: require_tax_rate(rate)),
    "prices_include_tax": Setting(),
}


def settings_table(cache: SettingsCache) -> SettingsTable[TaxSettings]:
    """The tax settings of companies."""
    return SettingsTable(cache, data.tax_settings, SETTINGS, TaxSettingsUpdated)
