"""The inventory settings and their rules."""

from collections.abc import Mapping
from typing import Final

from domains.inventory import data
from domains.inventory.events import InventorySettingsUpdated
from domains.inventory.models import InventorySettings
from domains.kernel.errors import OutOfRange
from domains.kernel.settings import Setting, SettingsCache, SettingsTable

MAX_DAYS: Final = 3_650


def _days(value: int, _currency: str) -> int:
    if not 1 <= value <= MAX_DAYS:
        raise OutOfRange(f"`stale_after_days` is between 1 and {MAX_DAYS}.", field=("stale_after_days",))
    return value


SETTINGS: Final[Mapping[str, Setting]] = {
    "allocation_strategy": Setting(),
    "stale_after_days": Setting(_days, nullable=True),
}


def settings_table(cache: SettingsCache) -> SettingsTable[InventorySettings]:
    """The inventory settings of companies."""
    return SettingsTable(cache, data.inventory_settings, SETTINGS, InventorySettingsUpdated)
