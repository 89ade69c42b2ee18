"""What the company domain shows of itself: a company with its settings, and the changes one may ask for."""

from decimal import Decimal
from typing import TypedDict

from domains.company.data import CompanyRow as Company

__all__ = ["Company", "SettingsChanges"]


class SettingsChanges(TypedDict, total=False):
    """The settings to change; what is absent stays.

    Of them the free-shipping threshold may be None (never), the decimals of unit prices (the currency's own), the
    largest order's value (no limit) and that up to which unpaid orders are accepted at once (staff accept each).
    Amounts are in the company's currency, or in the new one when `currency` changes with them; `tax_rate` is a
    fraction (0.19 is 19 %).
    """

    name: str | None
    currency: str | None
    tax_rate: Decimal | None
    prices_include_tax: bool | None
    flat_shipping: Decimal | None
    free_shipping_threshold: Decimal | None
    order_number_pattern: str | None
    time_zone: str | None
    unit_price_decimals: int | None
    accept_unpaid_up_to: Decimal | None
    guest_checkout: bool | None
    max_order_units: int | None
    max_order_lines: int | None
    max_line_units: int | None
    max_order_value: Decimal | None
    payment_minutes: int | None
    acceptance_hours: int | None
    max_unpaid_orders: int | None
