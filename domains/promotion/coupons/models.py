"""Coupons, their codes and usages, and the inputs that create, change and filter them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias, TypedDict
from uuid import UUID

from domains.promotion.data import CouponCodeRow as CouponCode
from domains.promotion.data import CouponRow as Coupon
from domains.promotion.data import CouponType
from domains.promotion.data import CouponUsageRow as CouponUsage
from domains.promotion.models import Promotion

__all__ = [
    "Coupon",
    "CouponChanges",
    "CouponCode",
    "CouponFilter",
    "CouponKey",
    "CouponStatus",
    "CouponType",
    "CouponUsage",
    "NewCoupon",
    "ValidCode",
]

CouponKey: TypeAlias = tuple[UUID, UUID | None]
"""A coupon, and the unique code by which a cart has it; None for the code that its buyers share."""


class CouponChanges(TypedDict, total=False):
    """Changes to a coupon. Absent fields do not change; amounts are in the company's currency.

    `discount_value` is a percentage for PERCENTAGE and an amount for FIXED_AMOUNT. The ids of products and
    categories replace the stored ones. Without products and categories it applies to all that is not excluded.
    `segment_id` is the customer segment that it is for, None for everyone.
    """

    name: str | None
    code: str | None
    description: str | None
    type: CouponType | None
    discount_value: Decimal | None
    minimum_amount: Decimal | None
    maximum_discount: Decimal | None
    usage_limit: int | None
    usage_limit_per_user: int | None
    priority: int | None
    is_exclusive: bool | None
    is_active: bool | None
    starts_at: datetime | None
    ends_at: datetime | None
    product_ids: list[UUID] | None
    category_ids: list[UUID] | None
    excluded_product_ids: list[UUID] | None
    excluded_category_ids: list[UUID] | None
    segment_id: UUID | None


class NewCoupon(CouponChanges):
    """A coupon to create. `name` and `type` are required; `starts_at` is now by default."""


@dataclass(frozen=True, slots=True)
class ValidCode:
    """The promotion or coupon of a code, and whether the buyer must confirm an e-mail address to use it."""

    discount: Promotion | Coupon
    needs_confirmed_email: bool


class CouponStatus(StrEnum):
    """The status of a coupon at a time. Several may apply, such as INACTIVE and EXPIRED."""

    ACTIVE = "ACTIVE"
    SCHEDULED = "SCHEDULED"
    EXPIRED = "EXPIRED"
    USED_UP = "USED_UP"
    INACTIVE = "INACTIVE"


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponFilter:
    """Conditions on coupons, all of which must hold.

    `search` is a part of the name or of the shared code, `code` a whole code, also a unique one.
    """

    status: CouponStatus | None = None
    is_active: bool | None = None
    type: CouponType | None = None
    has_unique_codes: bool | None = None
    code: str | None = None
    search: str | None = None
