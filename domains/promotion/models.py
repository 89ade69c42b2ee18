"""Promotions, and the inputs that create, change and filter them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypedDict
from uuid import UUID

from domains.promotion.data import DiscountType, PromotionType
from domains.promotion.data import PromotionRow as Promotion
from domains.promotion.data import PromotionUsageRow as PromotionUsage

__all__ = [
    "DiscountType",
    "NewPromotion",
    "Promotion",
    "PromotionChanges",
    "PromotionFilter",
    "PromotionStatus",
    "PromotionType",
    "PromotionUsage",
]


class PromotionChanges(TypedDict, total=False):
    """Changes to a promotion. Absent fields do not change; amounts are in the company's currency.

    `discount_value` is a percentage for PERCENTAGE and an amount for FIXED_AMOUNT. `product_ids` and `category_ids`
    replace the stored ones; None or empty lists mean the whole cart.
    """

    name: str | None
    code: str | None
    description: str | None
    type: PromotionType | None
    discount_type: DiscountType | None
    discount_value: Decimal | None
    buy_quantity: int | None
    get_quantity: int | None
    required_orders: int | None
    priority: int | None
    is_exclusive: bool | None
    is_automatic: bool | None
    min_purchase_amount: Decimal | None
    max_usage_count: int | None
    max_usage_per_user: int | None
    is_active: bool | None
    start_date: datetime | None
    end_date: datetime | None
    product_ids: list[UUID] | None
    category_ids: list[UUID] | None


class NewPromotion(PromotionChanges):
    """A promotion to create. `name`, `type` and `discount_type` are required; `start_date` is now by default."""


class PromotionStatus(StrEnum):
    """The status of a promotion at a time. Several may apply, such as INACTIVE and EXPIRED."""

    ACTIVE = "ACTIVE"
    SCHEDULED = "SCHEDULED"
    EXPIRED = "EXPIRED"
    USED_UP = "USED_UP"
    INACTIVE = "INACTIVE"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionFilter:
    """Conditions on promotions, all of which must hold. `search` is a part of the code or the name."""

    status: PromotionStatus | None = None
    is_active: bool | None = None
    is_exclusive: bool | None = None
    is_automatic: bool | None = None
    type: PromotionType | None = None
    discount_type: DiscountType | None = None
    search: str | None = None
