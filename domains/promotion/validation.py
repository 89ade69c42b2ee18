"""The validation of promotions; pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from domains.kernel.errors import InvalidInput, NotApplicable, OutOfRange, RangeInverted
from domains.kernel.text.validation import Required, normalize_key, optional_text, require_text
from domains.kernel.validation import collect_errors
from domains.kernel.values.money import require_amount
from domains.kernel.values.percentages import require_percentage
from domains.promotion.errors import MaximumBelowUse
from domains.promotion.models import DiscountType, Promotion, PromotionChanges, PromotionType
from domains.promotion.statuses import status_after

MAX_COUNT: Final = 1_000_000_000
CODE: Final = re.compile(r"[A-Z0-9]+(?:[-_][A-Z0-9]+)*")
CODE_LENGTH: Final = 50
FORM: Final = f"A code has 1 to {CODE_LENGTH} letters and digits (A to Z, 0 to 9), in parts joined by `-` or `_`."
FIELDS: Final = (
    "name",
    "code",
    "description",
    "type",
    "discount_type",
    "discount_value",
    "required_orders",
    "priority",
    "is_exclusive",
    "is_automatic",
    "min_purchase_amount",
    "max_usage_count",
    "max_usage_per_user",
    "status",
    "start_date",
    "end_date",
    "segment_id",
)
NOT_NULL: Final = ("name", "type", "discount_type", "priority", "is_exclusive", "is_automatic")
DEFAULTS: Final[Mapping[str, Any]] = {
    "code": None,
    "description": None,
    "discount_value": None,
    "required_orders": None,
    "priority": 0,
    "is_exclusive": False,
    "is_automatic": False,
    "min_purchase_amount": None,
    "max_usage_count": None,
    "max_usage_per_user": None,
    "status": None,
    "end_date": None,
    "segment_id": None,
}


def normalized_code(code: str) -> str:
    """The stored form of a code: trimmed, in capitals."""
    return normalize_key(code).upper()


def is_code(text: str) -> bool:
    """Whether a normalized text is a valid code."""
    return len(text) <= CODE_LENGTH and CODE.fullmatch(text) is not None


def checked(
    changes: PromotionChanges, currency: str, now: datetime, current: Promotion | None = None
) -> dict[str, Any]:
    """All fields of the promotion to store: the changes over its current values, or over the defaults.

    Amounts are at the currency's scale. Raises, for all fields at once, Required, TooLong, InvalidInput,
    OutOfRange, TooManyDecimals, NotApplicable, RangeInverted, MaximumBelowUse and PromotionStatusNotAllowed, each
    with the name of the field.
    """
    current_values = {name: getattr(current, name) for name in FIELDS} if current else {**DEFAULTS, "start_date": now}
    values: dict[str, Any] = {**current_values, **{name: value for name, value in changes.items() if name in FIELDS}}
    values["start_date"] = values["start_date"] or now
    with collect_errors() as each:
        for name in NOT_NULL:
            with each:
                if values.get(name) is None:
                    raise Required(f"A promotion needs a `{name}`.", field=name)
        with each:
            if values.get("name") is not None:
                values["name"] = require_text(values["name"], field="name")
        with each:
            values["description"] = optional_text(values["description"], field="description")
        with each:
            values["code"] = _code(values)
        with each:
            values["discount_value"] = _value(values, changes, currency)
        with each:
            values["status"] = status_after(changes, current)
        with each:
            values["required_orders"] = _required_orders(values, changes)
        with each:
            if values["min_purchase_amount"] is not None:
                minimum = require_amount(values["min_purchase_amount"], currency, field="min_purchase_amount")
                values["min_purchase_amount"] = minimum
        with each:
            _require_limits(values, current)
    return values


def _code(values: Mapping[str, Any]) -> str | None:
    code = normalized_code(values["code"] or "")
    if not code:
        if values["is_automatic"] is False:
            raise Required("A promotion that is not automatic needs a `code`.", field="code")
        return None
    if not is_code(code):
        raise InvalidInput(FORM, field="code")
    return code


def _value(values: Mapping[str, Any], changes: PromotionChanges, currency: str) -> Decimal:
    value, field = values["discount_value"], ("discount_value",)
    if values.get("discount_type") is None:
        return Decimal(0)
    if values["discount_type"] not in {DiscountType.PERCENTAGE, DiscountType.FIXED_AMOUNT}:
        if changes.get("discount_value"):
            raise NotApplicable(f"{values['discount_type']} has no `discount_value`.", field=field)
        return Decimal(0)
    if value is None:
        raise Required(f"{values['discount_type']} needs a `discount_value`.", field=field)
    if values["discount_type"] is DiscountType.FIXED_AMOUNT:
        return require_positive(value, currency, field=field)
    return require_percentage(value, field=field)


def require_positive(value: Decimal, currency: str, *, field: str | Sequence[str]) -> Decimal:
    """An amount above 0 at the currency's scale. Raises OutOfRange and TooManyDecimals."""
    amount = require_amount(value, currency, field=field)
    if not amount:
        raise OutOfRange("The amount must be above 0.", field=field)
    return amount


def _required_orders(values: Mapping[str, Any], changes: PromotionChanges) -> int | None:
    if values.get("type") is PromotionType.LOYALTY:
        return _number(values, "required_orders", least=1, most=MAX_COUNT, required=True)
    if values.get("type") is not None and changes.get("required_orders") is not None:
        raise NotApplicable("Only LOYALTY has `required_orders`.", field="required_orders")
    return None


def _require_limits(values: Mapping[str, Any], current: Promotion | None) -> None:
    uses = current.current_usage_count if current else 0
    with collect_errors() as each:
        with each:
            maximum = _number(values, "max_usage_count", least=1, most=MAX_COUNT)
            if maximum is not None and maximum < uses:
                raise MaximumBelowUse(maximum, uses)
        with each:
            _number(values, "max_usage_per_user", least=1, most=MAX_COUNT)
        with each:
            if values["end_date"] is not None and values["end_date"] <= values["start_date"]:
                raise RangeInverted("A promotion must end after it starts.", field="end_date")


def _number(values: Mapping[str, Any], name: str, *, least: int, most: int, required: bool = False) -> int | None:
    number: int | None = values[name]
    if number is None:
        if required:
            raise Required(f"{values['type']} needs `{name}`.", field=name)
        return None
    if not least <= number <= most:
        raise OutOfRange(f"`{name}` must be between {least} and {most}.", field=name)
    return number
