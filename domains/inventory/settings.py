"""The inventory settings and their rules."""

from collections.abc import Mapping
from typing import Final

from domains.inventory import data
from domains.inventory.events import InventorySettingsUpdated
from domains.inventory.models import InventorySettings
from domains.kernel.settings import Setting, SettingsCache, SettingsTable

SETTINGS: Final[Mapping[str, Setting]] = {"allocation_strategy": Setting()}


def settings_table(cache: SettingsCache) -> SettingsTable[InventorySettings]:
    """The inventory settings of companies."""
    return SettingsTable(cache, data.inventory_settings, SETTINGS, InventorySettingsUpdated)
