"""The cart settings and their rules."""

from collections.abc import Mapping
from typing import Final

from domains.cart import data
from domains.cart.events import CartSettingsUpdated
from domains.cart.models import CartSettings
from domains.kernel.settings import Setting, SettingsCache, SettingsTable, number_between

MAX_LINES: Final = 1_000  # the same as in the constraints of the table
MAX_LINE_UNITS: Final = 1_000_000
MAX_ABANDONED_HOURS: Final = 720
SETTINGS: Final[Mapping[str, Setting]] = {
    "max_order_lines": Setting(number_between("max_order_lines", 1, MAX_LINES)),
    "max_line_units": Setting(number_between("max_line_units", 1, MAX_LINE_UNITS)),
    "abandoned_after_hours": Setting(number_between("abandoned_after_hours", 1, MAX_ABANDONED_HOURS)),
}


def settings_table(cache: SettingsCache) -> SettingsTable[CartSettings]:
    """The cart settings of companies."""
    return SettingsTable(cache, data.cart_settings, SETTINGS, CartSettingsUpdated)
