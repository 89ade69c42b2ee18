"""The shipping settings and their rules."""

from collections.abc import Mapping
from typing import Final

from domains.kernel.settings import Setting, SettingsCache, SettingsTable, amount
from domains.shipping import data
from domains.shipping.events import ShippingSettingsUpdated
from domains.shipping.models import ShippingSettings
from domains.shipping.working_days import WORKING_DAYS

SETTINGS: Final[Mapping[str, Setting]] = {
    "flat_shipping": Setting(amount("flat_shipping"), in_currency=True),
    "free_shipping_threshold": Setting(amount("free_shipping_threshold"), nullable=True, in_currency=True),
    **WORKING_DAYS,
}


def settings_table(cache: SettingsCache) -> SettingsTable[ShippingSettings]:
    """The shipping settings of companies."""
    return SettingsTable(cache, data.shipping_settings, SETTINGS, ShippingSettingsUpdated)
