"""The validation of shipping methods with their rates; pure."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from domains.catalog.products.measures import GRAM
from domains.kernel.errors import InvalidInput, NotApplicable, OutOfRange, RangeInverted, TooMany, TooManyDecimals
from domains.kernel.text.validation import Required, optional_text, require_text
from domains.kernel.validation import collect_errors, merged, prefix_errors
from domains.kernel.values.money import require_amount
from domains.shipping.bands import FIELD, require_tiling
from domains.shipping.models import (
    NOTHING,
    Limits,
    ShippingMethod,
    ShippingMethodChanges,
    ShippingMethodType,
    ShippingPricing,
    ShippingRateInput,
    ShippingServiceType,
)
from domains.shipping.validation import require_all

MAX_RATES: Final = 50
MAX_DAYS: Final = 365
MAX_POSITION: Final = 1_000_000
MAX_DESCRIPTION: Final = 1_000
MAX_WEIGHT: Final = Decimal(1_000_000)  # kilograms
MAX_SETTINGS: Final = 20
MAX_SETTING: Final = 255
MAX_INTEGER: Final = 2**63
CARRIER_CODE: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}")
DEFAULTS: Final[Mapping[str, Any]] = {
    "type": ShippingMethodType.DELIVERY,
    "service_type": ShippingServiceType.STANDARD,
    "pricing": ShippingPricing.TABLE,
    "base_price": NOTHING,
    "price_per_kg": NOTHING,
    "price_per_item": NOTHING,
    "position": 0,
    "is_active": True,
    "configuration": {},
}
PRICES: Final = ("base_price", "price_per_kg", "price_per_item")
LIMITS: Final = ("min_weight", "max_weight", "min_amount", "max_amount")
METHOD_FIELDS: Final = (
    *("name", "description", "carrier", "carrier_id", "pickup_warehouse_id", "free_from", "min_days", "max_days"),
    *LIMITS,
    *DEFAULTS,
)


def checked_method(
    changes: ShippingMethodChanges, currency: str, current: ShippingMethod | None = None
) -> dict[str, Any]:
    """All fields of a method to store, without its rates and profiles. Amounts are at the currency's scale.

    Raises, for all fields at once, Required, TooLong, TooMany, InvalidInput, OutOfRange, TooManyDecimals,
    RangeInverted and NotApplicable.
    """
    values = merged(METHOD_FIELDS, changes, current, DEFAULTS)
    with collect_errors() as each:
        with each:
            values["name"] = require_text(values["name"] or "", field=("name",))
        with each:
            values["description"] = optional_text(
                values["description"], field=("description",), max_length=MAX_DESCRIPTION
            )
        with each:
            values["carrier"] = _carrier(values["carrier"])
        with each:
            require_all(values, DEFAULTS)
        for name in (*PRICES, "free_from"):
            with each:
                if values[name] is not None:
                    values[name] = require_amount(values[name], currency, field=(name,))
        with each:
            values |= _checked_limits(values, currency)
        with each:
            _check_days(values["min_days"], values["max_days"])
        with each:
            if values["position"] is not None:
                _require_between("position", values["position"], 0, MAX_POSITION)
        with each:
            if values["configuration"] is not None:
                values["configuration"] = _checked_configuration(values["configuration"])
        with each:
            _check_type(values)
    return values


def checked_rates(rates: Sequence[ShippingRateInput], currency: str) -> list[dict[str, Any]]:
    """The rates of a method to store.

    Raises, for all of them at once, TooMany, Required, OutOfRange, TooManyDecimals and RangeInverted.
    """
    if len(rates) > MAX_RATES:
        raise TooMany(f"A shipping method has at most {MAX_RATES} rates; these are {len(rates)}.", field=(FIELD,))
    checked: list[dict[str, Any]] = []
    with collect_errors() as each:
        for index, rate in enumerate(rates):
            with each, prefix_errors((FIELD, str(index))):
                checked.append(_checked_rate(rate, currency))
    return checked


def check_tiling(limits: Mapping[str, Any], rates: Sequence[Mapping[str, Any]]) -> None:
    """Check that the rates cover the limits of their method exactly once. Raises as `bands.require_tiling`."""
    require_tiling(_limits(limits), [_limits(rate) for rate in rates])


def _limits(values: Mapping[str, Any]) -> Limits:
    return Limits(*(values[name] for name in LIMITS))


def _checked_rate(rate: ShippingRateInput, currency: str) -> dict[str, Any]:
    values: dict[str, Any] = {name: rate.get(name) for name in LIMITS}
    with collect_errors() as each:
        with each:
            amount = rate.get("rate")
            if amount is None:
                raise Required("`rate` must not be null.", field="rate")
            values["rate"] = require_amount(amount, currency, field=("rate",))
        with each:
            values |= _checked_limits(values, currency)
    return values


def _checked_limits(values: Mapping[str, Any], currency: str) -> dict[str, Decimal | None]:
    checked: dict[str, Decimal | None] = {}
    with collect_errors() as each:
        for name in LIMITS:
            with each:
                value = values[name]
                if value is None:
                    checked[name] = None
                elif name.endswith("weight"):
                    checked[name] = require_weight(value, field=(name,))
                else:
                    checked[name] = require_amount(value, currency, field=(name,))
        for kind in ("weight", "amount"):
            with each:
                least, most = checked.get(f"min_{kind}"), checked.get(f"max_{kind}")
                if most is not None and most <= (least or NOTHING):
                    raise RangeInverted(
                        f"`max_{kind}` must be above `min_{kind}`, which is 0 when it is null.", field=f"max_{kind}"
                    )
    return checked


def require_weight(weight: Decimal, *, field: Sequence[str]) -> Decimal:
    """A weight in kilograms. Raises OutOfRange below 0 and from 1,000,000 on, TooManyDecimals below a gram."""
    if not weight.is_finite() or not 0 <= weight < MAX_WEIGHT:
        raise OutOfRange(f"A weight is at least 0 and below {MAX_WEIGHT:,} kg.", field=field)
    if weight != weight.quantize(GRAM):
        raise TooManyDecimals("A weight in kilograms has at most three decimal places: 0.250.", field=field)
    return weight


def _check_days(least: int | None, most: int | None) -> None:
    with collect_errors() as each:
        for name, days in (("min_days", least), ("max_days", most)):
            with each:
                if days is not None:
                    _require_between(name, days, 0, MAX_DAYS)
        with each:
            if (least is None) is not (most is None):
                missing = "min_days" if least is None else "max_days"
                raise Required("Give both `min_days` and `max_days`, or neither.", field=missing)
            if least is not None and most is not None and most < least:
                raise RangeInverted("`max_days` must not be below `min_days`.", field="max_days")


def _require_between(name: str, number: int, least: int, most: int) -> None:
    if not least <= number <= most:
        raise OutOfRange(f"`{name}` is a number from {least:,} to {most:,}.", field=name)


def _carrier(value: str | None) -> str | None:
    code = optional_text(value, field=("carrier",), max_length=MAX_SETTING)
    if code is not None and not CARRIER_CODE.fullmatch(code.lower()):
        raise InvalidInput(
            "The code of a carrier has 1 to 50 letters a to z, digits, `-` and `_`, and begins with a letter or "
            "digit: dhl.",
            field="carrier",
        )
    return code and code.lower()


def _check_type(values: Mapping[str, Any]) -> None:
    """Check what the type and the pricing of a method need, and what has no meaning with them."""
    is_pickup = values["type"] is ShippingMethodType.PICKUP
    is_live = values["pricing"] is ShippingPricing.CARRIER
    with collect_errors() as each:
        with each:
            if is_pickup and values["pickup_warehouse_id"] is None:
                raise Required("A PICKUP method needs its `pickup_warehouse_id`.", field="pickup_warehouse_id")
            if not is_pickup and values["pickup_warehouse_id"] is not None:
                raise NotApplicable("Only a PICKUP method has a `pickup_warehouse_id`.", field="pickup_warehouse_id")
        with each:
            if is_live and is_pickup:
                raise NotApplicable("A PICKUP method has its own price: its `pricing` is TABLE.", field="pricing")
            if is_live and values["carrier_id"] is None:
                raise Required("A method with the `pricing` CARRIER needs its `carrier_id`.", field="carrier_id")


def _checked_configuration(value: Any) -> dict[str, Any]:
    """The values for the carrier: texts, numbers and booleans by name."""
    field = "configuration"
    if not isinstance(value, dict):
        raise InvalidInput("`configuration` is a JSON object.", field=field)
    if len(value) > MAX_SETTINGS:
        raise TooMany(f"`configuration` has at most {MAX_SETTINGS} values.", field=field)
    checked: dict[str, Any] = {}
    with collect_errors() as each:
        for name, entry in value.items():
            with each:
                key = require_text(name, field=(field,), max_length=MAX_SETTING)
                checked[key] = _checked_entry(entry, field)
    return checked


def _checked_entry(entry: Any, field: str) -> Any:
    if isinstance(entry, str):
        return optional_text(entry, field=(field,), max_length=MAX_SETTING) or ""
    is_number = isinstance(entry, int | float) and abs(entry) < MAX_INTEGER
    if entry is not None and not is_number:
        raise InvalidInput("The values of `configuration` are texts, numbers and booleans.", field=field)
    return entry
