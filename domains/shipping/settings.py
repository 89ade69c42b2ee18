"""The shipping settings and their rules."""

from domains.kernel.settings import SettingsCache, SettingsTable
from domains.shipping import data
from domains.shipping.events import ShippingSettingsUpdated
from domains.shipping.models import ShippingSettings
from domains.shipping.working_days import WORKING_DAYS


def settings_table(cache: SettingsCache) -> SettingsTable[ShippingSettings]:
    """The shipping settings of companies."""
    return SettingsTable(cache, data.shipping_settings, WORKING_DAYS, ShippingSettingsUpdated)
