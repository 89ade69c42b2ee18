"""Inputs of the mutations and lists of promotions."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import strawberry

from domains.promotion.models import DiscountType, PromotionStatus, PromotionType
from gateway.graphql.core.enums import describe
from gateway.graphql.core.local_times import ENDS
from gateway.graphql.core.sorting import SortDirection
from gateway.graphql.promotion import types  # noqa: F401 - it describes the enums used here

VALUE = "Percentage of PERCENTAGE, or amount of FIXED_AMOUNT in the company's currency."
BUY = "Units to buy; only for BUY_X_GET_Y, which requires it."
GET = "Free units; only for BUY_X_GET_Y, which requires it."
ORDERS = "Paid orders that a buyer needs; only for LOYALTY, which requires it."
LEAST = "Lowest subtotal before discounts for which it applies, in the company's currency."
CODE = "Code that buyers enter: letters, digits, `-` and `_`, stored in capitals. Required unless automatic."
PRODUCTS = "Products to which it applies, at most 250. Without products and categories it applies to all."
CATEGORIES = "Categories to which it applies, subcategories included, at most 250."
END = "Moment from which it does not apply any more; null for no end. A date is the last day."
USES = "Most orders that can use it; null for no limit."
USES_EACH = "Most orders of one buyer that can use it; null for no limit."


@strawberry.input(description="A promotion to create.")
class PromotionCreateInput:
    """A new promotion."""

    name: str = strawberry.field(description="Name, shown to buyers in totals and orders.")
    type: PromotionType = strawberry.field(description="Occasion, and who can use it.")
    discount_type: DiscountType = strawberry.field(description="Kind of discount.")
    discount_value: Decimal | None = strawberry.field(default=None, description=VALUE)
    code: str | None = strawberry.field(default=None, description=CODE)
    description: str | None = strawberry.field(default=None, description="Description for buyers.")
    buy_quantity: int | None = strawberry.field(default=None, description=BUY)
    get_quantity: int | None = strawberry.field(default=None, description=GET)
    required_orders: int | None = strawberry.field(default=None, description=ORDERS)
    priority: int = strawberry.field(default=0, description="Promotions with a higher priority apply first.")
    is_exclusive: bool = strawberry.field(
        default=False, description="Whether it applies only alone, without other promotions."
    )
    is_automatic: bool = strawberry.field(default=False, description="Whether it applies without a code.")
    is_active: bool = strawberry.field(
        default=True, description="Whether it is switched on; its dates apply as well."
    )
    min_purchase_amount: Decimal | None = strawberry.field(default=None, description=LEAST)
    max_usage_count: int | None = strawberry.field(default=None, description=USES)
    max_usage_per_user: int | None = strawberry.field(default=None, description=USES_EACH)
    start_date: datetime | None = strawberry.field(
        default=None, description="First moment at which it applies; null for now."
    )
    end_date: datetime | None = strawberry.field(default=None, description=END, metadata=ENDS)
    product_ids: list[UUID] | None = strawberry.field(default=None, description=PRODUCTS)
    category_ids: list[UUID] | None = strawberry.field(default=None, description=CATEGORIES)


@strawberry.input(description="Changes of a promotion. Fields that are left out stay.")
class PromotionUpdateInput:
    """A promotion and its changes."""

    id: UUID = strawberry.field(description="The promotion.")
    name: str | None = strawberry.field(
        default=strawberry.UNSET, description="Name, shown to buyers in totals and orders."
    )
    type: PromotionType | None = strawberry.field(
        default=strawberry.UNSET, description="Occasion, and who can use it."
    )
    discount_type: DiscountType | None = strawberry.field(default=strawberry.UNSET, description="Kind of discount.")
    discount_value: Decimal | None = strawberry.field(default=strawberry.UNSET, description=VALUE)
    code: str | None = strawberry.field(default=strawberry.UNSET, description=CODE)
    description: str | None = strawberry.field(default=strawberry.UNSET, description="Description for buyers.")
    buy_quantity: int | None = strawberry.field(default=strawberry.UNSET, description=BUY)
    get_quantity: int | None = strawberry.field(default=strawberry.UNSET, description=GET)
    required_orders: int | None = strawberry.field(default=strawberry.UNSET, description=ORDERS)
    priority: int | None = strawberry.field(
        default=strawberry.UNSET, description="Promotions with a higher priority apply first."
    )
    is_exclusive: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether it applies only alone, without other promotions."
    )
    is_automatic: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether it applies without a code."
    )
    is_active: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether it is switched on; its dates apply as well."
    )
    min_purchase_amount: Decimal | None = strawberry.field(default=strawberry.UNSET, description=LEAST)
    max_usage_count: int | None = strawberry.field(default=strawberry.UNSET, description=USES)
    max_usage_per_user: int | None = strawberry.field(default=strawberry.UNSET, description=USES_EACH)
    start_date: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="First moment at which it applies; null for now."
    )
    end_date: datetime | None = strawberry.field(default=strawberry.UNSET, description=END, metadata=ENDS)
    product_ids: list[UUID] | None = strawberry.field(default=strawberry.UNSET, description=PRODUCTS)
    category_ids: list[UUID] | None = strawberry.field(default=strawberry.UNSET, description=CATEGORIES)


@strawberry.input(description="The promotion to delete.")
class PromotionDeleteInput:
    """A promotion."""

    id: UUID = strawberry.field(description="The promotion.")


@strawberry.input(description="A code to check.")
class PromoCodeValidateInput:
    """A code."""

    code: str = strawberry.field(description="The code as the buyer entered it.")
    subtotal: Decimal | None = strawberry.field(
        default=None,
        description="Subtotal before discounts to check against, in the company's currency; null for none.",
    )


@strawberry.input(description="Conditions on promotions, all of which must hold.")
class PromotionFilterInput:
    """Conditions that must all hold."""

    status: PromotionStatus | None = strawberry.field(default=None, description="State of the promotions now.")
    is_active: bool | None = strawberry.field(
        default=None, description="Whether they are switched on, regardless of their dates; see `status`."
    )
    is_exclusive: bool | None = strawberry.field(default=None, description="Whether they apply only alone.")
    is_automatic: bool | None = strawberry.field(default=None, description="Whether they apply without a code.")
    type: PromotionType | None = strawberry.field(default=None, description="Occasion of the promotions.")
    discount_type: DiscountType | None = strawberry.field(default=None, description="Kind of discount.")


class PromotionSortField(StrEnum):
    """The sort keys of promotions; the values are the service's."""

    CREATED_AT = "created_at"
    NAME = "name"
    START_DATE = "start_date"
    PRIORITY = "priority"
    USAGE = "current_usage_count"


describe(
    PromotionSortField,
    "Sort keys of promotions.",
    {
        PromotionSortField.CREATED_AT: "By the time of creation.",
        PromotionSortField.NAME: "By name.",
        PromotionSortField.START_DATE: "By the start date.",
        PromotionSortField.PRIORITY: "By priority.",
        PromotionSortField.USAGE: "By the number of orders that use them.",
    },
)


@strawberry.input(description="How to sort promotions.")
class PromotionSortInput:
    """A field and a direction."""

    field: PromotionSortField = strawberry.field(default=PromotionSortField.CREATED_AT, description="The sort key.")
    direction: SortDirection = strawberry.field(default=SortDirection.DESC, description="Ascending or descending.")
