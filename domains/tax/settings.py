"""The tax settings and their rules."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from domains.kernel.errors import OutOfRange, TooManyDecimals
from domains.kernel.settings import Setting, SettingsCache, SettingsTable
from domains.tax import data
from domains.tax.events import TaxSettingsUpdated
from domains.tax.models import TaxSettings

PLACES: Final = Decimal("0.000001")


def require_tax_rate(rate: Decimal) -> Decimal:
    """A tax rate as a fraction below 1 with at most six decimals. Raises OutOfRange, TooManyDecimals."""
    if not rate.is_finite() or not 0 <= rate < 1:
        raise OutOfRange("A tax rate is a fraction from 0 to below 1: 0.19 is 19 %.", field="tax_rate")
    if rate != rate.quantize(PLACES):
        raise TooManyDecimals("A tax rate has at most six decimal places: 0.190000.", field="tax_rate")
    return rate


SETTINGS: Final[Mapping[str, Setting]] = {
    "tax_rate": Setting(lambda rate, _: require_tax_rate(rate)),
    "prices_include_tax": Setting(),
}


def settings_table(cache: SettingsCache) -> SettingsTable[TaxSettings]:
    """The tax settings of companies."""
    return SettingsTable(cache, data.tax_settings, SETTINGS, TaxSettingsUpdated)
