"""The rules of a company's settings; pure, so that they are tested without a database."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, TypedDict, cast

from slugify import slugify

from domains.company.models import Company, SettingsChanges
from domains.company.order_numbers import require_pattern
from domains.kernel.errors import InvalidInput
from domains.kernel.text.validation import Required, camel, require_text
from domains.kernel.validation import collect_errors
from domains.kernel.values.calendar import time_zones
from domains.kernel.values.currencies import EXPONENTS, exponent_of
from domains.kernel.values.money import MOST_DECIMALS, require_amount

SLUG_LENGTH: Final = 63
SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
TAX_PLACES: Final = Decimal("0.000001")
AMOUNTS: Final = ("flat_shipping", "free_shipping_threshold", "accept_unpaid_up_to", "max_order_value")
NULLABLE: Final = {"free_shipping_threshold", "unit_price_decimals", "accept_unpaid_up_to", "max_order_value"}
# The least and the most that a number may be, as the table's constraints have it.
RANGES: Final[Mapping[str, tuple[int, int]]] = {
    "max_order_units": (1, 10_000_000),
    "max_order_lines": (1, 1_000),
    "max_line_units": (1, 1_000_000),
    "payment_minutes": (5, 1_440),
    "acceptance_hours": (1, 720),
    "max_unpaid_orders": (1, 1_000),
}


class Settings(TypedDict, total=False):
    """Settings as they are stored."""

    name: str
    currency: str
    tax_rate: Decimal
    prices_include_tax: bool
    flat_shipping: Decimal
    free_shipping_threshold: Decimal | None
    order_number_pattern: str
    time_zone: str
    unit_price_decimals: int | None
    accept_unpaid_up_to: Decimal | None
    guest_checkout: bool
    max_order_units: int
    max_order_lines: int
    max_line_units: int
    max_order_value: Decimal | None
    payment_minutes: int
    acceptance_hours: int
    max_unpaid_orders: int


DEFAULTS: Final[SettingsChanges] = {"currency": "EUR", "flat_shipping": Decimal(0)}


def checked(changes: SettingsChanges, current: Company | None = None) -> Settings:
    """The changes as they will be stored: trimmed, at the currency's scale.

    What depends on the currency is checked too when that changes: 4.99 cannot stay in a currency without cents.
    Raises, of all settings at once, Required, TooLong, InvalidInput and PatternInvalid with the name of the setting.
    """
    currency = _setting("currency", changes, current)
    followed = ("unit_price_decimals", *AMOUNTS) if "currency" in changes else ()
    kept: dict[str, Any] = {}
    with collect_errors() as each:
        for name in dict.fromkeys((*changes, *followed)):
            with each:
                value = _checked(name, _setting(name, changes, current), currency)
                if name in changes or value is not None:
                    kept[name] = value
    return cast("Settings", kept)


def _checked(name: str, value: Any, currency: str) -> Any:
    """A setting as it is stored; by a currency that is none nothing is checked."""
    if value is None:
        if name not in NULLABLE:
            raise Required(f"`{camel(name)}` must not be null.", field=name)
        return None
    if name in _RULES:
        value = _RULES[name](value)
    if name == "unit_price_decimals" and currency in EXPONENTS:
        require_decimals(value, currency)
    if name in AMOUNTS and currency in EXPONENTS:
        value = require_amount(value, currency, field=name)
    return value


def _require_name(name: str) -> str:
    return require_text(name, field="name")


def _require_currency(currency: str) -> str:
    if currency not in EXPONENTS:
        raise InvalidInput(f"{currency!r} is not a currency code of ISO 4217.", field="currency")
    return currency


def require_tax_rate(rate: Decimal) -> Decimal:
    """A tax rate as a fraction below 1 with at most six decimals. Raises InvalidInput."""
    if not rate.is_finite() or not 0 <= rate < 1 or rate != rate.quantize(TAX_PLACES):
        raise InvalidInput(
            "A tax rate is a fraction below 1 with at most six decimals: 0.19 is 19 %.", field="tax_rate"
        )
    return rate


def require_time_zone(name: str) -> str:
    """A time zone by its name in the IANA database. Raises InvalidInput."""
    if name not in time_zones():
        raise InvalidInput(
            "A time zone is named as in the IANA time zone database: Europe/Berlin, America/New_York or UTC.",
            field="time_zone",
        )
    return name


def _within(name: str) -> Callable[[int], int]:
    """The rule of a number: raises InvalidInput below the least or above the most that the setting may be."""
    least, most = RANGES[name]

    def require(value: int) -> int:
        if not least <= value <= most:
            raise InvalidInput(f"`{camel(name)}` is a number from {least:,} to {most:,}.", field=name)
        return value

    return require


def _require_worth(value: Decimal | None) -> Decimal | None:
    """The value of the largest order. Raises InvalidInput for one that no order could have."""
    if value is not None and value <= 0:
        raise InvalidInput("`maxOrderValue` must be more than 0; null means no limit.", field="max_order_value")
    return value


_RULES: Final[Mapping[str, Callable[[Any], object]]] = {
    "name": _require_name,
    "currency": _require_currency,
    "tax_rate": require_tax_rate,
    "order_number_pattern": require_pattern,
    "time_zone": require_time_zone,
    "max_order_value": _require_worth,
    **{name: _within(name) for name in RANGES},
}


def require_decimals(decimals: int | None, currency: str) -> None:
    """Raise InvalidInput unless unit prices may have so many decimals; None is the currency's own scale."""
    least = exponent_of(currency)
    if decimals is not None and not least <= decimals <= MOST_DECIMALS:
        raise InvalidInput(
            f"Unit prices in {currency} have {least} to {MOST_DECIMALS} decimal places.",
            field="unit_price_decimals",
        )


def require_slug(slug: str | None, name: str) -> str:
    """A company's slug, made from its name when none is given. Raises Required and InvalidInput."""
    wanted = slugify(name, max_length=SLUG_LENGTH) if slug is None else slug.strip()
    if not wanted:
        raise Required("Give a `slug`: none can be made from this name.", field=("slug",))
    if len(wanted) > SLUG_LENGTH or not SLUG.fullmatch(wanted):
        raise InvalidInput(
            f"A slug has 1 to {SLUG_LENGTH} lower-case letters and digits, in words joined by single hyphens.",
            field=("slug",),
        )
    return wanted


def _setting(name: str, changes: SettingsChanges, current: Company | None) -> Any:
    return changes.get(name, getattr(current, name) if current else DEFAULTS.get(name))
