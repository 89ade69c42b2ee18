"""Promotions, and the inputs that create, change and filter them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypedDict
from uuid import UUID

from domains.promotion.data import DiscountType, PromotionRuleType, PromotionType
from domains.promotion.data import PromotionRow as Promotion
from domains.promotion.data import PromotionStatus as StoredStatus
from domains.promotion.data import PromotionUsageRow as PromotionUsage

__all__ = [
    "DiscountType",
    "NewPromotion",
    "Promotion",
    "PromotionChanges",
    "PromotionFilter",
    "PromotionRuleType",
    "PromotionStatus",
    "PromotionType",
    "PromotionUsage",
    "StoredStatus",
    "status_of",
]


class PromotionStatus(StrEnum):
    """The status of a promotion at a time: what staff set, its dates and its uses."""

    DRAFT = "DRAFT"
    SCHEDULED = "SCHEDULED"
    ACTIVE = "ACTIVE"
    USED_UP = "USED_UP"
    PAUSED = "PAUSED"
    EXPIRED = "EXPIRED"
    INACTIVE = "INACTIVE"


def status_of(promotion: Promotion, now: datetime) -> PromotionStatus:
    """The first of DRAFT, EXPIRED, PAUSED, USED_UP, SCHEDULED and ACTIVE that holds at a time.

    INACTIVE is a condition of lists only: the promotions that staff have not set ACTIVE.
    """
    if promotion.status == StoredStatus.DRAFT:
        return PromotionStatus.DRAFT
    is_past_end = promotion.end_date is not None and promotion.end_date <= now
    if promotion.status == StoredStatus.EXPIRED or is_past_end:
        return PromotionStatus.EXPIRED
    if promotion.status == StoredStatus.PAUSED:
        return PromotionStatus.PAUSED
    maximum = promotion.max_usage_count
    if maximum is not None and promotion.current_usage_count >= maximum:
        return PromotionStatus.USED_UP
    return PromotionStatus.SCHEDULED if promotion.start_date > now else PromotionStatus.ACTIVE


class PromotionChanges(TypedDict, total=False):
    """Changes to a promotion. Absent fields do not change; amounts are in the company's currency.

    `discount_value` is a percentage for PERCENTAGE and an amount for FIXED_AMOUNT. `product_ids` and `category_ids`
    replace the stored ones; None or empty lists mean the whole cart. `rules` replace the stored ones, see
    `promotion_rules.parser`; `buy_quantity` and `get_quantity` are short for one rule that makes units free.
    `is_active` is short for the status ACTIVE or PAUSED. `segment_id` is the customer segment that it is for, None
    for everyone.
    """

    name: str | None
    code: str | None
    description: str | None
    type: PromotionType | None
    discount_type: DiscountType | None
    discount_value: Decimal | None
    buy_quantity: int | None
    get_quantity: int | None
    rules: Sequence[Mapping[str, Any]] | None
    required_orders: int | None
    priority: int | None
    is_exclusive: bool | None
    is_automatic: bool | None
    min_purchase_amount: Decimal | None
    max_usage_count: int | None
    max_usage_per_user: int | None
    status: PromotionStatus | None
    is_active: bool | None
    start_date: datetime | None
    end_date: datetime | None
    product_ids: list[UUID] | None
    category_ids: list[UUID] | None
    segment_id: UUID | None


class NewPromotion(PromotionChanges):
    """A promotion to create. `name`, `type` and `discount_type` are required; `start_date` is now by default."""


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
