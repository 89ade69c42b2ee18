"""The validation of coupons; pure."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from domains.kernel.errors import InvalidInput, NotApplicable, OutOfRange, RangeInverted
from domains.kernel.text.validation import Required, optional_text, require_text
from domains.kernel.validation import collect_errors
from domains.kernel.values.money import require_amount
from domains.kernel.values.percentages import require_percentage
from domains.promotion.coupons.errors import LimitBelowUse
from domains.promotion.coupons.models import Coupon, CouponChanges, CouponType
from domains.promotion.validation import FORM, MAX_COUNT, is_code, normalized_code, require_positive

NOT_NULL: Final = ("name", "type", "priority", "is_exclusive", "is_active")
DEFAULTS: Final[Mapping[str, Any]] = {
    "code": None,
    "description": None,
    "discount_value": None,
    "minimum_amount": None,
    "maximum_discount": None,
    "usage_limit": None,
    "usage_limit_per_user": None,
    "priority": 0,
    "is_exclusive": False,
    "is_active": True,
    "ends_at": None,
    "segment_id": None,
}
FIELDS: Final = ("name", "type", "starts_at", *DEFAULTS)


def checked(changes: CouponChanges, currency: str, now: datetime, current: Coupon | None = None) -> dict[str, Any]:
    """All fields of the coupon to store: the changes over its current values, or over the defaults.

    Amounts are at the currency's scale. Raises, for all fields at once, Required, TooLong, InvalidInput, OutOfRange,
    TooManyDecimals, NotApplicable, RangeInverted and LimitBelowUse, each with the name of the field.
    """
    stored = {name: getattr(current, name) for name in FIELDS} if current else {**DEFAULTS, "starts_at": now}
    values: dict[str, Any] = {**stored, **{name: value for name, value in changes.items() if name in FIELDS}}
    values["starts_at"] = values["starts_at"] or now
    with collect_errors() as each:
        for name in NOT_NULL:
            with each:
                if values.get(name) is None:
                    raise Required(f"A coupon needs a `{name}`.", field=name)
        with each:
            if values.get("name") is not None:
                values["name"] = require_text(values["name"], field="name")
        with each:
            values["description"] = optional_text(values["description"], field="description")
        with each:
            values["code"] = _code(values["code"])
        with each:
            values["discount_value"] = _value(values, changes, currency)
        with each:
            values["maximum_discount"] = _maximum(values, changes, currency)
        with each:
            if values["minimum_amount"] is not None:
                values["minimum_amount"] = require_amount(values["minimum_amount"], currency, field="minimum_amount")
        with each:
            _require_limits(values, current)
    return values


def _code(text: str | None) -> str | None:
    code = normalized_code(text or "")
    if code and not is_code(code):
        raise InvalidInput(FORM, field="code")
    return code or None


def _value(values: Mapping[str, Any], changes: CouponChanges, currency: str) -> Decimal:
    value, kind, field = values["discount_value"], values.get("type"), ("discount_value",)
    if kind is None:
        return Decimal(0)
    if kind is CouponType.FREE_SHIPPING:
        if changes.get("discount_value"):
            raise NotApplicable("FREE_SHIPPING has no `discount_value`.", field=field)
        return Decimal(0)
    if not value:
        raise Required(f"{kind} needs a `discount_value` above 0.", field=field)
    if kind is CouponType.FIXED_AMOUNT:
        return require_positive(value, currency, field=field)
    return require_percentage(value, field=field)


def _maximum(values: Mapping[str, Any], changes: CouponChanges, currency: str) -> Decimal | None:
    maximum = values["maximum_discount"]
    if values.get("type") is CouponType.FIXED_AMOUNT:
        if changes.get("maximum_discount") is not None:
            raise NotApplicable(
                "FIXED_AMOUNT has no `maximum_discount`: its `discount_value` is the most.", field="maximum_discount"
            )
        return None
    return None if maximum is None else require_positive(maximum, currency, field="maximum_discount")


def _require_limits(values: Mapping[str, Any], current: Coupon | None) -> None:
    uses = current.usage_count if current else 0
    with collect_errors() as each:
        with each:
            limit = require_count(values["usage_limit"], "usage_limit")
            if limit is not None and limit < uses:
                raise LimitBelowUse(limit, uses)
        with each:
            require_count(values["usage_limit_per_user"], "usage_limit_per_user")
        with each:
            if values["ends_at"] is not None and values["ends_at"] <= values["starts_at"]:
                raise RangeInverted("A coupon must end after it starts.", field="ends_at")


def require_count(number: int | None, name: str) -> int | None:
    """A limit of uses. Raises OutOfRange."""
    if number is not None and not 1 <= number <= MAX_COUNT:
        raise OutOfRange(f"`{name}` must be between 1 and {MAX_COUNT}.", field=name)
    return number
