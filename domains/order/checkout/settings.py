"""The order settings and their rules."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from domains.kernel.errors import OutOfRange
from domains.kernel.settings import Setting, SettingsCache, SettingsTable, amount, number_between
from domains.kernel.values.money import require_amount
from domains.order import data
from domains.order.checkout.number_patterns import require_pattern
from domains.order.events import OrderSettingsUpdated
from domains.order.models import OrderSettings


def _require_max_value(value: Decimal, currency: str) -> Decimal:
    """The highest total of an order. Raises OutOfRange for zero and below, TooManyDecimals."""
    if value <= 0:
        raise OutOfRange("`max_order_value` must be more than 0; null means no limit.", field="max_order_value")
    return require_amount(value, currency, field="max_order_value")


# The bounds are the same as in the constraints of the table.
SETTINGS: Final[Mapping[str, Setting]] = {
    "order_number_pattern": Setting(lambda pattern, _: require_pattern(pattern)),
    "guest_checkout": Setting(),
    "accept_unpaid_up_to": Setting(amount("accept_unpaid_up_to"), nullable=True, in_currency=True),
    "max_order_units": Setting(number_between("max_order_units", 1, 10_000_000)),
    "max_order_value": Setting(_require_max_value, nullable=True, in_currency=True),
    "payment_minutes": Setting(number_between("payment_minutes", 5, 1_440)),
    "acceptance_hours": Setting(number_between("acceptance_hours", 1, 720)),
    "max_unpaid_orders": Setting(number_between("max_unpaid_orders", 1, 1_000)),
}


def settings_table(cache: SettingsCache) -> SettingsTable[OrderSettings]:
    """The order settings of companies."""
    return SettingsTable(cache, data.order_settings, SETTINGS, OrderSettingsUpdated)
