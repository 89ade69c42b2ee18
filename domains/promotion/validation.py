"""The rules of what a promotion may be; pure, so that they are tested without a database."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from domains.kernel.errors import InvalidInput
from domains.kernel.text.validation import Required, camel, normalize_key, optional_text, require_text
from domains.kernel.validation import collect_errors
from domains.kernel.values.money import require_amount
from domains.promotion.errors import MaximumBelowUse
from domains.promotion.models import DiscountType, Promotion, PromotionChanges, PromotionType

MOST: Final = 1_000_000_000
MOST_UNITS: Final = 999
CODE: Final = re.compile(r"[A-Z0-9]+(?:[-_][A-Z0-9]+)*")
CODE_LENGTH: Final = 50
FIELDS: Final = (
    "name",
    "code",
    "description",
    "type",
    "discount_type",
    "discount_value",
    "buy_quantity",
    "get_quantity",
    "required_orders",
    "priority",
    "is_exclusive",
    "is_automatic",
    "min_purchase_amount",
    "max_usage_count",
    "max_usage_per_user",
    "is_active",
    "start_date",
    "end_date",
)
NEVER_NULL: Final = ("name", "type", "discount_type", "priority", "is_exclusive", "is_automatic", "is_active")
DEFAULTS: Final[Mapping[str, Any]] = {
    "code": None,
    "description": None,
    "discount_value": None,
    "buy_quantity": None,
    "get_quantity": None,
    "required_orders": None,
    "priority": 0,
    "is_exclusive": False,
    "is_automatic": False,
    "min_purchase_amount": None,
    "max_usage_count": None,
    "max_usage_per_user": None,
    "is_active": True,
    "end_date": None,
}


def folded(code: str) -> str:
    """The one spelling of a code: without space around it, in capitals."""
    return normalize_key(code).upper()


def is_code(text: str) -> bool:
    """Whether a text in its one spelling can be a code."""
    return len(text) <= CODE_LENGTH and CODE.fullmatch(text) is not None


def checked(
    changes: PromotionChanges, currency: str, now: datetime, current: Promotion | None = None
) -> dict[str, Any]:
    """All fields of the promotion as it will be stored: the changes over what it is now, or over the defaults.

    Amounts come out at the currency's scale. Raises, of all fields at once, Required, TooLong, InvalidInput and
    MaximumBelowUse, each with the name of the field.
    """
    before = {name: getattr(current, name) for name in FIELDS} if current else {**DEFAULTS, "start_date": now}
    wanted: dict[str, Any] = {**before, **{name: value for name, value in changes.items() if name in FIELDS}}
    wanted["start_date"] = wanted["start_date"] or now
    with collect_errors() as each:
        for name in NEVER_NULL:
            with each:
                if wanted.get(name) is None:
                    raise Required(f"A promotion needs a `{camel(name)}`.", field=name)
        with each:
            if wanted.get("name") is not None:
                wanted["name"] = require_text(wanted["name"], field="name")
        with each:
            wanted["description"] = optional_text(wanted["description"], field="description")
        with each:
            wanted["code"] = _code(wanted)
        with each:
            wanted |= _discount(wanted, changes, currency)
        with each:
            wanted["required_orders"] = _required_orders(wanted, changes)
        with each:
            if wanted["min_purchase_amount"] is not None:
                least = require_amount(wanted["min_purchase_amount"], currency, field="min_purchase_amount")
                wanted["min_purchase_amount"] = least
        with each:
            _require_limits(wanted, current)
    return wanted


def _code(wanted: Mapping[str, Any]) -> str | None:
    code = folded(wanted["code"] or "")
    if not code:
        if wanted["is_automatic"] is False:
            raise Required("A promotion that does not apply by itself needs a `code`.", field="code")
        return None
    if not is_code(code):
        raise InvalidInput(
            f"A code has 1 to {CODE_LENGTH} letters and digits (A to Z, 0 to 9), in parts joined by `-` or `_`.",
            field="code",
        )
    return code


def _discount(wanted: Mapping[str, Any], changes: PromotionChanges, currency: str) -> dict[str, Any]:
    """The value and quantities, of which each kind of discount has its own; the others' must not be given."""
    kind = wanted.get("discount_type")
    found: dict[str, Any] = {"discount_value": Decimal(0), "buy_quantity": None, "get_quantity": None}
    if kind is None:
        return found
    with collect_errors() as each:
        with each:
            found["discount_value"] = _value(wanted, changes, currency)
        for name in ("buy_quantity", "get_quantity"):
            with each:
                if kind is DiscountType.BUY_X_GET_Y:
                    found[name] = _number(wanted, name, least=1, most=MOST_UNITS, required=True)
                elif changes.get(name) is not None:
                    raise InvalidInput(f"Only BUY_X_GET_Y has a `{camel(name)}`.", field=name)
    return found


def _value(wanted: Mapping[str, Any], changes: PromotionChanges, currency: str) -> Decimal:
    value, field = wanted["discount_value"], ("discount_value",)
    if wanted["discount_type"] not in {DiscountType.PERCENTAGE, DiscountType.FIXED_AMOUNT}:
        if changes.get("discount_value"):
            raise InvalidInput(f"{wanted['discount_type']} has no `discountValue`.", field=field)
        return Decimal(0)
    if value is None:
        raise Required(f"{wanted['discount_type']} needs a `discountValue`.", field=field)
    if wanted["discount_type"] is DiscountType.FIXED_AMOUNT:
        amount = require_amount(value, currency, field=field)
        if not amount:
            raise InvalidInput("The amount must be above 0.", field=field)
        return amount
    if not value.is_finite() or not 0 < value <= 100 or value != round(value, 4):
        raise InvalidInput("A percentage is above 0, at most 100, with at most four decimals.", field=field)
    return Decimal(value)


def _required_orders(wanted: Mapping[str, Any], changes: PromotionChanges) -> int | None:
    if wanted.get("type") is PromotionType.LOYALTY:
        return _number(wanted, "required_orders", least=1, most=MOST, required=True)
    if wanted.get("type") is not None and changes.get("required_orders") is not None:
        raise InvalidInput("Only LOYALTY has `requiredOrders`.", field="required_orders")
    return None


def _require_limits(wanted: Mapping[str, Any], current: Promotion | None) -> None:
    uses = current.current_usage_count if current else 0
    with collect_errors() as each:
        with each:
            maximum = _number(wanted, "max_usage_count", least=1, most=MOST)
            if maximum is not None and maximum < uses:
                raise MaximumBelowUse(maximum, uses)
        with each:
            _number(wanted, "max_usage_per_user", least=1, most=MOST)
        with each:
            if wanted["end_date"] is not None and wanted["end_date"] <= wanted["start_date"]:
                raise InvalidInput("A promotion must end after it starts.", field="end_date")


def _number(wanted: Mapping[str, Any], name: str, *, least: int, most: int, required: bool = False) -> int | None:
    number: int | None = wanted[name]
    if number is None:
        if required:
            kind = wanted["type"] if name == "required_orders" else wanted["discount_type"]
            raise Required(f"{kind} needs `{camel(name)}`.", field=name)
        return None
    if not least <= number <= most:
        raise InvalidInput(f"`{camel(name)}` must be between {least} and {most}.", field=name)
    return number
