"""The rules of the cart settings; pure."""

from collections.abc import Mapping
from typing import Final

from domains.cart import data
from domains.cart.events import CartSettingsUpdated
from domains.cart.models import CartSettings
from domains.kernel.settings import Setting, SettingsCache, SettingsTable, number_between

MOST_LINES: Final = 1_000  # as the table's constraints have it
MOST_LINE_UNITS: Final = 1_000_000
SETTINGS: Final[Mapping[str, Setting]] = {
    "max_order_lines": Setting(number_between("max_order_lines", 1, MOST_LINES)),
    "max_line_units": Setting(number_between("max_line_units", 1, MOST_LINE_UNITS)),
}


def settings_table(cache: SettingsCache) -> SettingsTable[CartSettings]:
    """The cart settings of companies."""
    return SettingsTable(cache, data.cart_settings, SETTINGS, CartSettingsUpdated)
